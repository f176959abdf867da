// The figures over all classes, one tile each. Comes after row.js in one module.

/** The tiles: value, its interval, and what changed since the reference. */
class Overall {
  /** figures : Python's list: name, title, help, digits, and the name of the truth to stand beside it. */
  constructor(figures) {
    this.figures = figures;
    this.tiles = {};
    this.root = element("div", { class: "overall" }, ...figures.map((figure) => this.tile(figure)));
  }

  tile({ name, title: label, help }) {
    const tile = {
      value: element("span", { class: "value", "data-overall": name }),
      interval: element("span", { class: "note", "data-interval": name }),
      note: element("span", { class: "note", "data-change": name }),
    };
    this.tiles[name] = tile;
    return element("div", { class: "tile", title: help }, element("span", { class: "label" }, label), tile.value, tile.interval, tile.note);
  }

  /** own : the browser's figures.  before : at the reference.  confirmed : Python's, with intervals; null while moving. */
  draw(own, before, confirmed) {
    const overall = confirmed?.overall ?? own;
    for (const { name, beside: truth, digits } of this.figures) {
      const tile = this.tiles[name];
      const value = overall[name];
      const change = value - before[name];
      write(tile.value, share(value, digits));
      const found = confirmed?.intervals && name in confirmed.intervals ? intervalWords(confirmed.intervals[name], digits) : "";
      write(tile.interval, truth ? `true ${share(overall[truth], digits)}` : found);
      const hasChanged = value !== null && Math.abs(change) >= 0.0005;
      write(tile.note, hasChanged ? signed(change) + ends(confirmed?.changes?.[name]) : "");
    }
  }
}

/** The 95 % interval of a figure in words: its ends, or the number that it stands on alone. */
function intervalWords({ ends: found, n }, digits) {
  return found ? `95 %: ${share(found[0], digits)} to ${share(found[1], digits)}` : `95 %: not estimable, n = ${n.toLocaleString("en")}`;
}

function signed(value) {
  const text = Math.abs(value).toFixed(3);
  return Number(text) === 0 ? text : `${value < 0 ? "−" : "+"}${text}`;
}

/** The 95 % interval of a change in brackets; nothing where there is none. */
function ends(found) {
  return found ? ` (${signed(found[0])} to ${signed(found[1])})` : "";
}
