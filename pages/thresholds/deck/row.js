// One class of the deck: its histogram, the threshold on it, and its figures. Comes after metrics.js in one module.

const BINS = 60;
const NOTHING = "–"; // an undefined figure
const WAITING = "…"; // a figure that Python alone computes, until it answers

/** An element with attributes and children. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Writes a text only where it changed, so that the browser lays out nothing in vain. */
function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** A figure in words, as core/words.py says it. */
function share(value, digits = 3) {
  if (value === undefined) return WAITING;
  if (value === null || Number.isNaN(value)) return NOTHING;
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** The columns of figures from Python's list: the plain ones, F1 with its interval, and the counts. */
function columnsOf(figures) {
  const plain = figures.filter(({ name }) => name !== "f1");
  const withInterval = figures.filter(({ name }) => name === "f1").map((one) => ({ ...one, title: `${one.title}, 95 %` }));
  return [...plain, ...withInterval, { name: "predicted", title: "Predicted / true", help: "Films called positive, and positive films" }];
}

/** The shortest number that gives the same step; exact where a shorter one would not. */
function shortest(one, value) {
  if (value === null || Number.isNaN(value)) return "";
  const step = one.stepOf(value);
  for (let digits = 4; digits < 17; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (one.stepOf(rounded) === step) return String(rounded);
  }
  return String(value);
}

/** Where thresholds lie on the axis of a class, 0..1, and which step lies at a place; by score or by rank. */
class Axis {
  constructor(one, isByRank) {
    const last = one.edges.length - 1;
    const margin = last < 0 ? 1 : 0.03 * (one.edges[last] - one.edges[0] || 1);
    Object.assign(this, { one, isByRank });
    this.low = last < 0 ? 0 : one.edges[0] - margin;
    this.high = last < 0 ? 1 : one.edges[last] + margin;
  }

  placeOfValue(value) {
    if (value === null || Number.isNaN(value)) return 1;
    const part = (value - this.low) / (this.high - this.low);
    return this.isByRank ? this.placeOfStep(this.one.stepOf(value)) : Math.min(Math.max(part, 0), 1);
  }

  placeOfStep(step) {
    return this.one.starts[step] / Math.max(this.one.nRead, 1);
  }

  stepAt(place) {
    if (place >= 1) return this.one.nSteps - 1;
    if (!this.isByRank) return this.one.stepOf(this.low + place * (this.high - this.low));
    return Math.min(lowerBound(this.one.starts, place * this.one.nRead), this.one.nSteps - 1);
  }

  /** Positives and negatives in each of BINS equal parts of the axis. */
  histogram() {
    const bins = [new Float64Array(BINS), new Float64Array(BINS)];
    const { one } = this;
    for (let step = 0; step < one.nSteps - 1; step += 1) {
      const place = this.isByRank ? this.placeOfStep(step) : this.placeOfValue(one.edges[step]);
      const bin = Math.min(Math.floor(place * BINS), BINS - 1);
      bins[0][bin] += one.truePositives[step] - one.truePositives[step + 1];
      bins[1][bin] += one.falsePositives[step] - one.falsePositives[step + 1];
    }
    return bins;
  }
}

/** Two small histograms as one SVG: positives upwards, negatives downwards, each to its own height. */
function drawHistogram(svg, [positives, negatives]) {
  const paths = [[positives, "positive", -19], [negatives, "negative", 19]].map(([bins, name, height]) => {
    const most = Math.max(...bins, 1);
    const bars = Array.from(bins, (number, bin) => {
      if (!number) return "";
      const size = (height * Math.max(number / most, 0.05)).toFixed(2);
      return `M${bin} 20h0.92v${size}h-0.92z`;
    });
    return `<path class="${name}" d="${bars.join("")}"/>`;
  });
  svg.innerHTML = paths.join("");
}

/** What the marks on the scores mean. */
function legend() {
  const marks = [
    ["positive", "positive films, upwards"],
    ["negative", "negative films, downwards"],
    ["threshold", "threshold: films from it on are called positive"],
    ["before", "where it started or was frozen"],
    ["good", "nearly as good where it was fitted"],
  ];
  const entries = marks.map(([name, words]) => element("span", {}, element("i", { class: `mark ${name}` }), words));
  return element("div", { class: "legend" }, ...entries);
}

/** The row of one class. on : what the deck does with a drag, a key, a typed number, a click on the name. */
class Row {
  constructor(one, index, columns, on) {
    Object.assign(this, { one, index, columns, on, cells: {} });
    this.root = element("div", { class: "row", "data-class": one.name, role: "group", "aria-label": one.name });
    this.root.append(this.title(), this.plot(), this.number(), ...this.figures());
  }

  title() {
    const few = this.one.nPositive < MIN_POSITIVES ? "few" : "";
    this.name = element("button", { class: "name", type: "button", title: "Show this class below" }, this.one.name);
    const count = `${this.one.nPositive.toLocaleString("en")} positive${few ? ": too few to judge" : ""}`;
    this.name.onclick = () => this.on.choose(this.index);
    return element("div", { class: "title" }, this.name, element("span", { class: `count ${few}` }, count));
  }

  plot() {
    this.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.svg.setAttribute("viewBox", `0 0 ${BINS} 40`);
    this.svg.setAttribute("preserveAspectRatio", "none");
    this.shade = element("div", { class: "shade" });
    this.flat = element("div", { class: "flat" });
    this.reference = element("div", { class: "reference", title: "Where it started or was frozen" });
    this.line = element("div", { class: "line" });
    this.slider = element(
      "div",
      { class: "plot", role: "slider", tabindex: "0", "aria-label": `Threshold of ${this.one.name}` },
      this.svg, this.shade, this.flat, this.reference, this.line,
    );
    this.listen(this.slider);
    return this.slider;
  }

  listen(slider) {
    const step = (event) => {
      const box = slider.getBoundingClientRect();
      return this.axis.stepAt((event.clientX - box.left) / box.width);
    };
    slider.onpointerdown = (event) => {
      if (event.button !== 0) return;
      slider.setPointerCapture(event.pointerId);
      slider.focus({ preventScroll: true });
      event.preventDefault();
      this.on.press(this.index);
      this.on.drag(this.index, step(event));
    };
    slider.onpointermove = (event) => {
      if (slider.hasPointerCapture(event.pointerId)) this.on.drag(this.index, step(event));
    };
    slider.onpointerup = slider.onpointercancel = () => this.on.release();
    slider.onkeydown = (event) => this.on.key(this.index, event);
  }

  number() {
    this.input = element("input", {
      class: "number", inputmode: "decimal", "aria-label": `Threshold of ${this.one.name}, as a number`,
      placeholder: "none", autocomplete: "off", spellcheck: "false",
    });
    this.input.onchange = () => this.on.type(this.index, this.input.value);
    this.input.onkeydown = (event) => event.key === "Enter" && this.input.blur();
    return element("div", { class: "typed" }, element("span", { class: "label" }, "Threshold"), this.input);
  }

  figures() {
    return this.columns.map(({ name, title: label, help }) => {
      this.cells[name] = element("span", { class: "value", "data-figure": name });
      const cell = element("div", { class: `figure ${name}`, title: help }, element("span", { class: "label" }, label), this.cells[name]);
      if (name === "f1") cell.append((this.cells.interval = element("span", { class: "interval" })));
      return cell;
    });
  }

  /** Draws what stays while dragging: the histogram, the mark of the reference and the flat part of the optimum. */
  drawAxis(isByRank, reference, fit) {
    this.axis = new Axis(this.one, isByRank);
    this.drawn = null;
    drawHistogram(this.svg, this.axis.histogram());
    this.reference.style.left = `${100 * this.axis.placeOfValue(reference)}%`;
    const [low, high] = fit ? [fit.low, fit.high].map((value) => this.axis.placeOfValue(value)) : [0, 0];
    Object.assign(this.flat.style, { left: `${100 * low}%`, width: `${100 * (high - low)}%` });
    this.slider.title = fit ? fit.words : "";
  }

  /** Shows a threshold in its field, whatever was typed there. */
  writeNumber(value) {
    this.input.value = shortest(this.one, value);
  }

  /** Draws the threshold and its figures; interval : [low, high] or null, from the browser or from Python. */
  draw(value, figures, interval, isMoved) {
    const ends = interval ? `${share(interval[0])} to ${share(interval[1])}` : "not estimable";
    const shares = this.columns.filter(({ name }) => name !== "predicted");
    const drawn = [value, isMoved, ends, figures.tp, figures.fp, ...shares.map(({ name }) => figures[name])].join();
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const place = this.axis.placeOfValue(value);
    this.line.style.transform = `translateX(${100 * place}%)`;
    this.shade.style.transform = `scaleX(${place})`;
    for (const { name, digits } of shares) write(this.cells[name], share(figures[name], digits));
    const [predicted, positives] = [figures.tp + figures.fp, figures.tp + figures.fn];
    write(this.cells.predicted, `${predicted.toLocaleString("en")} / ${positives.toLocaleString("en")}`);
    write(this.cells.interval, ends);
    const typed = shortest(this.one, value);
    if (this.input.getRootNode().activeElement !== this.input && this.input.value !== typed) this.writeNumber(value);
    this.input.dataset.value = String(value);
    this.root.classList.toggle("moved", isMoved);
    this.slider.setAttribute("aria-valuetext", typed === "" ? "none: nothing is predicted" : typed);
    this.slider.setAttribute("aria-valuenow", String(this.one.stepOf(value)));
    this.slider.setAttribute("aria-valuemax", String(this.one.nSteps - 1));
    this.slider.setAttribute("aria-valuemin", "0");
  }
}
