// What stays in sight beside the rows: the class in hand in large figures, and its films as small pictures: those that
// the hand has just changed, or those that a count is of.

import { element, listen, write } from "../../shared/components/elements.js";
import { LiveTiles, pictureOf } from "../../shared/gallery/tiles.js";
import { changeWords, countOf, countWords, percent, saidOf, share, shortest } from "./row.js";

/**
 * @typedef {import("./metrics.js").ClassCounts} ClassCounts
 * @typedef {import("./types.js").CellKind} CellKind
 * @typedef {import("./types.js").ClassFigures} ClassFigures
 * @typedef {import("./types.js").FilmList} FilmList
 * @typedef {import("./types.js").Listing} Listing
 */

/** @type {CellKind[]} */
const CELL_KINDS = ["found", "missed", "false_alarms", "silent"];
const PAGE = 12; // films listed at a time
/** @type {[import("./types.js").FilmAct, string][]} */
const ACTS = [
  ["saliency", "Do you trust it? Where do the models look?"],
  ["embedding_space", "On the map"],
];

/** What the films that a line passed became, positives and negatives: on its way down, and up. */
const BECAME = {
  threshold: [
    ["newly found", "new false alarms"],
    ["newly missed", "false alarms gone"],
  ],
  upper: [
    ["newly ruled in, positive", "newly ruled in, negative"],
    ["no longer ruled in, positive", "no longer ruled in, negative"],
  ],
};

/**
 * The films that a move between two steps changed: two lists, those next to the line first.
 * @param {ClassCounts} one
 * @param {{ thumb: import("./types.js").Thumb, before: number, after: number }} move
 * @param {number} most
 * @returns {FilmList[]}
 */
export function changedFilms(one, { thumb, before, after }, most) {
  const isLower = after < before;
  const [from, to] = isLower ? [after, before] : [before, after];
  const words = BECAME[thumb][isLower ? 0 : 1];
  return words.map((title, place) => ({
    title,
    number: one.countBetween(from, to, 1 - place),
    films: () => one.filmsBetween(from, to, 1 - place, { most, isDown: !isLower }),
  }));
}

/**
 * The films of a cell, those next to the threshold first.
 * @param {ClassCounts} one
 * @param {CellKind} kind
 * @param {number} most
 * @returns {FilmList}
 */
export function filmsOf(one, kind, most) {
  const label = kind === "found" || kind === "missed" ? 1 : 0;
  const isCalled = kind === "found" || kind === "false_alarms";
  const [from, to] = isCalled ? [one.step, one.nSteps - 1] : [0, one.step];
  return {
    title: saidOf(kind),
    number: one.countBetween(from, to, label),
    films: () => one.filmsBetween(from, to, label, { most, isDown: !isCalled }),
  };
}

/**
 * Films of both labels between two steps: what two cuts leave to a reader, or settle as positive.
 * @param {ClassCounts} one
 * @param {"left" | "ruled_in"} kind
 * @param {number} most
 * @returns {FilmList[]}
 */
export function settledFilms(one, kind, most) {
  const [from, to] = kind === "left" ? [one.step, one.upperStep] : [one.upperStep, one.nSteps - 1];
  const words = kind === "left" ? "left to a reader" : "ruled in";
  return [1, 0].map((label) => ({
    title: `${words}, ${label ? "positive" : "negative"}`,
    number: one.countBetween(from, to, label),
    films: () => one.filmsBetween(from, to, label, { most, isDown: false }),
  }));
}

/**
 * The lists of what the pane shows.
 * @param {ClassCounts} one
 * @param {Listing} kind
 * @param {{ thumb: import("./types.js").Thumb, before: number, after: number }} move since the reference
 * @param {number} most
 */
function listsOf(one, kind, move, most) {
  if (kind === "changed") return changedFilms(one, move, most);
  return kind === "left" || kind === "ruled_in" ? settledFilms(one, kind, most) : [filmsOf(one, kind, most)];
}

/** The pane. */
export class Pane {
  /**
   * @param {HTMLElement} overall the figures over all classes, which stand in it
   * @param {HTMLElement} clinic the dial to another prevalence
   * @param {import("./types.js").FigureShown[]} figures of a class
   * @param {import("./types.js").PaneHandlers} on
   */
  constructor(overall, clinic, figures, on) {
    this.clinic = clinic;
    this.on = on;
    this.figures = figures;
    this.most = PAGE;
    this.key = "";
    this.name = element("div", { class: "in-hand" });
    this.counts = CELL_KINDS.map((kind) => this.count(kind));
    this.settled = ["missed", "left", "ruled_in"].map((kind) => this.sentence(/** @type {Listing} */ (kind)));
    this.settledOverall = element("div", { class: "settled small", "data-settled-overall": "" });
    this.values = figures.map(({ name }) => element("span", { "data-in-hand": name }));
    const told = figures.map(({ title, help }, place) =>
      element("span", { title: help }, `${title} `, this.values[place]),
    );
    this.lists = [0, 1].map(() => this.list());
    this.none = element("p", { class: "none" });
    this.more = element("button", { type: "button", class: "tool", on: { click: () => this.showMore() } }, "More");
    this.all = element(
      "button",
      { type: "button", class: "tool", on: { click: () => on.selectAll() } },
      "All on the map",
    );
    this.film = element("div", { class: "film", role: "group", "aria-label": "Film", tabindex: -1 });
    listen(this.film, { keydown: (/** @type {KeyboardEvent} */ event) => this.press(event) });
    this.opened = -1; // the row of the film that is looked at
    /** @type {import("./types.js").FilmAct[]} */
    this.acts = [];
    this.all.classList.add("beside-title"); // in sight however many films follow
    const lists = this.lists.map(({ root }) => root);
    this.films = element("div", { class: "lists" }, this.all, ...lists, this.none, this.more);
    const below = element(
      "div",
      { class: "below-name" },
      element("div", { class: "large" }, ...this.counts.map(({ root }) => root)),
      element("div", { class: "settled sentences" }, ...this.settled),
      this.settledOverall,
      element("div", { class: "small of-class" }, ...told),
      this.clinic,
      overall,
      this.film,
      this.films,
    );
    const about = { class: "pane", "aria-label": "The class in hand and its films" };
    this.root = element("aside", about, this.name, below);
    this.film.hidden = true;
  }

  /** @param {CellKind} kind */
  count(kind) {
    const number = element("b", {});
    const change = element("span", { class: "change" });
    const root = element(
      "button",
      { type: "button", class: `counted ${kind}`, "data-large": kind, on: { click: () => this.on.look(kind) } },
      number,
      ` ${saidOf(kind)} `,
      change,
    );
    return { kind, root, number, change };
  }

  /** @param {Listing} kind what its films are */
  sentence(kind) {
    return element("button", {
      type: "button",
      class: "counted",
      "data-sentence": kind,
      on: { click: () => this.on.look(kind) },
    });
  }

  /**
   * @param {import("./types.js").Settled} one
   * @param {import("./types.js").Figures} overall
   */
  drawSettled(one, overall) {
    const words = [
      `${count(one.ruled_out)} settled as negative, of which ${count(one.missed)} missed (${percent(one.missed_share)}, at most ${percent(one.missed_high)})`,
      `${count(one.left)} left to a reader, ${count(one.left_positive)} of them positive; ${percent(one.settled)} settled`,
      `${count(one.ruled_in)} settled as positive, precision ${percent(one.precision)} (at least ${percent(one.precision_low)})`,
    ];
    this.settled.forEach((button, place) => write(button, words[place]));
    const [labels, films] = [overall.labels_settled ?? null, overall.films_settled ?? null];
    write(
      this.settledOverall,
      `All classes: ${percent(labels)} of labels settled, ${percent(films)} of films need no reader`,
    );
  }

  list() {
    const title = element("div", { class: "list-title", role: "status" });
    const tiles = element("div", { class: "gallery small-tiles" });
    const live = new LiveTiles(tiles, (row) => void this.open(row));
    return { root: element("section", {}, title, tiles), title, live };
  }

  showMore() {
    this.most += PAGE;
    this.again();
  }

  /** Draws the lists as they were last drawn; replaced by every drawing. */
  again() {}

  /**
   * Rows of all films of the lists, in their order; replaced by every drawing.
   * @returns {number[]}
   */
  rows() {
    return [];
  }

  /**
   * @param {ClassCounts} one the class in hand
   * @param {ClassFigures} figures
   * @param {import("./types.js").Cells} before at the reference
   */
  drawFigures(one, figures, before) {
    write(this.name, one.name);
    for (const { kind, number, change } of this.counts) {
      write(number, countWords(kind, figures));
      write(change, changeWords(countOf(kind, figures) - countOf(kind, before)));
    }
    this.figures.forEach(({ name, digits }, place) => {
      const [low, high] = [figures[`${name}_low`], figures[`${name}_high`]];
      const isKnown = typeof low === "number" && typeof high === "number";
      const interval = isKnown ? ` (${share(low, digits)} to ${share(high, digits)})` : "";
      write(this.values[place], share(figures[name], digits) + interval);
    });
  }

  /**
   * @param {ClassCounts} one
   * @param {{ kind: Listing, move: { thumb: import("./types.js").Thumb, before: number, after: number }, rows: Uint32Array | undefined, isExact: boolean }} look
   * @param {import("../../shared/gallery/types.js").Source} source
   * @param {import("./types.js").FilmAct[]} acts where a film can be looked at
   */
  drawFilms(one, look, source, acts) {
    const key = `${one.name} ${look.kind}`;
    if (key !== this.key) this.most = PAGE;
    this.key = key;
    this.source = source;
    this.acts = acts;
    this.all.hidden = !acts.includes("embedding_space");
    const { kind } = look;
    const rowOf = (/** @type {number} */ film) => (look.rows ? look.rows[film] : film);
    const lists = listsOf(one, kind, look.move, this.most);
    this.lists.forEach(({ root, title, live }, place) => {
      const list = lists[place];
      root.hidden = !list || !list.number;
      if (!list) return;
      write(title, `${list.number.toLocaleString("en")} ${list.title}`);
      const listed = () =>
        list.films().map((film) => ({
          row: rowOf(film),
          note: look.isExact ? `score ${shortest(one, one.edges[one.stepOfFilm[film]])}` : "",
        }));
      live.follow(listed, source);
    });
    const number = lists.reduce((sum, list) => sum + list.number, 0);
    write(this.none, number ? "" : noneWords(kind));
    this.all.disabled = !number;
    this.more.hidden = !lists.some((list) => list.number > this.most);
    for (const { kind: own, root } of this.counts) root.setAttribute("aria-pressed", String(own === kind));
    this.again = () => this.drawFilms(one, look, source, acts);
    this.rows = () => listsOf(one, kind, look.move, number).flatMap((list) => list.films().map(rowOf));
  }

  /** Back from a film to the lists. */
  showLists() {
    this.opened = -1;
    this.film.hidden = true;
    this.films.hidden = false;
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // a story is walked by the same keys
    this.step(by);
  }

  /** @param {number} by */
  step(by) {
    const rows = this.rows();
    const next = rows[rows.indexOf(this.opened) + by];
    if (next !== undefined) void this.open(next);
  }

  /**
   * The film before and the one after, and which of how many it is.
   * @returns {HTMLElement}
   */
  steps() {
    const rows = this.rows();
    const place = rows.indexOf(this.opened);
    const made = (/** @type {string} */ words, /** @type {string} */ key, /** @type {number} */ by) => {
      const about = { title: `${words} film (${by < 0 ? "left" : "right"} arrow)`, "aria-keyshortcuts": key };
      const button = element("button", { type: "button", class: "tool", ...about, on: { click: () => this.step(by) } });
      button.append(by < 0 ? `‹ ${words}` : `${words} ›`);
      button.disabled = rows[place + by] === undefined;
      return button;
    };
    const where = `${(place + 1).toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
    return element(
      "div",
      { class: "steps" },
      made("Previous", "ArrowLeft", -1),
      element("span", { role: "status" }, where),
      made("Next", "ArrowRight", 1),
    );
  }

  /**
   * One film instead of the lists: large, with its scores, and where it can be looked at.
   * @param {number} row
   */
  async open(row) {
    this.opened = row;
    const card = await this.lists[0].live.card(row);
    if (this.opened !== row) return; // a hand was faster
    const back = element("button", { type: "button", class: "tool", on: { click: () => this.showLists() } }, "← Films");
    const acts = ACTS.filter(([act]) => this.acts.includes(act)).map(([act, words]) =>
      element("button", { type: "button", class: "tool", on: { click: () => this.on.act(row, act) } }, words),
    );
    const shown = card && this.source?.has_pictures ? [pictureOf(card.picture, card.title)] : [];
    const told = card ? [element("b", {}, card.title), element("div", {}, card.findings)] : [];
    const scores = card ? [scoresOf(card)] : [];
    const line = element("div", { class: "steps" }, back, this.steps());
    this.film.replaceChildren(line, ...shown, ...told, ...acts, ...scores);
    this.film.hidden = false;
    this.films.hidden = true;
    this.film.focus({ preventScroll: true }); // so that the arrow keys are its own
  }
}

/** @param {import("../../shared/gallery/types.js").Card} card */
function scoresOf({ scores }) {
  const [head, ...rows] = [scores.heads, ...scores.rows].map((cells, place) =>
    element("tr", {}, ...cells.map((text) => element(place ? "td" : "th", {}, text))),
  );
  return element("table", {}, head, ...rows);
}

/** @param {Listing} kind */
function noneWords(kind) {
  if (kind === "left" || kind === "ruled_in") return "No film lies there.";
  return kind === "changed"
    ? "No film changes: it is decided as by the marked thresholds."
    : `None is ${saidOf(kind)}.`;
}

/** @param {number} number */
function count(number) {
  return number.toLocaleString("en");
}
