// The figures over all classes, one tile each.

import { element, write } from "../../shared/components/elements.js";
import { share } from "./row.js";

/**
 * @typedef {import("./types.js").Figures} Figures
 * @typedef {import("./types.js").OverallShown} OverallShown
 */

/** The tiles: value, its interval, and what changed since the reference. */
export class Overall {
  /** @param {OverallShown[]} figures as Python lists them */
  constructor(figures) {
    this.figures = figures;
    /** @type {Record<string, { value: HTMLElement, interval: HTMLElement, note: HTMLElement }>} */
    this.tiles = {};
    this.root = element("div", { class: "overall" }, ...figures.map((figure) => this.tile(figure)));
  }

  /** @param {OverallShown} figure */
  tile({ name, title, help }) {
    const tile = {
      value: element("span", { class: "value", "data-overall": name }),
      interval: element("span", { class: "note", "data-interval": name }),
      note: element("span", { class: "note", "data-change": name }),
    };
    this.tiles[name] = tile;
    return element(
      "div",
      { class: "tile", title: help },
      element("span", { class: "label" }, title),
      tile.value,
      tile.interval,
      tile.note,
    );
  }

  /**
   * @param {Figures} own the browser's figures
   * @param {Figures} before at the reference
   * @param {import("./types.js").Confirmed | null} confirmed Python's, with intervals; null while moving
   */
  draw(own, before, confirmed) {
    const overall = confirmed?.overall ?? own;
    for (const { name, beside: truth, digits } of this.figures) {
      const tile = this.tiles[name];
      const value = overall[name];
      const change = (value ?? NaN) - (before[name] ?? NaN);
      write(tile.value, share(value, digits));
      const found = confirmed?.intervals?.[name];
      const interval = found ? intervalWords(found, digits) : "";
      write(tile.interval, truth ? `true ${share(overall[truth], digits)}` : interval);
      const hasChanged = Math.abs(change) >= 0.0005;
      write(tile.note, hasChanged ? signed(change) + ends(confirmed?.changes?.[name]) : "");
    }
  }
}

/**
 * The 95 % interval of a figure in words: its ends, or the number that it stands on alone.
 * @param {import("./types.js").OverallInterval} interval
 * @param {number} digits
 */
function intervalWords({ ends: found, n }, digits) {
  if (!found) return `95 %: not estimable, n = ${n.toLocaleString("en")}`;
  return `95 %: ${share(found[0], digits)} to ${share(found[1], digits)}`;
}

/** @param {number} value */
function signed(value) {
  const text = Math.abs(value).toFixed(3);
  return Number(text) === 0 ? text : `${value < 0 ? "−" : "+"}${text}`;
}

/**
 * The 95 % interval of a change in brackets; nothing where there is none.
 * @param {import("./types.js").Ends | null | undefined} found
 */
function ends(found) {
  return found ? ` (${signed(found[0])} to ${signed(found[1])})` : "";
}
