// The presenter's browser: says where it is and what moves under the hand, and hears how many follow.

import { element, write } from "../shared/components/elements.js";
import { MOVED } from "../shared/components/hands.js";
import { Line } from "./line.js";
import { isSettled, ownView } from "./views.js";
import { Votes } from "./votes.js";

const LOOK_MS = 120;
const STEADY_MS = 200; // an address that changed is looked at again
const LONGEST_MS = 2000; // a page that runs for longer is shown before it has ended

export class Presenting {
  /** @param {import("./types.js").Presented} room */
  constructor({ key, secret, address, picture }) {
    this.key = key;
    this.said = "";
    this.seen = "";
    this.since = 0;
    /** @type {object | null} a move that the line did not take */
    this.late = null;
    this.words = element("span", { role: "status" }, "Presenting");
    this.votes = new Votes(null);
    const code = codeOf(address, picture);
    const button = element("button", { type: "button", on: { click: () => code.showModal() } }, "Code");
    const bar = element("div", { class: "bar" }, this.words, button);
    this.root = element("div", { class: "at-the-foot" }, this.votes.root, bar, code);
    this.line = new Line(key, { kind: "present", secret }, (message) => this.hear(message));
    this.onMoved = (/** @type {Event} */ event) => this.move(/** @type {CustomEvent} */ (event).detail);
    addEventListener(MOVED, this.onMoved);
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** @param {import("./types.js").Message} message */
  hear(message) {
    if (message.kind === "line") {
      this.said = "";
      if (!message.is_there) write(this.words, "Presenting · no connection, trying again");
    } else if (message.kind === "count") {
      const answers = this.votes.isAsked ? ` · ${message.answers} answered` : "";
      write(this.words, `Presenting · ${message.followers} follow${answers}`);
    } else if (message.kind === "question") {
      this.votes.show(message);
    } else if (message.kind === "closed") {
      this.close();
    }
  }

  /** Says where this window is, once that stands. */
  look() {
    if (this.late && this.line.say(this.late)) this.late = null;
    const view = ownView();
    const now = performance.now();
    if (view !== this.seen) {
      this.seen = view;
      this.since = now;
    }
    const age = now - this.since;
    if (view === this.said || age < STEADY_MS || (!isSettled() && age < LONGEST_MS)) return;
    if (this.line.say({ kind: "view", address: view, title: document.title })) this.said = view;
  }

  /** @param {import("../shared/components/hands.js").Move} move */
  move(move) {
    const message = { kind: "move", ...move };
    this.late = this.line.say(message) || move.is_held ? null : message;
  }

  close() {
    clearInterval(this.timer);
    removeEventListener(MOVED, this.onMoved);
    this.line.close();
    this.root.remove();
  }
}

/**
 * The room's address, to be read and photographed from the back of it.
 * @param {string} address
 * @param {string} picture
 */
function codeOf(address, picture) {
  const close = element("button", { type: "button" }, "Close");
  const image = element("img", { src: picture, alt: "The address as a QR code" });
  const card = element("dialog", { class: "code" }, image, element("strong", {}, address), close);
  close.addEventListener("click", () => card.close());
  return card;
}
