// How the films of one colouring are painted: in which order, each with which marker.

import { CELL, drawDensity, drawingOrder, drawPoints, inksOf, makeStamp, UNDEFINED } from "./drawing.js";

/** @typedef {import("./types.js").Rgb} Rgb */

export class Shade {
  /**
   * @param {import("./types.js").Colours} colours
   * @param {number} n films
   * @param {Rgb} grey
   * @param {Rgb} ink of the text, the edge of what matters most
   */
  constructor(colours, n, grey, ink) {
    this.colours = colours;
    this.n = n;
    this.grey = grey;
    this.ink = ink;
    this.radius = n > 20000 ? 1.7 : n > 5000 ? 2.4 : 3.2; // of a marker, in pixels of the page
    this.ratio = 1; // device pixels for one of the page
    this.inks = inksOf(colours);
    /** @type {Map<number, import("./types.js").Stamp>} */
    this.stamps = new Map();
    /** @type {Uint8Array | null} */
    this.selected = null;
    this.order = new Uint32Array();
  }

  /** @param {Uint8Array | null} selected one byte per film */
  select(selected) {
    this.selected = selected;
    this.order = drawingOrder(this.colours, this.n, selected);
  }

  /** @param {number} ratio */
  magnify(ratio) {
    if (this.ratio !== ratio) this.stamps.clear();
    this.ratio = ratio;
  }

  /**
   * @param {ImageData} picture
   * @param {Float32Array} placed
   * @param {boolean} isDense cells in place of markers
   */
  paint({ data, width, height }, placed, isDense) {
    const { order, colours, inks, selected, grey } = this;
    if (isDense) {
      const side = Math.round(CELL * this.ratio);
      drawDensity(data, width, height, placed, order, colours, inks, selected, side, grey);
    } else drawPoints(data, width, height, placed, order, (row) => this.stampOf(row));
  }

  /** @param {number} row */
  stampOf(row) {
    const code = this.colours.values[row];
    const dim = this.selected !== null && !this.selected[row];
    const key = 2 * code + (dim ? 1 : 0);
    const known = this.stamps.get(key) ?? this.newStamp(code, dim);
    this.stamps.set(key, known);
    return known;
  }

  /**
   * @param {number} code
   * @param {boolean} dim not among those that are selected
   */
  newStamp(code, dim) {
    const { colours, inks } = this;
    const size = this.radius * this.ratio;
    if (colours.kind === "scale") {
      const there = code !== UNDEFINED;
      return makeStamp([there ? inks[code] : this.grey], "circle", size * (there ? 1 : 0.7), dim ? 0.13 : 0.9);
    }
    const places = colours.groups.flatMap((_, index) => (code & (1 << index) ? [index] : []));
    const ground = places.every((index) => colours.groups[index].ground);
    const several = places.length > 1;
    const shape = several ? "circle" : colours.groups[places[0]].shape;
    const foremost = places.some((index) => colours.groups[index].foremost);
    const radius = size * (foremost ? 1.75 : ground ? 0.72 : several ? 1.35 : 1.1);
    const opacity = dim ? 0.13 : ground ? 0.5 : foremost ? 1 : 0.92;
    return makeStamp(
      places.map((index) => inks[index]),
      shape,
      radius,
      opacity,
      foremost ? this.ink : null,
    );
  }

  /**
   * The groups of a film in words.
   * @param {number} row
   */
  wordsOf(row) {
    const { colours } = this;
    if (colours.kind === "scale") return "";
    const code = colours.values[row];
    const groups = colours.groups.filter((_, index) => code & (1 << index));
    return groups.map((group) => group.title.replace(/ \([\d,]+\)$/, "")).join(", ");
  }
}
