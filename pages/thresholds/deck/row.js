// One class of the deck: its histogram, the threshold on it, and its figures.

import { element, listen, write } from "../../shared/components/elements.js";
import { lowerBound, MIN_POSITIVES } from "./metrics.js";

/**
 * @typedef {import("./metrics.js").ClassCounts} ClassCounts
 * @typedef {import("./types.js").CellKind} CellKind
 * @typedef {import("./types.js").ClassFigures} ClassFigures
 * @typedef {import("./types.js").FigureShown} FigureShown
 * @typedef {import("./types.js").Settled} Settled
 */

const SVG = "http://www.w3.org/2000/svg";
const BINS = 60;
/** The cells that a row counts, each a button that opens its films: its name, the head of its column, its words. */
/** @type {[CellKind, string, string][]} */
const COUNTED = [
  ["found", "Found", "positive films that are called positive"],
  ["missed", "Missed", "positive films that are not called positive"],
  ["false_alarms", "False alarms", "negative films that are called positive"],
];
/** What two cuts settle, in the place of the counts: its name, the head of its column, its words, what films it opens. */
/** @type {[keyof Settled, string, string, import("./types.js").Listing][]} */
const SETTLED = [
  ["ruled_out", "Ruled out", "films below the first cut, settled as negative", "missed"],
  ["left", "To a reader", "films between the cuts", "left"],
  ["ruled_in", "Ruled in", "films from the second cut on, settled as positive", "ruled_in"],
];
const MOST_TICKS = 60; // positive films up to which each has a tick of its own
const RANK_BINS = { low: 4, high: 15, films: 8 }; // by rank, bins of a film or two would all be as high
const SKEWED = 0.5; // share of the films that lie in a tenth of the axis, above which the axis goes by rank
const NOTHING = "–"; // an undefined figure
const WAITING = "…"; // a figure that Python alone computes, until it answers

/**
 * A figure in words, as core/words.py says it.
 * @param {import("./types.js").Figure | undefined} value
 * @param {number} digits
 */
export function share(value, digits = 3) {
  if (value === undefined) return WAITING;
  if (value === null || Number.isNaN(value)) return NOTHING;
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/**
 * The columns of figures from Python's list: the plain ones, and F1 with its interval.
 * @param {FigureShown[]} figures
 * @returns {FigureShown[]}
 */
export function columnsOf(figures) {
  const plain = figures.filter(({ name }) => name !== "f1");
  const f1 = figures.filter(({ name }) => name === "f1");
  return [...plain, ...f1.map((one) => ({ ...one, title: `${one.title}, 95 %` }))];
}

/**
 * The heads of all columns.
 * @param {FigureShown[]} columns
 * @param {string} kind of the scores: what they and the thresholds are counted in
 */
export function headOf(columns, kind) {
  const counted = COUNTED.map(([name, title, help]) => element("div", { class: name, title: help }, title));
  const figures = columns.map(({ name, title, help }) =>
    element("div", { class: `figure ${name}`, title: help }, title),
  );
  const settled = SETTLED.map(([name, title, help]) =>
    element("div", { class: `settled ${name}`, title: help }, title),
  );
  const first = ["Class", `Scores, ${kind}`, "Threshold"].map((text) => element("div", {}, text));
  return element("div", { class: "row head", "aria-hidden": "true" }, ...first, ...counted, ...settled, ...figures);
}

/**
 * A count in words: "58 of 66" of the positives that are found.
 * @param {CellKind} kind
 * @param {ClassFigures} figures
 */
export function countWords(kind, figures) {
  const number = countOf(kind, figures).toLocaleString("en");
  return kind === "found" ? `${number} of ${(figures.tp + figures.fn).toLocaleString("en")}` : number;
}

/**
 * @param {CellKind} kind
 * @param {import("./types.js").Cells} cells
 */
export function countOf(kind, { tp, fp, fn, tn }) {
  return { found: tp, missed: fn, false_alarms: fp, silent: tn }[kind];
}

/**
 * A whole number with its sign; "" for none.
 * @param {number} change
 */
export function changeWords(change) {
  return change ? `${change < 0 ? "−" : "+"}${Math.abs(change).toLocaleString("en")}` : "";
}

/**
 * The shortest number that gives the same step; exact where a shorter one would not.
 * @param {ClassCounts} one
 * @param {number | null} value
 */
export function shortest(one, value) {
  if (value === null || Number.isNaN(value)) return "";
  const step = one.stepOf(value);
  for (let digits = 4; digits < 17; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (one.stepOf(rounded) === step) return String(rounded);
  }
  return String(value);
}

/** Where thresholds lie on the axis of a class, 0..1, and which step lies at a place; by score or by rank. */
export class Axis {
  /**
   * @param {ClassCounts} one
   * @param {boolean} isByRank
   */
  constructor(one, isByRank) {
    const last = one.edges.length - 1;
    const margin = last < 0 ? 1 : 0.03 * (one.edges[last] - one.edges[0] || 1);
    this.one = one;
    this.isByRank = isByRank;
    this.low = last < 0 ? 0 : one.edges[0] - margin;
    this.high = last < 0 ? 1 : one.edges[last] + margin;
  }

  /** Whether more than half of the films lie in a tenth of the axis of scores: a hand then moves too many at once. */
  get isSkewed() {
    const { edges, starts, nRead } = this.one;
    const tenth = (this.high - this.low) / 10;
    for (let first = 0, last = 0; first < edges.length; first += 1) {
      while (last < edges.length && edges[last] - edges[first] <= tenth) last += 1;
      if (starts[last] - starts[first] > SKEWED * nRead) return true;
    }
    return false;
  }

  /** @param {number | null} value */
  placeOfValue(value) {
    if (value === null || Number.isNaN(value)) return 1;
    const part = (value - this.low) / (this.high - this.low);
    return this.isByRank ? this.placeOfStep(this.one.stepOf(value)) : Math.min(Math.max(part, 0), 1);
  }

  /** @param {number} step */
  placeOfStep(step) {
    return this.one.starts[step] / Math.max(this.one.nRead, 1);
  }

  /** @param {number} place */
  stepAt(place) {
    if (place >= 1) return this.one.nSteps - 1;
    if (!this.isByRank) return this.one.stepOf(this.low + place * (this.high - this.low));
    return Math.min(lowerBound(this.one.starts, place * this.one.nRead), this.one.nSteps - 1);
  }

  /** Into how many equal parts a histogram divides the axis: by rank, as many as hold some films each. */
  get nBins() {
    const { low, high, films } = RANK_BINS;
    return this.isByRank ? Math.min(Math.max(Math.floor(this.one.nRead / films), low), high) : BINS;
  }

  /**
   * Positives and negatives in each part of the axis.
   * @returns {[Float64Array, Float64Array]}
   */
  histogram() {
    const { one, nBins } = this;
    /** @type {[Float64Array, Float64Array]} */
    const bins = [new Float64Array(nBins), new Float64Array(nBins)];
    for (let step = 0; step < one.nSteps - 1; step += 1) {
      const place = this.isByRank ? this.placeOfStep(step) : this.placeOfValue(one.edges[step]);
      const bin = Math.min(Math.floor(place * nBins), nBins - 1);
      bins[0][bin] += one.truePositives[step] - one.truePositives[step + 1];
      bins[1][bin] += one.falsePositives[step] - one.falsePositives[step + 1];
    }
    return bins;
  }
}

/**
 * A small histogram as a path of an SVG, to a height of its own.
 * @param {Float64Array} bins
 * @param {string} name
 * @param {number} height upwards where negative
 */
function histogramPath(bins, name, height) {
  const most = Math.max(...bins, 1);
  const width = BINS / bins.length;
  const bars = Array.from(bins, (number, bin) => {
    if (!number) return "";
    const size = (height * Math.max(number / most, 0.05)).toFixed(2);
    return `M${(bin * width).toFixed(3)} 20h${(0.92 * width).toFixed(3)}v${size}H${(bin * width).toFixed(3)}z`;
  });
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("class", name);
  path.setAttribute("d", bars.join(""));
  return path;
}

/** What the marks on the scores mean, behind a button. */
export function legend() {
  const marks = [
    ["positive", "positive films, upwards; those left of the threshold are missed"],
    ["negative", "negative films, downwards, to a height of their own; those right of it are false alarms"],
    ["threshold", "threshold: films from it on are called positive"],
    ["before", "starting or locked threshold"],
    ["good", "within 0.02 of the best, where it was fitted"],
    ["tick", "under Found: one tick a positive film in the order of scores, filled where it is found"],
  ];
  const entries = marks.map(([name, words]) => element("span", {}, element("i", { class: `mark ${name}` }), words));
  const rank = `“by rank”: more than half of the films lie in a tenth of the scores, so the axis goes by rank.`;
  const help = element("div", { class: "help" }, ...entries, element("span", {}, rank));
  return element("details", { class: "legend" }, element("summary", {}, "Marks"), help);
}

/** The row of one class. */
export class Row {
  /**
   * @param {ClassCounts} one
   * @param {number} index
   * @param {FigureShown[]} columns
   * @param {import("./types.js").Handlers} on
   */
  constructor(one, index, columns, on) {
    this.one = one;
    this.index = index;
    this.columns = columns;
    this.on = on;
    this.axis = new Axis(one, false);
    this.drawn = "";
    this.drawnSettled = "";
    /** where the threshold and the rule-in cut lie on the axis, and whether there is a rule-in cut */
    this.places = [1, 1];
    this.isTwo = false;
    /** where the axis begins, and how wide it is, while a pointer holds a line: asked once, since asking lays out the page */
    this.span = { left: 0, width: 1 };
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("viewBox", `0 0 ${BINS} 40`);
    this.svg.setAttribute("preserveAspectRatio", "none");
    this.shade = element("div", { class: "shade" });
    this.flat = element("div", { class: "flat" });
    this.reference = element("div", { class: "reference", title: "Where it started or was locked" });
    this.line = element("div", { class: "line" });
    this.zone = element("div", { class: "zone" });
    this.byRank = element("span", { class: "by-rank" }, "by rank");
    this.upper = this.makeUpper();
    this.settled = SETTLED.map(([name, , , listing]) => this.settledCell(name, listing));
    this.slider = this.makeSlider();
    this.input = this.makeInput("threshold");
    this.upperInput = this.makeInput("upper");
    this.interval = element("span", { class: "interval" });
    const few = one.nPositive < MIN_POSITIVES ? `${one.nPositive.toLocaleString("en")} positive: too few to judge` : "";
    this.few = element("span", { class: "count few" }, few);
    this.cells = columns.map(({ name }) => element("span", { class: "value", "data-figure": name }));
    this.counts = COUNTED.map(([kind]) => this.count(kind));
    this.ticks = element("div", { class: "ticks", "aria-hidden": "true" }, element("i", {}));
    this.ticks.style.setProperty("--ticks", String(one.nPositive <= MOST_TICKS ? Math.max(one.nPositive, 1) : 0));
    this.ticks.classList.toggle("bar", one.nPositive > MOST_TICKS);
    this.ticks.hidden = one.nPositive === 0; // no film is neither found nor missed
    this.root = element(
      "div",
      { class: "row", "data-class": one.name, role: "group", "aria-label": one.name },
      this.title(),
      element("div", { class: "scores" }, this.slider, this.upper),
      element("div", { class: "typed" }, element("span", { class: "label" }, "Threshold"), this.input, this.upperInput),
      ...this.countCells(),
      ...this.settled.map(({ root }) => root),
      ...this.figures(),
    );
  }

  title() {
    const name = element(
      "button",
      {
        class: "name",
        type: "button",
        title: `Show ${this.one.name} beside and below`,
        on: { click: () => this.on.choose(this.index) },
      },
      this.one.name,
    );
    return element("div", { class: "title" }, name, this.few);
  }

  /** @param {string | null} why nothing of the class can be judged, where the setting never learnt of it */
  sayUntrained(why) {
    if (why === null) return;
    this.few.textContent = "never trained: undefined";
    this.few.title = why;
  }

  /** @param {CellKind} kind */
  count(kind) {
    const on = { click: () => this.on.look(this.index, kind) };
    const title = `Show these films of ${this.one.name}`;
    return {
      kind,
      button: element("button", { type: "button", class: "counted", title, "data-count": kind, on }),
      change: element("span", { class: "change", "data-change-of": kind }),
    };
  }

  countCells() {
    return this.counts.map(({ kind, button, change }, place) => {
      const label = element("span", { class: "label" }, COUNTED[place][1]);
      const ticks = kind === "found" ? [this.ticks] : [];
      return element(
        "div",
        { class: `cell ${kind}` },
        label,
        element("div", { class: "pair" }, button, change),
        ...ticks,
      );
    });
  }

  makeSlider() {
    const on = {
      pointerdown: (/** @type {PointerEvent} */ event) => this.press(event),
      pointermove: (/** @type {PointerEvent} */ event) => this.follow(event),
      pointerup: () => this.on.release(),
      pointercancel: () => this.on.release(),
      keydown: (/** @type {KeyboardEvent} */ event) => this.on.key(this.index, event, "threshold"),
    };
    return element(
      "div",
      { class: "plot", role: "slider", tabindex: "0", "aria-label": `Threshold of ${this.one.name}`, on },
      this.svg,
      this.shade,
      this.flat,
      this.reference,
      this.zone,
      this.line,
      this.byRank,
    );
  }

  /**
   * The rule-in cut: a slider of its own beside the threshold, there where classes have two cuts.
   * @returns {HTMLElement}
   */
  makeUpper() {
    const name = `Rule-in cut of ${this.one.name}`;
    const on = {
      pointerdown: (/** @type {PointerEvent} */ event) => this.hold(event, this.upper, "upper"),
      pointermove: (/** @type {PointerEvent} */ event) => this.follow(event, this.upper),
      pointerup: () => this.on.release(),
      pointercancel: () => this.on.release(),
      keydown: (/** @type {KeyboardEvent} */ event) => this.on.key(this.index, event, "upper"),
    };
    return element("div", { class: "upper", role: "slider", tabindex: "0", "aria-label": name, on });
  }

  /**
   * @param {keyof Settled} name
   * @param {import("./types.js").Listing} listing
   */
  settledCell(name, listing) {
    const on = { click: () => this.on.look(this.index, listing) };
    const title = `Show these films of ${this.one.name}`;
    const button = element("button", { type: "button", class: "counted", title, "data-settled": name, on });
    const note = element("span", { class: "note", "data-settled-note": name });
    const label = element("span", { class: "label" }, SETTLED.find(([own]) => own === name)?.[1] ?? "");
    return {
      name,
      button,
      note,
      root: element("div", { class: `settled ${name}` }, label, element("div", { class: "pair" }, button), note),
    };
  }

  /**
   * A pointer on the scores takes the threshold; where there are two cuts, the one that lies nearer.
   * @param {PointerEvent} event
   */
  press(event) {
    this.hold(event, this.slider, this.nearest(event));
  }

  /**
   * @param {PointerEvent} event
   * @returns {import("./types.js").Thumb}
   */
  nearest(event) {
    if (!this.isTwo) return "threshold";
    const box = this.slider.getBoundingClientRect();
    const place = (event.clientX - box.left) / box.width;
    const [low, high] = this.places;
    return Math.abs(place - high) < Math.abs(place - low) || (low === high && place > high) ? "upper" : "threshold";
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLElement} held
   * @param {import("./types.js").Thumb} thumb
   */
  hold(event, held, thumb) {
    if (event.button !== 0) return;
    held.setPointerCapture(event.pointerId);
    (thumb === "upper" ? this.upper : this.slider).focus({ preventScroll: true });
    event.preventDefault();
    this.span = this.slider.getBoundingClientRect();
    this.on.press(this.index, thumb);
    this.on.drag(this.index, this.stepUnder(event));
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLElement} held
   */
  follow(event, held = this.slider) {
    if (held.hasPointerCapture(event.pointerId)) this.on.drag(this.index, this.stepUnder(event));
  }

  /** @param {PointerEvent} event */
  stepUnder(event) {
    return this.axis.stepAt((event.clientX - this.span.left) / this.span.width);
  }

  /** @param {import("./types.js").Thumb} thumb */
  makeInput(thumb) {
    const isUpper = thumb === "upper";
    const input = element("input", {
      class: isUpper ? "upper-number" : "number",
      inputmode: "decimal",
      "aria-label": `${isUpper ? "Rule-in cut" : "Threshold"} of ${this.one.name}, as a number`,
      placeholder: "none",
      autocomplete: "off",
      spellcheck: "false",
    });
    listen(input, {
      change: () => this.on.type(this.index, input.value, thumb),
      keydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && input.blur(),
    });
    return input;
  }

  figures() {
    return this.columns.map(({ name, title, help }, place) => {
      const parts = [element("span", { class: "label" }, title), this.cells[place]];
      const interval = name === "f1" ? [this.interval] : [];
      return element("div", { class: `figure ${name}`, title: help }, ...parts, ...interval);
    });
  }

  /**
   * Draws what stays while dragging: the histogram, the mark of the reference and the flat part of the optimum.
   * @param {import("./types.js").AxisChoice} choice
   * @param {number | null} reference
   * @param {import("./types.js").Fit | null | undefined} fit
   */
  drawAxis(choice, reference, fit) {
    const isByRank = choice === "rank" || (choice === "auto" && new Axis(this.one, false).isSkewed);
    this.axis = new Axis(this.one, isByRank);
    this.root.dataset.axis = isByRank ? "rank" : "score";
    this.byRank.hidden = !isByRank;
    this.drawnSettled = "";
    this.drawn = "";
    const [positives, negatives] = this.axis.histogram();
    this.svg.replaceChildren(
      histogramPath(positives, "positive", -19), // positives upwards, negatives downwards
      histogramPath(negatives, "negative", 19),
    );
    this.reference.style.left = `${100 * this.axis.placeOfValue(reference)}%`;
    const [low, high] = fit ? [fit.low, fit.high].map((value) => this.axis.placeOfValue(value)) : [0, 0];
    Object.assign(this.flat.style, { left: `${100 * low}%`, width: `${100 * (high - low)}%` });
    this.slider.title = fit ? fit.words : "";
  }

  /**
   * Shows both cuts in their fields, whatever was typed there.
   * @param {number | null} value
   * @param {number | null} upper
   */
  writeNumbers(value, upper) {
    this.input.value = shortest(this.one, value);
    this.upperInput.value = shortest(this.one, upper);
  }

  /**
   * Shows a cut in its field, unless another is being typed there.
   * @param {HTMLInputElement} input
   * @param {number | null} value
   */
  showNumber(input, value) {
    const text = shortest(this.one, value);
    if (!isTyping(input) && input.value !== text) input.value = text;
    input.dataset.value = String(value);
  }

  /**
   * Draws the threshold and its figures.
   * @param {number | null} value
   * @param {ClassFigures} figures from the browser or from Python
   * @param {import("./types.js").Cells} before at the reference
   * @param {import("./types.js").Ends | null} interval
   * @param {boolean} isMoved
   */
  draw(value, figures, before, interval, isMoved) {
    const ends = interval ? `${share(interval[0])} to ${share(interval[1])}` : "not estimable";
    const shown = this.columns.map(({ name }) => String(figures[name])); // waiting and undefined differ
    const drawn = [value, isMoved, ends, figures.tp, figures.fp, before.tp, before.fp, ...shown].join();
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const place = this.axis.placeOfValue(value);
    this.places[0] = place;
    this.line.style.transform = `translateX(${100 * place}%)`;
    this.shade.style.transform = `scaleX(${place})`;
    this.columns.forEach((column, index) => write(this.cells[index], share(figures[column.name], column.digits)));
    this.drawCounts(figures, before);
    write(this.interval, ends);
    this.showNumber(this.input, value);
    const typed = shortest(this.one, value);
    this.root.classList.toggle("moved", isMoved);
    this.slider.setAttribute("aria-valuetext", typed === "" ? "none: nothing is predicted" : typed);
    this.slider.setAttribute("aria-valuenow", String(this.one.stepOf(value)));
    this.slider.setAttribute("aria-valuemax", String(this.one.nSteps - 1));
    this.slider.setAttribute("aria-valuemin", "0");
  }

  /**
   * @param {ClassFigures} figures
   * @param {import("./types.js").Cells} before
   */
  drawCounts(figures, before) {
    for (const { kind, button, change } of this.counts) {
      const words = countWords(kind, figures);
      if (button.textContent !== words) button.setAttribute("aria-label", `${this.one.name}: ${words} ${saidOf(kind)}`);
      write(button, words);
      write(change, changeWords(countOf(kind, figures) - countOf(kind, before)));
    }
    const missed = figures.fn / Math.max(figures.tp + figures.fn, 1);
    this.ticks.style.setProperty("--missed", `${100 * missed}%`);
  }

  /**
   * Draws the rule-in cut, the zone below it, and what both cuts settle.
   * @param {number | null} upper
   * @param {Settled} settled
   */
  drawSettled(upper, settled) {
    this.isTwo = true;
    const drawn = [upper, ...Object.values(settled).map(String), this.places[0]].join();
    if (drawn === this.drawnSettled) return;
    this.drawnSettled = drawn;
    const place = Math.max(this.axis.placeOfValue(upper), this.places[0]);
    this.places[1] = place;
    this.showNumber(this.upperInput, upper);
    this.upper.style.left = `${100 * place}%`;
    this.zone.style.transform = `translateX(${100 * this.places[0]}%) scaleX(${place - this.places[0]})`;
    const notes = settledNotes(settled);
    this.settled.forEach(({ name, button, note }, index) => {
      write(button, (settled[name] ?? 0).toLocaleString("en"));
      write(note, notes[index]);
    });
    this.upper.setAttribute(
      "aria-valuetext",
      `${shortest(this.one, upper)}: ${settled.ruled_in} ruled in, ${notes[2]}`,
    );
    this.upper.setAttribute("aria-valuenow", String(this.one.upperStep));
    this.upper.setAttribute("aria-valuemax", String(this.one.nSteps - 1));
    this.upper.setAttribute("aria-valuemin", "0");
  }
}

/** @param {HTMLInputElement} input */
export function isTyping(input) {
  return /** @type {Document | ShadowRoot} */ (input.getRootNode()).activeElement === input;
}

/**
 * What a count is of, behind its number: "3 missed".
 * @param {CellKind} kind
 */
export function saidOf(kind) {
  return { found: "found", missed: "missed", false_alarms: "false alarms", silent: "rightly silent" }[kind];
}

/**
 * A share in per cent; a dash where it is undefined.
 * @param {import("./types.js").Figure} value
 */
export function percent(value) {
  return value === null || Number.isNaN(value) ? NOTHING : `${(100 * value).toFixed(1)} %`;
}

/**
 * What stands under the counts of two cuts, in the order of SETTLED.
 * @param {Settled} settled
 */
function settledNotes(settled) {
  return [
    `${settled.missed.toLocaleString("en")} missed, ≤ ${percent(settled.missed_high)}`,
    percent(settled.settled === null ? null : 1 - settled.settled),
    settled.ruled_in ? `right ${percent(settled.precision)}, ≥ ${percent(settled.precision_low)}` : "none",
  ];
}
