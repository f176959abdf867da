// Presenting to a room: a key hides what is not content and enlarges type, arrow keys walk a story, a card lists keys.

import { element, write } from "../shared/components/elements.js";
import { ownView, viewOf } from "./views.js";

const LARGER = 1.4;
const PRESENTING = "presenting"; // of the page's root element, and in the window's own store
const TYPED =
  "input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]";
const TAKES_ARROWS =
  "input, textarea, select, [contenteditable], canvas, [role=slider], [role=radio], [role=tab], [role=option], " +
  "[role=combobox], [role=listbox], [role=menuitem], [role=grid], [aria-keyshortcuts]";
const NOT_CONTENT = [
  '[data-testid="stSidebar"]',
  '[data-testid="stHeader"]',
  '[data-testid="stExpandSidebarButton"]',
  '[data-testid="stCaptionContainer"]',
  ".st-key-header-actions",
  ".st-key-header-product",
];
const STYLE = `
html[data-presenting] :is(${NOT_CONTENT.join(", ")}) { display: none !important; }
html[data-presenting] [data-testid="stMainBlockContainer"] { zoom: ${LARGER}; padding: 0 2rem 6rem !important; }
html[data-presenting] [data-testid="stPlotlyChart"] { zoom: ${1 / LARGER}; } /* it takes pointers where it drew them */
html[data-presenting] [data-testid="stMain"]:focus-visible { outline: none; box-shadow: none; }
html[data-presenting] [data-testid="stMain"]:focus-visible::before,
html[data-presenting] [data-testid="stMain"]:focus-visible::after { display: none; }`;
/** @type {[string, string][]} */
const KEYS = [
  ["P", "Present: hide what is not content, larger type; again to end"],
  ["→ or Page Down", "Next view of the story"],
  ["← or Page Up", "View before"],
  ["B", "Back to where we were, after a detour"],
  ["?", "This card"],
  ["Esc", "Close this card; end presenting"],
  ["Arrows, Home, End on a threshold", "Move it; with Shift by twenty"],
  ["Ctrl+Z on a threshold", "Take the last move back"],
  ["Arrows, + and − on the map", "Pan, zoom; Esc takes the lasso off, then the legend"],
  ["M, C, O, 1 on a film", "Map, its contour, outlines, one reader's"],
  ["Arrows on a film of a threshold", "The film before, the one after"],
  ["+, −, 0, S, arrows on a film", "Zoom, all of it, save, other films"],
];

export class Stage {
  /** @param {(address: string) => void} go opens a view */
  constructor(go) {
    this.go = go;
    /** @type {import("./types.js").Slide[]} */
    this.slides = [];
    this.place = -1;
    /** @type {string | null} where we were before a detour */
    this.home = null;
    this.asked = "";
    document.head.append(element("style", {}, STYLE));
    this.count = element("span", { class: "count" });
    this.sentence = element("span", { class: "sentence", role: "status" });
    this.back = button("Back to where we were", "B", () => this.goBack());
    this.root = element(
      "div",
      { class: "story", hidden: true },
      button("‹", "View before", () => this.walk(-1)),
      this.count,
      this.sentence,
      button("›", "Next view", () => this.walk(1)),
      this.back,
    );
    this.card = cardOf();
    addEventListener("keydown", (event) => this.key(event));
    setInterval(() => this.draw(), 300);
    if (sessionStorage.getItem(PRESENTING)) this.present(true);
  }

  get isPresenting() {
    return PRESENTING in document.documentElement.dataset;
  }

  /** @param {import("./types.js").Slide[]} slides */
  receive(slides) {
    this.slides = slides;
    this.place = Math.min(this.place, slides.length - 1);
    this.draw();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = event.composedPath()[0];
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !(target instanceof Element))
      return;
    if (target.closest(TYPED)) return;
    if (this.act(event.key, target)) event.preventDefault();
  }

  /**
   * @param {string} key
   * @param {Element} target
   */
  act(key, target) {
    if (key === "Escape") return this.escape();
    if (key === "?") return this.show(!this.card.open);
    if (key === "p" || key === "P") return this.present(!this.isPresenting);
    if (!this.isPresenting) return false;
    if (key === "b" || key === "B") return this.goBack();
    const by = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[key];
    return by !== undefined && !target.closest(TAKES_ARROWS) && this.walk(by);
  }

  escape() {
    if (this.card.open) return this.show(false);
    return this.isPresenting && this.present(false);
  }

  /** @param {boolean} isShown */
  show(isShown) {
    if (isShown) this.card.showModal();
    else this.card.close();
    return true;
  }

  /**
   * Hides what is not content and enlarges type, or brings both back.
   * @param {boolean} isOn
   */
  present(isOn) {
    const { dataset } = document.documentElement;
    if (isOn) {
      dataset[PRESENTING] = "";
      sessionStorage.setItem(PRESENTING, "1");
      this.home = ownView();
    } else {
      delete dataset[PRESENTING];
      sessionStorage.removeItem(PRESENTING);
    }
    dispatchEvent(new Event("resize")); // what is drawn to measure is drawn anew
    this.draw();
    return true;
  }

  /** @param {number} by */
  walk(by) {
    const place = Math.min(Math.max(this.place + by, 0), this.slides.length - 1);
    if (!this.slides.length) return false;
    this.place = place;
    this.open(viewOf(this.slides[place].address));
    return true;
  }

  goBack() {
    if (this.home === null || this.home === ownView()) return false;
    this.open(this.home);
    return true;
  }

  /** @param {string} view */
  open(view) {
    this.home = view;
    this.asked = view;
    this.draw();
    this.go(view);
  }

  draw() {
    const view = ownView();
    if (view === this.asked) this.asked = "";
    const slide = this.slides[this.place];
    const isAway = this.isPresenting && this.home !== null && this.asked === "" && pageOf(view) !== pageOf(this.home);
    this.back.hidden = !isAway;
    this.root.hidden = !this.isPresenting || (!this.slides.length && !isAway);
    this.root.classList.toggle("without", !this.slides.length);
    write(this.count, this.slides.length ? `${this.place + 1} / ${this.slides.length}` : "");
    write(this.sentence, slide?.sentence ?? "");
  }
}

/** @param {string} view */
function pageOf(view) {
  const [page, query = ""] = view.split("?");
  return [page, new URLSearchParams(query).get("film"), new URLSearchParams(query).get("study")].join(" ");
}

/**
 * @param {string} text
 * @param {string} title
 * @param {() => unknown} act
 */
function button(text, title, act) {
  return element("button", { type: "button", title, on: { click: act } }, text);
}

function cardOf() {
  const rows = KEYS.map(([keys, words]) => element("tr", {}, element("th", {}, keys), element("td", {}, words)));
  const close = element("button", { type: "button" }, "Close");
  const title = element("h2", {}, "Keys");
  const card = element("dialog", { class: "keys", "aria-label": "Keys" }, title, element("table", {}, ...rows), close);
  close.addEventListener("click", () => card.close());
  return card;
}
