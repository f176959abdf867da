// Two maps of one film side by side, and which of them is trusted: by key, or by a button. Nothing here says whose maps
// they are.

import { unpack } from "../../shared/components/bytes.js";
import { element, listen, part, write } from "../../shared/components/elements.js";
import { sampled } from "../film_viewer/fields.js";
import { cellsOf, fitted, paintedFilm, paintedMap, paintPanel, place } from "../film_viewer/painting.js";

/**
 * @typedef {import("./types.js").Asked} Asked
 * @typedef {import("./types.js").Side} Side
 */

const KEYS = { ArrowLeft: "left", ArrowRight: "right", ArrowDown: "neither", ArrowUp: "unsure" };
const CHOICES = [
  ["left", "← Left"],
  ["neither", "↓ Neither"],
  ["unsure", "↑ Cannot tell"],
  ["right", "Right →"],
];
const LOOK = {
  window: 255,
  level: 127.5,
  opacity: 0.6,
  contour: 0.5,
  radius: 20,
  showMap: true,
  showContour: false,
  showOutlines: false,
  hiddenReaders: new Set(),
  colours: 0,
};
/** @type {WeakMap<Element, Pair>} */
const pairs = new WeakMap();

class Pair {
  /** @type {Asked} from the first update on */
  asked;
  /** @type {import("../../shared/components/types.js").Component["setTriggerValue"]} from the first update on */
  send;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.answered = "";
    this.look = { ...LOOK };
    this.canvases = [element("canvas", {}), element("canvas", {})];
    this.notes = [element("p", { class: "note" }), element("p", { class: "note" })];
    this.question = element("p", { class: "question" });
    const sides = ["Left", "Right"].map((title, rank) =>
      element("figure", {}, element("figcaption", {}, title), this.canvases[rank], this.notes[rank]),
    );
    this.buttons = CHOICES.map(([answer, words]) =>
      element("button", { type: "button", data: { answer }, on: { click: () => this.answer(answer) } }, words),
    );
    this.alone = element(
      "button",
      { type: "button", "aria-pressed": "false", on: { click: () => this.toggle() } },
      "Film alone (f)",
    );
    root.replaceChildren(
      this.question,
      element("div", { class: "sides" }, ...sides),
      element("div", { class: "choices" }, ...this.buttons),
      this.alone,
    );
    listen(root, { keydown: (/** @type {KeyboardEvent} */ event) => this.key(event) });
    new ResizeObserver(() => this.paint()).observe(root);
  }

  /**
   * @param {Asked} asked
   * @param {import("../../shared/components/types.js").Component["setTriggerValue"]} send
   */
  update(asked, send) {
    this.send = send;
    if (this.asked?.token === asked.token) return;
    this.asked = asked;
    this.film = paintedFilm(asked.film, LOOK.window, LOOK.level);
    for (const side of asked.sides) {
      if (!side.map) continue;
      side.values = sampled(side.map, cellsOf(side.map));
      side.canvas = paintedMap(side.map, side.values, asked.table);
    }
    write(this.question, asked.question);
    this.notes.forEach((note, rank) => write(note, asked.sides[rank].words));
    for (const button of this.buttons) button.disabled = false;
    this.show(true);
    this.takeKeys();
  }

  /** Keys work at once, unless the reader is typing elsewhere. */
  takeKeys() {
    const active = document.activeElement;
    if (!active || active === document.body || active.tagName === "BUTTON") this.root.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    const answer = KEYS[/** @type {keyof typeof KEYS} */ (event.key)];
    if (answer) this.answer(answer);
    else if (event.key === "f") this.toggle();
    else return;
    event.preventDefault();
  }

  /** @param {string} answer one a question: what comes before the next one is there is not an answer to it */
  answer(answer) {
    if (this.answered === this.asked.token) return;
    this.answered = this.asked.token;
    for (const button of this.buttons) button.disabled = true;
    this.root.focus({ preventScroll: true });
    this.send("vote", { token: this.asked.token, answer });
  }

  toggle() {
    this.show(!this.look.showMap);
  }

  /** @param {boolean} showMap */
  show(showMap) {
    this.look.showMap = showMap;
    this.alone.setAttribute("aria-pressed", String(!showMap));
    this.paint();
  }

  paint() {
    if (!this.asked) return;
    this.canvases.forEach((canvas, rank) => this.paintSide(canvas, this.asked.sides[rank]));
    this.root.dataset.asked = this.asked.token;
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Side} side
   */
  paintSide(canvas, side) {
    if (!this.film) return;
    const { film } = this.asked;
    const fit = fitted(canvas, film);
    if (!fit) return;
    const { context, width, height } = fit;
    const whole = { zoom: 1, x: film.width / 2, y: film.height / 2 };
    const scene = /** @type {import("../film_viewer/types.js").Scene} */ (
      /** @type {unknown} */ ({ film, look: this.look, filmCanvas: this.film, outlines: [], readers: [] })
    );
    paintPanel(context, width, height, place(film, whole, width, height), scene, side);
  }
}

/** @param {import("../../shared/components/types.js").Component} component */
export default function arenaPair({ data, parentElement, setTriggerValue }) {
  const root = part(parentElement, ".arena");
  const pair = pairs.get(root) ?? new Pair(root);
  pairs.set(root, pair);
  pair.update(unpack(data), setTriggerValue);
}
