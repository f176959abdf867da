// A follower's browser: goes where the presenter goes, moves thresholds with the presenter's hand, and may look away.

import { element, write } from "../shared/components/elements.js";
import { LED, tell } from "../shared/components/hands.js";
import { Line } from "./line.js";
import { besidesThresholds, isSettled, ownView, viewOf } from "./views.js";
import { Votes } from "./votes.js";

const AT_ONCE_MS = 20;
const SPREAD_MS = 400; // followers do not all ask at the same moment
const SETTLED_MS = 9000; // the deck itself takes thresholds over before
const REST_MS = 1000; // a page that runs anew would draw late what a hand moves meanwhile
const HAND_MS = 30000; // what a hand did here changes the address within, however slow the server
const HELD_MS = 4000; // the same of thresholds alone, which the presenter moves too
const OWN_MS = 300;

export class Following {
  /**
   * @param {string} key
   * @param {{ go: (address: string) => void, isAt: (address: string) => boolean }} window opens a view, says whether it
   *   is open
   * @param {() => void} left this browser follows no more
   */
  constructor(key, window, left) {
    this.key = key;
    this.window = window;
    this.left = left;
    /** @type {string | null} where the presenter is */
    this.shown = null;
    /** @type {string | null} where this browser went last; what a link cannot show is asked for once */
    this.asked = null;
    /** @type {import("../shared/components/hands.js").Move | null} */
    this.moved = null;
    this.movedAt = -REST_MS;
    this.isAway = false;
    this.isOver = false;
    this.timer = 0;
    this.touchedAt = -HAND_MS;
    this.own = ownView();
    this.words = element("span", { role: "status" });
    this.turn = element("button", { type: "button", on: { click: () => (this.isOver ? this.end() : this.look()) } });
    this.votes = new Votes((message) => this.line.say(message));
    this.votes.onDone = () => this.lead();
    this.root = element(
      "div",
      { class: "at-the-foot" },
      this.votes.root,
      element("div", { class: "bar" }, this.words, this.turn),
    );
    this.line = new Line(key, { kind: "follow" }, (message) => this.hear(message));
    this.onHand = (/** @type {Event} */ event) => this.touch(event);
    for (const name of ["pointerdown", "keydown"]) addEventListener(name, this.onHand, { capture: true });
    this.watch = setInterval(() => this.watchOwn(), OWN_MS);
    this.draw("Following");
  }

  /** @param {import("./types.js").Message} message */
  hear(message) {
    if (message.kind === "view") {
      this.shown = viewOf(message.address);
      this.schedule();
    } else if (message.kind === "move") {
      this.moved = message;
      this.movedAt = performance.now();
      this.lead();
    } else if (message.kind === "question") {
      this.votes.show(message);
    } else if (message.kind === "presenter") {
      this.draw(message.is_here ? "Following" : (message.words ?? ""));
    } else if (message.kind === "line") {
      this.draw(message.is_there ? "Following" : "No connection to the room; trying again");
    } else if (message.kind === "closed") {
      this.isOver = true;
      this.draw(message.words);
    }
  }

  /** Moves the thresholds of this window as the presenter's were moved last. */
  lead() {
    if (!this.isAway && !this.votes.isTrying && this.moved) tell(LED, this.moved);
  }

  /** Goes where the presenter is, soon; thresholds alone are the deck's matter first. */
  schedule() {
    clearTimeout(this.timer);
    if (this.isAway || this.shown === null || this.window.isAt(this.shown)) return;
    const isOfThresholds = besidesThresholds(this.shown) === besidesThresholds(ownView());
    const wait = isOfThresholds && this.shown.startsWith("thresholds") ? SETTLED_MS : AT_ONCE_MS;
    this.timer = setTimeout(() => this.arrive(), wait + Math.random() * SPREAD_MS);
  }

  arrive() {
    if (this.isAway || this.isOver || this.shown === null || this.shown === this.asked) return;
    if (this.window.isAt(this.shown)) return;
    const rest = this.movedAt + REST_MS - performance.now();
    if (rest > 0) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.arrive(), rest + Math.random() * SPREAD_MS);
      return;
    }
    this.asked = this.shown;
    this.touchedAt = -HAND_MS;
    this.window.go(this.shown);
  }

  /** @param {Event} event */
  touch(event) {
    if (event.isTrusted && !event.composedPath().includes(this.root)) this.touchedAt = performance.now();
  }

  /** Looks away by itself where a hand in this window went somewhere else. */
  watchOwn() {
    const view = ownView();
    if (view === this.own || !isSettled()) return;
    const isOfThresholds = besidesThresholds(view) === besidesThresholds(this.own);
    this.own = view;
    const isByHand = performance.now() - this.touchedAt < (isOfThresholds ? HELD_MS : HAND_MS);
    if (isByHand && !this.isAway && !this.isOver && view !== this.shown) this.look();
  }

  /** Looks away, or comes back. */
  look() {
    this.isAway = !this.isAway;
    this.asked = null;
    clearTimeout(this.timer);
    this.draw("Following");
    if (this.isAway) return;
    this.touchedAt = -HAND_MS;
    if (this.shown !== null && !this.window.isAt(this.shown)) this.arrive();
    else this.lead();
  }

  /** @param {string} words */
  draw(words) {
    write(this.words, this.isAway && !this.isOver ? "You look around on your own" : words);
    write(this.turn, this.isOver ? "Close" : this.isAway ? "Come back" : "Look around");
    this.root.dataset.state = this.isOver ? "over" : this.isAway ? "away" : "following";
  }

  end() {
    this.close();
    this.left();
  }

  close() {
    clearTimeout(this.timer);
    clearInterval(this.watch);
    for (const name of ["pointerdown", "keydown"]) removeEventListener(name, this.onHand, { capture: true });
    this.line.close();
    this.root.remove();
  }
}
