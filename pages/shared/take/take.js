// What every chart, table and map gives: what is on the screen, taken along. Python puts words and a button with a menu
// beside each (`__init__.py`); this is once on a page and answers all of them.

import { element } from "../components/elements.js";
import { BUTTON, KIND, PLACE, filesOf, give, placeOf, toldOf } from "./files.js";
import { pictureOf, pngOf } from "./picture.js";
import { pasted } from "./plots.js";
import { Resting } from "./resting.js";
import { Whole } from "./whole.js";

/**
 * @typedef {{ name: string, act: () => Promise<void> | void }} Entry
 */

const APP = '[data-testid="stApp"]';
const DIALOG = '[role="dialog"]';
const MENU = ".take-menu";
const NO_COPY = "A browser lets a page copy only over https, or on the computer that the app runs on.";

class Menu {
  /**
   * @param {HTMLElement} button
   * @param {boolean} isHeld whether it stays, with the focus, until it is used or left by a click or key; else it
   *   goes with the mouse
   */
  constructor(button, isHeld) {
    this.button = button;
    this.isHeld = false;
    this.told = toldOf(button);
    this.place = placeOf(button);
    this.said = element("p", { role: "status" });
    this.entries = this.offered().map(({ name, act }) =>
      element("button", { type: "button", role: "menuitem", on: { click: () => this.run(act) } }, name),
    );
    const list = element("div", { role: "menu", "aria-label": `Take along: ${this.told.title}` }, ...this.entries);
    this.root = element("div", { class: "take-menu" }, list, this.said);
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    const app = document.querySelector(APP) ?? document.body;
    this.root.style.backgroundColor = getComputedStyle(app).backgroundColor;
    (button.closest(DIALOG) ?? app).append(this.root); // beside a dialog all is inert
    this.stand();
    button.setAttribute("aria-expanded", "true");
    if (isHeld) this.hold();
  }

  hold() {
    this.isHeld = true;
    this.entries[0].focus();
  }

  stand() {
    const { right, top, bottom } = this.button.getBoundingClientRect();
    const { width, height } = this.root.getBoundingClientRect();
    const isBelow = bottom + 2 + height < innerHeight; // else above: the button stays in sight
    this.put(Math.max(4, right - width), isBelow ? bottom + 2 : Math.max(4, top - height - 2));
  }

  /**
   * Puts its corner there in the window, wherever what is around it counts from.
   * @param {number} left
   * @param {number} top
   */
  put(left, top) {
    const now = this.root.getBoundingClientRect();
    const { offsetLeft, offsetTop } = this.root;
    this.root.style.left = `${left - now.left + offsetLeft}px`;
    this.root.style.top = `${top - now.top + offsetTop}px`;
  }

  /** @returns {Entry[]} */
  offered() {
    const { csv, kinds } = filesOf(this.place, this.told);
    return [
      ...kinds.map(({ name, ending }) => ({ name, act: () => this.give(ending) })),
      { name: "Copy picture", act: () => this.copy({ "image/png": pictureOf(this.place, this.told).then(pngOf) }) },
      ...(csv === null ? [] : [{ name: "Copy data", act: () => this.copy({ "text/plain": pasted(csv) }) }]),
    ];
  }

  /** @param {string} ending */
  async give(ending) {
    await give(this.place, this.told, ending);
    this.close();
  }

  /** @param {Record<string, string | Promise<Blob>>} content */
  async copy(content) {
    if (!navigator.clipboard || !globalThis.ClipboardItem) throw new Error(NO_COPY);
    const blobs = Object.entries(content).map(([type, data]) => [
      type,
      typeof data === "string" ? new Blob([data], { type }) : data,
    ]);
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
    this.close();
  }

  /** @param {Entry["act"]} act */
  async run(act) {
    this.isHeld = true; // what went wrong is read in it
    this.said.textContent = "…";
    try {
      await act();
    } catch (error) {
      this.say(error);
    }
  }

  /** @param {unknown} error */
  say(error) {
    this.said.textContent = error instanceof Error ? error.message : String(error);
    this.stand();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Tab") this.close();
    if (!step) return;
    event.preventDefault();
    const now = this.entries.findIndex((entry) => entry === document.activeElement);
    this.entries[(now + step + this.entries.length) % this.entries.length].focus();
  }

  close() {
    if (!this.root.isConnected) return;
    const hadFocus = this.root.contains(document.activeElement);
    this.root.remove();
    this.button.setAttribute("aria-expanded", "false");
    if (hadFocus) this.button.focus();
  }
}

/** @param {import("../components/types.js").Component} component */
export default function takeFigures({ parentElement }) {
  const own = parentElement instanceof Element && parentElement.closest('[data-testid="stElementContainer"]');
  if (own instanceof HTMLElement) own.style.display = "none"; // it has nothing to show, and would leave a gap
  /** @type {Menu | null} */
  let open = null;
  /** Gives a file; the menu says what went wrong. */
  const giveAt = async (/** @type {HTMLElement} */ at, ending = at.dataset.ending ?? "") => {
    const place = at.closest(PLACE);
    const button = place?.querySelector(BUTTON);
    if (!place || !(button instanceof HTMLElement)) return;
    at.ariaBusy = "true";
    try {
      await give(place, toldOf(button), ending);
    } catch (error) {
      open?.close();
      open = new Menu(button, true);
      open.say(error);
    }
    at.ariaBusy = null;
  };
  const onClick = (/** @type {Event} */ event) => {
    resting.decided();
    if (!(event.target instanceof Element) || open?.root.contains(event.target)) return;
    const kind = event.target.closest(KIND);
    if (kind instanceof HTMLElement) giveAt(kind);
    const button = event.target.closest(BUTTON);
    const isSame = open?.root.isConnected && open.button === button;
    if (isSame && !open?.isHeld) return open?.hold();
    open?.close();
    open = button instanceof HTMLElement && !isSame ? new Menu(button, true) : null;
  };
  const resting = new Resting(
    BUTTON,
    MENU,
    (button) => {
      if (open?.root.isConnected && open.button === button) return;
      open?.close();
      open = new Menu(button, false);
    },
    () => !open?.isHeld && open?.close(),
  );
  const onEscape = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || !open?.root.isConnected) return;
    open.close();
    event.preventDefault(); // it closes nothing else
    event.stopPropagation();
  };
  const whole = new Whole();
  const onScroll = () => open?.stand();
  const onPng = (/** @type {Event} */ event) => {
    const place = event.composedPath().find((one) => one instanceof HTMLElement && one.matches(PLACE));
    if (place instanceof HTMLElement) giveAt(place, "png");
  };
  document.addEventListener("take-png", onPng);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onEscape, true);
  document.addEventListener("scroll", onScroll, true);
  return () => {
    open?.close();
    whole.end();
    resting.end();
    document.removeEventListener("take-png", onPng);
    document.removeEventListener("click", onClick);
    document.removeEventListener("keydown", onEscape, true);
    document.removeEventListener("scroll", onScroll, true);
  };
}
