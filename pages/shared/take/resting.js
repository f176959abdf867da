// A mouse that rests on a button opens its menu; one that has left both closes it.

const OPENS_MS = 120;
const CLOSES_MS = 300;

export class Resting {
  /**
   * @param {string} button that is rested on, as a selector
   * @param {string} menu that belongs to it, likewise
   * @param {(button: HTMLElement) => void} open
   * @param {() => void} close
   */
  constructor(button, menu, open, close) {
    this.selectors = { button, menu };
    this.open = open;
    this.close = close;
    this.isOver = false;
    /** @type {HTMLElement | null} */
    this.rested = null;
    this.ended = new AbortController();
    const { signal } = this.ended;
    document.addEventListener("pointermove", (event) => this.onMove(event), { signal, passive: true });
    document.documentElement.addEventListener("pointerleave", (event) => this.onLeave(event), { signal });
  }

  /** @param {PointerEvent} event a move by hand: what scrolls below a mouse that stands still is not rested on */
  onMove({ pointerType, buttons, target }) {
    if (pointerType !== "mouse" || !(target instanceof Element)) return;
    const button = target.closest(this.selectors.button);
    if (!(button instanceof HTMLElement)) this.forget();
    else if (button !== this.rested && !buttons) this.begin(button);
    if (button || target.closest(this.selectors.menu)) this.stay();
    else if (this.isOver) this.leave();
  }

  /** @param {PointerEvent} event the mouse is out of the window */
  onLeave({ pointerType }) {
    if (pointerType !== "mouse") return;
    this.forget();
    if (this.isOver) this.leave();
  }

  /** @param {HTMLElement} button */
  begin(button) {
    this.forget();
    this.rested = button;
    this.opening = setTimeout(() => this.open(button), OPENS_MS);
  }

  /** What is rested on opens no more, until it is come to again. */
  forget() {
    clearTimeout(this.opening);
    this.rested = null;
  }

  /** A click decides instead. */
  decided() {
    clearTimeout(this.opening);
  }

  stay() {
    clearTimeout(this.closing);
    this.isOver = true;
  }

  leave() {
    this.isOver = false;
    this.closing = setTimeout(() => this.close(), CLOSES_MS);
  }

  end() {
    this.ended.abort();
    clearTimeout(this.opening);
    clearTimeout(this.closing);
  }
}
