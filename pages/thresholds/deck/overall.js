// The figures over all classes, one tile each.

import { element, write } from "../../shared/components/elements.js";
import { share } from "./row.js";

/** @typedef {import("./types.js").OverallFigures} OverallFigures */

/** @type {[keyof OverallFigures, string, keyof OverallFigures | null][]} name, label, and the truth to stand beside it */
export const OVERALL = [
  ["macro_f1", "Macro F1", null],
  ["micro_f1", "Micro F1", null],
  ["exact_match", "Exact match", null],
  ["hamming", "Hamming loss", null],
  ["cardinality", "Labels a film", "true_cardinality"],
  ["share_labelled", "Films with a label", "true_share_labelled"],
];

/** The tiles: value, its interval, and what changed since the reference. */
export class Overall {
  constructor() {
    /** @type {Record<string, { value: HTMLElement, interval: HTMLElement, note: HTMLElement }>} */
    this.tiles = {};
    this.root = element("div", { class: "overall" }, ...OVERALL.map(([name, label]) => this.tile(name, label)));
  }

  /**
   * @param {string} name
   * @param {string} label
   */
  tile(name, label) {
    const tile = {
      value: element("span", { class: "value", "data-overall": name }),
      interval: element("span", { class: "note", "data-interval": name }),
      note: element("span", { class: "note", "data-change": name }),
    };
    this.tiles[name] = tile;
    return element(
      "div",
      { class: "tile" },
      element("span", { class: "label" }, label),
      tile.value,
      tile.interval,
      tile.note,
    );
  }

  /**
   * @param {OverallFigures} own the browser's figures
   * @param {OverallFigures} before at the reference
   * @param {import("./types.js").Confirmed | null} confirmed Python's, with intervals; null while moving
   */
  draw(own, before, confirmed) {
    const overall = confirmed?.overall ?? own;
    for (const [name, , truth] of OVERALL) {
      const tile = this.tiles[name];
      const value = overall[name];
      const change = (value ?? NaN) - (before[name] ?? NaN);
      write(tile.value, share(value));
      const found = confirmed?.intervals && name in confirmed.intervals ? intervalWords(confirmed.intervals[name]) : "";
      write(tile.interval, truth ? `true ${share(overall[truth])}` : found);
      const hasChanged = Math.abs(change) >= 0.0005;
      write(tile.note, hasChanged ? signed(change) + ends(confirmed?.changes?.[name]) : "");
    }
  }
}

/**
 * The 95 % interval of a figure in words; null is not estimable.
 * @param {import("./types.js").Ends | null} found
 */
function intervalWords(found) {
  return found ? `95 %: ${share(found[0])} to ${share(found[1])}` : "95 %: not estimable";
}

/** @param {number} value */
function signed(value) {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

/**
 * The 95 % interval of a change in brackets; nothing where there is none.
 * @param {import("./types.js").Ends | null | undefined} found
 */
function ends(found) {
  return found ? ` (${signed(found[0])} to ${signed(found[1])})` : "";
}
