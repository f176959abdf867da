// Thresholds that another hand moves: a presenter's, whose every move is drawn, or one's own that tries an answer.

import { LED, TRIED } from "../../shared/components/hands.js";

const REST_MS = 1200; // after the presenter's hand let go
const SPREAD_MS = 4000; // those who follow do not all ask Python at the same moment

/** Takes moves of others into a deck, one a frame. */
export class Led {
  /** @param {import("./types.js").Led} deck */
  constructor(deck) {
    this.deck = deck;
    /** @type {import("../../shared/components/hands.js").Move | null} the last one that was not drawn yet */
    this.next = null;
    /** @type {import("./types.js").Cuts | null} what stood before a threshold was tried */
    this.before = null;
    this.frame = 0;
    this.timer = 0;
    this.isWaiting = false; // whether Python has not been told of a move
    this.onLed = (/** @type {Event} */ event) => this.lead(/** @type {CustomEvent} */ (event).detail);
    this.onTried = (/** @type {Event} */ event) => this.tryOne(/** @type {CustomEvent} */ (event).detail);
    addEventListener(LED, this.onLed);
    addEventListener(TRIED, this.onTried);
  }

  /** @param {import("../../shared/components/hands.js").Move} move */
  lead(move) {
    this.next = move;
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  /** Draws the last move; one of other scores or films is of another page. */
  draw() {
    this.frame = 0;
    const { deck, next } = this;
    this.next = null;
    if (!next || !deck.said || !deck.deck || deck.grabbed) return;
    if (next.token !== deck.data.token) return;
    clearTimeout(this.timer);
    const before = deck.cuts;
    const isNew = JSON.stringify(before) !== JSON.stringify({ values: next.values, uppers: next.uppers });
    this.show(next.finding, { values: next.values, uppers: next.uppers });
    const isWaiting = isNew || this.isWaiting;
    this.isWaiting = isWaiting;
    if (next.is_held || !isWaiting) return;
    this.timer = setTimeout(
      () => {
        this.isWaiting = false;
        deck.commit(null);
      },
      REST_MS + Math.random() * SPREAD_MS,
    );
  }

  /**
   * One threshold of a class, as an answer would have it; null puts back what was there. Python is told of neither.
   * @param {import("../../shared/components/hands.js").Trial} trial
   */
  tryOne(trial) {
    const { deck } = this;
    if (!deck.said || !deck.deck || deck.grabbed) return;
    const before = this.before ?? deck.cuts;
    const place = trial ? deck.deck.classes.findIndex(({ name }) => name === trial.finding) : -1;
    if (!trial || place < 0) {
      if (this.before) deck.take(this.before);
      this.before = null;
      deck.show();
      return;
    }
    this.before = before;
    const values = before.values.map((value, index) => (index === place ? trial.value : value));
    const uppers = before.uppers && before.uppers.map((upper, index) => (index === place ? trial.value : upper));
    this.show(trial.finding, { values, uppers });
  }

  /**
   * @param {string} finding
   * @param {import("./types.js").Cuts} cuts
   */
  show(finding, cuts) {
    const { deck } = this;
    deck.said = { ...deck.data, chosen: finding };
    deck.listed = "changed";
    deck.take(cuts);
    deck.draw(null);
    deck.root.dataset.ledAt = String(performance.now());
  }

  close() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    removeEventListener(LED, this.onLed);
    removeEventListener(TRIED, this.onTried);
  }
}
