// The figures over all classes, one tile each. Comes after row.js in one module.

const OVERALL = [ // name, label, and the name of the truth to stand beside it
  ["macro_f1", "Macro F1", null],
  ["micro_f1", "Micro F1", null],
  ["exact_match", "Exact match", null],
  ["hamming", "Hamming loss", null],
  ["cardinality", "Labels a film", "true_cardinality"],
  ["share_labelled", "Films with a label", "true_share_labelled"],
];

/** The tiles: value, its interval, and what changed since the reference. */
class Overall {
  constructor() {
    this.tiles = {};
    this.root = element("div", { class: "overall" }, ...OVERALL.map(([name, label]) => this.tile(name, label)));
  }

  tile(name, label) {
    const tile = {
      value: element("span", { class: "value", "data-overall": name }),
      interval: element("span", { class: "note", "data-interval": name }),
      note: element("span", { class: "note", "data-change": name }),
    };
    this.tiles[name] = tile;
    return element("div", { class: "tile" }, element("span", { class: "label" }, label), tile.value, tile.interval, tile.note);
  }

  /** own : the browser's figures.  before : at the reference.  confirmed : Python's, with intervals; null while moving. */
  draw(own, before, confirmed) {
    const overall = confirmed?.overall ?? own;
    for (const [name, , truth] of OVERALL) {
      const tile = this.tiles[name];
      const value = overall[name];
      const change = value - before[name];
      write(tile.value, share(value));
      const found = confirmed?.intervals && name in confirmed.intervals ? intervalWords(confirmed.intervals[name]) : "";
      write(tile.interval, truth ? `true ${share(overall[truth])}` : found);
      const hasChanged = value !== null && Math.abs(change) >= 0.0005;
      write(tile.note, hasChanged ? signed(change) + ends(confirmed?.changes?.[name]) : "");
    }
  }
}

/** The 95 % interval of a figure in words; null is not estimable. */
function intervalWords(found) {
  return found ? `95 %: ${share(found[0])} to ${share(found[1])}` : "95 %: not estimable";
}

function signed(value) {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

/** The 95 % interval of a change in brackets; nothing where there is none. */
function ends(found) {
  return found ? ` (${signed(found[0])} to ${signed(found[1])})` : "";
}
