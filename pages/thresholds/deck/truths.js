// What the films are labelled under every position of the truth dial, so that the deck follows a turn by itself.

const NO_THRESHOLD = null;

/** The labels and the thresholds to begin with, by position. */
export class Truths {
  /** @param {import("./types.js").TruthTables} content */
  constructor({ token, names, arrays }) {
    this.token = token;
    this.names = names;
    this.labels = arrays.labels;
    this.starts = arrays.starts;
    this.uppers = arrays.uppers;
  }

  /**
   * The counts with the labels of a position.
   * @param {import("./types.js").Tables} tables
   * @param {string} name
   * @returns {import("./types.js").Tables}
   */
  under(tables, name) {
    const size = tables.n_films * tables.classes.length;
    const place = this.names.indexOf(name);
    const labels = this.labels.subarray(place * size, (place + 1) * size);
    return { ...tables, arrays: { ...tables.arrays, labels } };
  }

  /**
   * The cuts that the policy fits under a position: thresholds, and rule-in cuts where classes have two; null where a
   * class has none.
   * @param {string} name
   * @param {number} nClasses
   */
  cutsOf(name, nClasses) {
    const place = this.names.indexOf(name) * nClasses;
    const read = (/** @type {Float64Array} */ cuts) =>
      Array.from(cuts.subarray(place, place + nClasses), (value) => (Number.isNaN(value) ? NO_THRESHOLD : value));
    return { values: read(this.starts), uppers: read(this.uppers) };
  }
}
