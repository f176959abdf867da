// What stays in sight beside the rows: the class in hand in large figures, and its films as small pictures: those that
// the hand has just changed, or those that a count is of.

import { element, write } from "../../shared/components/elements.js";
import { LiveTiles, pictureOf } from "../../shared/gallery/tiles.js";
import { changeWords, countOf, countWords, saidOf, share, shortest } from "./row.js";

/**
 * @typedef {import("./metrics.js").ClassCounts} ClassCounts
 * @typedef {import("./types.js").CellKind} CellKind
 * @typedef {import("./types.js").ClassFigures} ClassFigures
 * @typedef {import("./types.js").FilmList} FilmList
 */

/** @type {CellKind[]} */
const CELL_KINDS = ["found", "missed", "false_alarms", "silent"];
const PAGE = 12; // films listed at a time
/** @type {[import("./types.js").FilmAct, string][]} */
const ACTS = [
  ["saliency", "Where do the models look?"],
  ["embedding_space", "On the map"],
];

/**
 * The films that a move between two steps changed: two lists, those next to the threshold first.
 * @param {ClassCounts} one
 * @param {number} before
 * @param {number} after
 * @param {number} most
 * @returns {FilmList[]}
 */
export function changedFilms(one, before, after, most) {
  const isLower = after < before;
  const [from, to] = isLower ? [after, before] : [before, after];
  const words = isLower ? ["newly found", "new false alarms"] : ["newly missed", "false alarms gone"];
  return words.map((title, place) => ({
    title,
    number: one.countBetween(from, to, 1 - place),
    films: one.filmsBetween(from, to, 1 - place, { most, isDown: !isLower }),
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
    films: one.filmsBetween(from, to, label, { most, isDown: !isCalled }),
  };
}

/** The pane. */
export class Pane {
  /**
   * @param {HTMLElement} overall the figures over all classes, which stand in it
   * @param {import("./types.js").FigureShown[]} figures of a class
   * @param {{ look: (kind: CellKind | "changed") => void, act: (row: number, act: import("./types.js").FilmAct) => void }} on
   */
  constructor(overall, figures, on) {
    this.on = on;
    this.figures = figures;
    this.most = PAGE;
    this.key = "";
    this.name = element("div", { class: "in-hand" });
    this.counts = CELL_KINDS.map((kind) => this.count(kind));
    this.values = figures.map(({ name }) => element("span", { "data-in-hand": name }));
    const about = figures.map(({ title, help }, place) =>
      element("span", { title: help }, `${title} `, this.values[place]),
    );
    this.lists = [0, 1].map(() => this.list());
    this.none = element("p", { class: "none" });
    this.more = element("button", { type: "button", class: "tool", on: { click: () => this.showMore() } }, "More");
    this.film = element("div", { class: "film", role: "group", "aria-label": "Film" });
    this.films = element("div", { class: "lists" }, ...this.lists.map(({ root }) => root), this.none, this.more);
    this.root = element(
      "aside",
      { class: "pane", "aria-label": "The class in hand and its films" },
      this.name,
      element("div", { class: "large" }, ...this.counts.map(({ root }) => root)),
      element("div", { class: "small" }, ...about),
      overall,
      this.film,
      this.films,
    );
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
   * @param {{ kind: CellKind | "changed", before: number, rows: Uint32Array | undefined, isExact: boolean }} look
   * @param {import("../../shared/gallery/types.js").Source} source
   */
  drawFilms(one, look, source) {
    const key = `${one.name} ${look.kind}`;
    if (key !== this.key) this.most = PAGE;
    this.key = key;
    this.source = source;
    const { kind } = look;
    const lists =
      kind === "changed" ? changedFilms(one, look.before, one.step, this.most) : [filmsOf(one, kind, this.most)];
    this.lists.forEach(({ root, title, live }, place) => {
      const list = lists[place];
      root.hidden = !list || !list.number;
      if (!list) return;
      write(title, `${list.number.toLocaleString("en")} ${list.title}`);
      live.show(
        list.films.map((film) => ({
          row: look.rows ? look.rows[film] : film,
          note: look.isExact ? `score ${shortest(one, one.edges[one.stepOfFilm[film]])}` : "",
        })),
        source,
      );
    });
    const number = lists.reduce((sum, list) => sum + list.number, 0);
    write(this.none, number ? "" : noneWords(kind));
    this.more.hidden = !lists.some((list) => list.number > list.films.length);
    for (const { kind: own, root } of this.counts) root.setAttribute("aria-pressed", String(own === kind));
    this.again = () => this.drawFilms(one, look, source);
  }

  /** Back from a film to the lists. */
  showLists() {
    this.film.hidden = true;
    this.films.hidden = false;
  }

  /**
   * One film instead of the lists: large, with its scores, and where it can be looked at.
   * @param {number} row
   */
  async open(row) {
    const card = await this.lists[0].live.card(row);
    const back = element("button", { type: "button", class: "tool", on: { click: () => this.showLists() } }, "← Films");
    const acts = ACTS.map(([act, words]) =>
      element("button", { type: "button", class: "tool", on: { click: () => this.on.act(row, act) } }, words),
    );
    const shown = card && this.source?.has_pictures ? [pictureOf(card.picture, card.title)] : [];
    const told = card ? [element("b", {}, card.title), element("div", {}, card.findings), scoresOf(card)] : [];
    this.film.replaceChildren(back, ...shown, ...told, ...acts);
    this.film.hidden = false;
    this.films.hidden = true;
  }
}

/** @param {import("../../shared/gallery/types.js").Card} card */
function scoresOf({ scores }) {
  const [head, ...rows] = [scores.heads, ...scores.rows].map((cells, place) =>
    element("tr", {}, ...cells.map((text) => element(place ? "td" : "th", {}, text))),
  );
  return element("table", {}, head, ...rows);
}

/** @param {CellKind | "changed"} kind */
function noneWords(kind) {
  return kind === "changed"
    ? "No film changes: the threshold decides as the marked one does."
    : `None is ${saidOf(kind)}.`;
}
