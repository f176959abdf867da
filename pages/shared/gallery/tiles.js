// Small pictures of films: one way to draw them, for what Python lists and for what a hand moves in the browser.

import { addressOf } from "../components/addresses.js";
import { element, listen } from "../components/elements.js";

/**
 * @typedef {import("./types.js").Card} Card
 * @typedef {import("./types.js").Known} Known
 * @typedef {import("./types.js").Listed} Listed
 * @typedef {import("./types.js").Source} Source
 * @typedef {import("./types.js").Tile} Tile
 */

const STILL_MS = 200; // for which a hand must rest before pictures are asked for
const BETWEEN_MS = 200; // two lists, while a hand moves
const MOST_KEPT = 240; // tiles
const [MOST_LETTERS, FIRST_LETTERS] = [32, 12]; // of a name below a picture; of these before the cut

/**
 * A film's name in the pieces between which it may break; a long one is cut in the middle, since its end tells it from
 * the others.
 * @param {string} title
 */
export function piecesOf(title) {
  const isLong = title.length > MOST_LETTERS;
  const rest = MOST_LETTERS - FIRST_LETTERS - 1;
  return (isLong ? `${title.slice(0, FIRST_LETTERS)}…${title.slice(-rest)}` : title).split(/(?<=[_./-])/);
}

/**
 * The same to be shown.
 * @param {string} title
 */
function named(title) {
  return piecesOf(title).flatMap((piece, place) => (place ? [element("wbr"), piece] : [piece]));
}

/**
 * The tiles of films that Python lists; a click opens one.
 * @param {Tile[]} films
 * @param {Known} known
 * @param {(row: number) => void} open
 */
export function tilesOf(films, { classes, address, chosen }, open) {
  return films.map(({ row, title, findings, note, verdict, bare }) => {
    const about = { title: `Open ${title}`, "aria-pressed": String(row === chosen), data: { row } };
    const made = element("button", { type: "button", ...about, on: { click: () => open(row) } });
    if (!bare) made.append(pictureOf(`${address}${row}/picture`, title));
    const names = findings.map((place) => classes[place]).join(", ") || "no positive label";
    made.append(element("b", {}, ...named(title)), element("span", { class: "names", title: names }, names));
    if (verdict) made.append(verdictOf(verdict));
    if (note) made.append(element("i", {}, note));
    return made;
  });
}

/**
 * How a film came out: a mark, as on the map, and the word; what it is of is only read aloud.
 * @param {import("./types.js").Verdict} verdict
 */
function verdictOf({ words, sort, of }) {
  const mark = element("span", { class: "mark", "aria-hidden": "true" });
  return element("span", { class: `verdict ${sort}` }, mark, words, element("span", { class: "aloud" }, `: ${of}`));
}

/**
 * @param {string} picture
 * @param {string} title
 */
export function pictureOf(picture, title) {
  const made = element("img", { alt: `Film ${title}`, decoding: "async", loading: "lazy" });
  listen(made, { error: () => made.remove(), load: () => made.classList.add("there") });
  made.src = addressOf(picture);
  return made;
}

/** Tiles of films that the browser knows by their rows alone: they stand at once, and are filled when a hand rests. */
export class LiveTiles {
  /**
   * @param {HTMLElement} root
   * @param {(row: number) => void} open
   */
  constructor(root, open) {
    this.root = root;
    this.open = open;
    /** @type {Source} */
    this.source = { address: null, has_pictures: false };
    /** @type {Map<number, HTMLElement>} */
    this.tiles = new Map();
    /** @type {Map<string, Promise<Card | null>>} */
    this.cards = new Map();
    this.shown = "";
    this.shownAt = 0;
    this.timer = 0;
    this.waiting = 0;
  }

  /**
   * Shows films, five times a second at most; what is asked for last is always shown.
   * @param {() => Listed[]} list gives them in their order
   * @param {Source} source
   */
  follow(list, source) {
    clearTimeout(this.waiting);
    const rest = this.shownAt + BETWEEN_MS - performance.now();
    if (rest <= 0) this.show(list(), source);
    else this.waiting = setTimeout(() => this.show(list(), source), rest);
  }

  /**
   * @param {Listed[]} films in this order
   * @param {Source} source
   */
  show(films, source) {
    this.shownAt = performance.now();
    const shown = films.map(({ row, note }) => `${row} ${note}`).join();
    if (shown === this.shown && source.address === this.source.address) return;
    if (source.address !== this.source.address || this.tiles.size > MOST_KEPT) this.tiles.clear();
    this.shown = shown;
    this.source = source;
    this.arrange(films.map((film) => this.tileOf(film)));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => films.forEach((film) => void this.fill(film)), STILL_MS);
  }

  /**
   * Puts tiles in their order; those that stand there already are not touched, and are not laid out or painted again.
   * @param {HTMLElement[]} tiles
   */
  arrange(tiles) {
    const staying = new Set(/** @type {Element[]} */ (tiles));
    for (const tile of [...this.root.children]) if (!staying.has(tile)) tile.remove();
    tiles.forEach((tile, place) => {
      const there = this.root.children[place];
      if (there !== tile) this.root.insertBefore(tile, there ?? null);
    });
  }

  /** @param {Listed} film */
  tileOf({ row, note }) {
    const made = this.tiles.get(row) ?? element("button", { type: "button", data: { row } });
    if (!this.tiles.has(row)) {
      listen(made, { click: () => this.open(row) });
      made.append(element("div", { class: "picture" }), element("b", {}, ""), element("i", {}, note));
      this.tiles.set(row, made);
    }
    const said = made.querySelector("i");
    if (said && said.textContent !== note) said.textContent = note;
    return made;
  }

  /** @param {Listed} film whose name and picture are asked for, once */
  async fill({ row }) {
    const made = this.tiles.get(row);
    if (!made || made.title) return;
    const card = await this.card(row);
    const name = made.querySelector("b");
    if (!card || !name || made.title) return;
    name.replaceChildren(...named(card.title));
    made.title = `${card.title}: ${card.findings}`;
    if (this.source.has_pictures) made.querySelector(".picture")?.replaceChildren(pictureOf(card.picture, card.title));
  }

  /**
   * What the server says of a film; null where it says nothing.
   * @param {number} row
   * @returns {Promise<Card | null>}
   */
  card(row) {
    const { address } = this.source;
    if (address === null) return Promise.resolve(null);
    const known = this.cards.get(address + row);
    if (known) return known;
    const asked = fetch(addressOf(address + row))
      .then((answer) => (answer.ok ? answer.json() : null))
      .catch(() => null);
    this.cards.set(address + row, asked);
    return asked;
  }
}
