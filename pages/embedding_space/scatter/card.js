// The card of the film under the pointer: what the map knows at once, then what the app's server says.

import { addressOf } from "../../shared/components/addresses.js";
import { element } from "../../shared/components/elements.js";

/** @typedef {import("./types.js").Film} Film */

const MOST_KNOWN = 500;
const PAUSE_MS = 40; // that a pointer rests on a film before the server is asked

export class Card {
  /**
   * @param {HTMLElement} box where it is shown
   * @param {HTMLElement} whole what it must stay within
   */
  constructor(box, whole) {
    this.box = box;
    this.whole = whole;
    /** @type {Map<string, Film>} */
    this.known = new Map();
    this.address = "";
    this.asking = 0;
  }

  hide() {
    clearTimeout(this.asking);
    this.address = "";
    this.box.hidden = true;
  }

  /**
   * Shows a film beside its point.
   * @param {import("./types.js").Spot} spot in pixels of the whole
   * @param {string} words for until the server has answered
   * @param {string | null} address where the server says more; null where it does not
   */
  show(spot, words, address) {
    clearTimeout(this.asking);
    this.spot = spot;
    this.address = address ?? "";
    this.box.hidden = false;
    const known = this.known.get(this.address);
    this.fill(known ?? { title: words });
    if (this.address && !known) this.asking = setTimeout(() => this.ask(this.address), PAUSE_MS);
  }

  /** @param {string} address */
  async ask(address) {
    const answer = await fetch(addressOf(address));
    if (!answer.ok) return;
    const film = await answer.json();
    if (this.known.size > MOST_KNOWN) this.known.clear();
    this.known.set(address, film);
    if (this.address === address) this.fill(film);
  }

  /** @param {Film} film */
  fill({ title, picture, findings, scores }) {
    this.box.replaceChildren(element("b", {}, title));
    if (picture) this.box.append(element("img", { src: addressOf(picture), alt: title }));
    if (findings) this.box.append(element("div", {}, findings));
    if (scores?.rows.length) {
      const heads = line("th", scores.heads);
      this.box.append(element("table", {}, heads, ...scores.rows.map((cells) => line("td", cells))));
    }
    this.put();
  }

  /** Puts the card where it hides neither its point nor itself. */
  put() {
    if (!this.spot) return;
    const { box } = this;
    const [x, y] = this.spot;
    const whole = this.whole.getBoundingClientRect();
    const left = x + 16 + box.offsetWidth > whole.width ? x - 16 - box.offsetWidth : x + 16;
    box.style.left = `${Math.max(0, left)}px`;
    const lowest = Math.min(whole.height, window.innerHeight - whole.top - 6) - box.offsetHeight;
    box.style.top = `${Math.max(0, -whole.top, Math.min(y - 20, lowest))}px`;
  }
}

/**
 * @param {"th" | "td"} kind
 * @param {string[]} cells
 */
function line(kind, cells) {
  return element("tr", {}, ...cells.map((cell) => element(kind, {}, cell)));
}
