// Presenting to a room: a key hides what is not content and enlarges type, arrow keys walk a story, a card lists keys.

import { element, write } from "../shared/components/elements.js";
import { ownView, viewOf } from "./views.js";

const LARGER = 1.4;
const PRESENTING = "presenting"; // of the page's root element, and in the window's own store
const CLICKED_MS = 50; // a click comes to its end before the page changes
const BEGIN = ".st-key-meeting-begin button"; // Python's buttons, which do the same as the keys
const BEGIN_STORY = ".st-key-meeting-begin-story button";
const TYPED =
  "input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]";
const TAKES_ARROWS =
  "input, textarea, select, [contenteditable], canvas, [role=slider], [role=radio], [role=tab], [role=option], " +
  "[role=combobox], [role=listbox], [role=menuitem], [role=grid], [aria-keyshortcuts]";
const TAKES_PAGES = "textarea, select, [contenteditable], [role=option], [role=combobox], [role=listbox]";
const NOT_CONTENT = [
  '[data-testid="stSidebar"]',
  '[data-testid="stHeader"]',
  '[data-testid="stExpandSidebarButton"]',
  '[data-testid="stCaptionContainer"]',
  ".st-key-header-actions",
  ".st-key-header-product",
  ".take-kinds",
];
const STYLE = `
html[data-presenting] :is(${NOT_CONTENT.join(", ")}) { display: none !important; }
html[data-presenting] { --larger: ${LARGER}; }
html[data-presenting] [data-testid="stMainBlockContainer"] { zoom: var(--larger); padding: 0 2rem 2rem !important; }
@media (max-width: 640px) { /* a phone has no room for larger type */
  html[data-presenting] { --larger: 1; }
  html[data-presenting] [data-testid="stMainBlockContainer"] { padding: 0 0.8rem 2rem !important; }
}
html[data-presenting] [data-testid="stMain"] { height: calc(100dvh - var(--story-height, 0px)); }
html[data-presenting] [data-testid="stElementContainer"]:has([data-testid="stDataFrame"]) {
  /* of a table that sorts, which takes the width that it sees for one before it was enlarged */
  width: calc(100% / var(--larger));
}
/* a chart takes pointers where it drew them */
html[data-presenting] [data-testid="stPlotlyChart"] { zoom: calc(1 / var(--larger)); }
html[data-presenting] [data-testid="stMain"]:focus-visible { outline: none; box-shadow: none; }
html[data-presenting] [data-testid="stMain"]:focus-visible::before,
html[data-presenting] [data-testid="stMain"]:focus-visible::after { display: none; }`;
/** @type {[string, string][]} */
const KEYS = [
  ["P", "Present: hide what is not content, larger type; again to end"],
  ["→ or Page Down", "Next view of the story; the first at its start"],
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
    this.back = button("Back to where we were", "Back to where we were (B)", () => this.goBack());
    this.before = button("‹", "View before", () => this.walk(-1));
    this.next = button("›", "Next view", () => this.walk(1));
    this.end = button("×", "End presenting", () => this.present(false));
    this.root = element(
      "div",
      { class: "story", hidden: true },
      this.before,
      this.count,
      this.sentence,
      this.next,
      this.back,
      this.end,
    );
    new ResizeObserver(() => this.reserve()).observe(this.root);
    this.card = cardOf();
    addEventListener("keydown", (event) => this.click(event), { capture: true });
    addEventListener("keydown", (event) => this.key(event));
    addEventListener("click", ({ target }) => target instanceof Element && this.begin(target), { capture: true });
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

  /**
   * Presents at a click on one of Python's buttons; the popover that holds it closes as at Esc.
   * @param {Element} target
   */
  begin(target) {
    const isStory = target.closest(BEGIN_STORY) !== null;
    if (!isStory && target.closest(BEGIN) === null) return;
    setTimeout(() => {
      target.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
      this.present(true);
      if (isStory) this.walkTo(0);
    }, CLICKED_MS);
  }

  /**
   * What a clicker sends walks the story also from a threshold, which would take these keys for its own.
   * @param {KeyboardEvent} event
   */
  click(event) {
    const by = { PageDown: 1, PageUp: -1 }[event.key];
    const target = targetOf(event);
    if (by === undefined || !target || target.closest(TAKES_PAGES)) return;
    if (!this.isPresenting || !this.slides.length) return;
    if (this.walk(by) || target.closest(TAKES_ARROWS)) event.preventDefault();
    event.stopPropagation();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = targetOf(event);
    if (target && this.act(event.key, target)) event.preventDefault();
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
    const by = { ArrowRight: 1, ArrowLeft: -1 }[key];
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
    return this.walkTo(this.place + by);
  }

  /** @param {number} place whether there is a view at this place; it is opened */
  walkTo(place) {
    if (place < 0 || place >= this.slides.length) return false;
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
    const { length } = this.slides;
    if (view === this.asked) this.asked = "";
    if (this.place < 0) this.place = this.slides.findIndex(({ address }) => viewOf(address) === view);
    const isAway = this.isPresenting && this.home !== null && this.asked === "" && !isOf(view, this.home);
    this.back.hidden = !isAway;
    this.root.hidden = !this.isPresenting;
    this.root.classList.toggle("without", !length);
    this.before.ariaDisabled = String(this.place < 1);
    this.next.ariaDisabled = String(this.place >= length - 1);
    const views = `${length} ${length === 1 ? "view" : "views"}`;
    write(this.count, this.place < 0 ? "Start" : `${this.place + 1} / ${length}`);
    write(this.sentence, this.place < 0 ? `A story of ${views}: → opens the first` : this.slides[this.place].sentence);
    this.reserve();
  }

  /** The page ends above the bar: nothing lies behind it. */
  reserve() {
    const isBar = !this.root.hidden && this.slides.length > 0;
    const { style } = document.documentElement;
    if (isBar) style.setProperty("--story-height", `${this.root.getBoundingClientRect().height}px`);
    else style.removeProperty("--story-height");
  }
}

/**
 * Where a plain key was pressed; null where it was taken already, goes with another, or is typed.
 * @param {KeyboardEvent} event
 */
function targetOf(event) {
  const target = event.composedPath()[0];
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return null;
  return target instanceof Element && !target.closest(TYPED) ? target : null;
}

/**
 * Whether a view is of the page, study and film of another, as far as that one names them.
 * @param {string} view
 * @param {string} home
 */
function isOf(view, home) {
  const [[page, query], [ofHome, queryOfHome]] = [view, home].map((one) => one.split("?"));
  const [asked, said] = [query, queryOfHome].map((one) => new URLSearchParams(one));
  return page === ofHome && ["film", "study"].every((name) => !said.has(name) || said.get(name) === asked.get(name));
}

/**
 * @param {string} text
 * @param {string} title
 * @param {() => unknown} act
 */
function button(text, title, act) {
  return element("button", { type: "button", title, "aria-label": title, on: { click: act } }, text);
}

function cardOf() {
  const rows = KEYS.map(([keys, words]) => element("tr", {}, element("th", {}, keys), element("td", {}, words)));
  const close = element("button", { type: "button" }, "Close");
  const title = element("h2", {}, "Keys");
  const card = element("dialog", { class: "keys", "aria-label": "Keys" }, title, element("table", {}, ...rows), close);
  close.addEventListener("click", () => card.close());
  return card;
}
