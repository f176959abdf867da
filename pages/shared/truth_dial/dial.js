// The truth dial: one group of choices per axis. A turn is told to the page at once, so that what counts in the browser
// follows in the same frame, and to Python, which answers with all else.

import { element, part } from "../components/elements.js";
import { nameOf, optionsFrom, TURNED, turnedTo } from "./positions.js";

/** @typedef {import("./types.js").DialData} DialData */

const STEPS = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 });
/** @type {WeakMap<Element, DialView>} */
const DIALS = new WeakMap();

class DialView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {DialData} */
    this.data = { axes: [], positions: [], chosen: "" };
    /** @type {string[]} */
    this.here = [];
    /** @type {string | null} where a hand has turned to, until Python is there too */
    this.ahead = null;
    this.drawn = "";
    this.send = (/** @type {string} */ _event, /** @type {unknown} */ _value) => {};
  }

  /**
   * @param {DialData} data
   * @param {import("../components/types.js").Component["setTriggerValue"]} send
   */
  receive(data, send) {
    this.data = data;
    this.send = send;
    if (this.ahead !== null && data.chosen !== this.ahead) return;
    this.ahead = null;
    this.here = data.positions.find((one) => nameOf(one) === data.chosen) ?? data.positions[0];
    this.draw();
  }

  /** Draws the choices where they changed: drawing takes the focus away. */
  draw() {
    const drawn = JSON.stringify([this.data.axes, this.data.positions, this.here]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const groups = this.data.axes.map((axis, place) => this.group(axis, place)).filter((one) => one !== null);
    this.root.replaceChildren(...groups);
    this.root.dataset.chosen = nameOf(this.here);
  }

  /**
   * One axis; null where nothing can be turned from here.
   * @param {import("./types.js").DialAxis} axis
   * @param {number} place
   */
  group({ title, help, options }, place) {
    const able = optionsFrom(this.data.positions, this.here, place);
    if (able.length < 2) return null;
    const shown = options.filter(({ name }) => able.includes(name));
    const buttons = shown.map(({ name, words }) => {
      const isChosen = name === this.here[place];
      return element(
        "button",
        {
          type: "button",
          role: "radio",
          class: "option",
          tabindex: isChosen ? "0" : "-1",
          "aria-checked": String(isChosen),
          data: { option: name },
          on: { click: () => this.turn(place, name), keydown: (event) => this.key(event, place, shown) },
        },
        words,
      );
    });
    const choices = element("span", { role: "radiogroup", class: "options", "aria-label": title }, ...buttons);
    return element("div", { class: "axis", title: help }, element("span", { class: "title" }, title), choices);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} place
   * @param {import("./types.js").DialOption[]} shown
   */
  key(event, place, shown) {
    const by = STEPS[event.key];
    if (!by) return;
    event.preventDefault();
    const at = shown.findIndex(({ name }) => name === this.here[place]);
    const { name } = shown[(at + by + shown.length) % shown.length];
    this.turn(place, name);
    const chosen = [...this.root.querySelectorAll("button")].find((one) => one.dataset.option === name);
    chosen?.focus();
  }

  /**
   * @param {number} place
   * @param {string} option
   */
  turn(place, option) {
    const next = turnedTo(this.data.positions, this.here, place, option);
    if (nameOf(next) === nameOf(this.here)) return;
    this.here = next;
    this.ahead = nameOf(next);
    dispatchEvent(new CustomEvent(TURNED, { detail: nameOf(next) }));
    this.draw();
    this.send("turned", nameOf(next));
  }
}

/** @param {import("../components/types.js").Component} component */
export default function truthDial({ data, parentElement, setTriggerValue }) {
  const place = part(parentElement, ".dial");
  const view = DIALS.get(place) ?? new DialView(place);
  DIALS.set(place, view);
  view.receive(data, setTriggerValue);
}
