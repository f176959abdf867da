// The deck: all rows, the figures over all classes, undo, reset, and the exchange with Python. Comes last in one module,
// after metrics.js, row.js and overall.js. Python says where thresholds stand and what figures they give (`data`); while a hand
// moves one, the browser counts by itself; on release it sends all thresholds with a number, and Python answers with
// its own figures under the same number.

const LINKS = [
  ["alone", "Each class alone"],
  ["quantile", "All, by quantile"],
  ["score", "All, by score"],
  ["prevalence", "All, by predicted prevalence"],
];
const SETTLE_MS = 180; // after the last key
const ANSWER_MS = 8000; // after which Python is asked again
const UNDO_DEPTH = 200;
const DECKS = new WeakMap();

class DeckView {
  constructor(place) {
    this.root = place;
    this.values = [];
    this.history = [];
    this.number = 0;
    this.epoch = null;
    this.token = null;
    this.grabbed = null;
    this.isByRank = false;
    this.link = "alone";
  }

  /** Takes what Python says; waits where the counts have not come yet. */
  receive(data, send) {
    Object.assign(this, { data, send });
    if (globalThis.thresholdTables?.token !== data.token) {
      write(this.root, "Loading the counts …");
      this.token = null;
      return;
    }
    if (this.token !== data.token) this.build(data.token);
    if (this.epoch !== data.epoch) this.adopt();
    this.takeReference();
    if (!this.grabbed) this.draw(data.confirmed.number === this.number ? data.confirmed : null);
  }

  /** Makes the rows for new counts. */
  build(token) {
    const { header, arrays } = globalThis.thresholdTables;
    this.token = token;
    this.grabbed = null;
    this.deck = new Deck(header, arrays);
    if (this.epoch === this.data.epoch) this.deck.setThresholds(this.values);
    const on = {
      press: (index) => this.press(index),
      drag: (index, step) => this.drag(index, step),
      release: () => this.release(),
      key: (index, event) => this.key(index, event),
      type: (index, text) => this.type(index, text),
      choose: (index) => this.choose(this.deck.classes[index].name),
    };
    const columns = columnsOf(this.data.figures.classes);
    this.rows = this.deck.classes.map((one, index) => new Row(one, index, columns, on));
    const heads = ["Class", "Scores", "Threshold", ...columns.map(({ title }) => title)];
    const head = element("div", { class: "row head", "aria-hidden": "true" }, ...heads.map((text) => element("div", {}, text)));
    const rows = element("div", { class: "rows" }, head, ...this.rows.map((row) => row.root));
    rows.style.setProperty("--plain-figures", String(columns.length - 2));
    this.overall = new Overall(this.data.figures.overall);
    this.root.replaceChildren(this.overall.root, this.makeTools(), legend(), rows);
  }

  makeTools() {
    const button = (text, title, act) => {
      const made = element("button", { type: "button", class: "tool", title }, text);
      made.onclick = act;
      return made;
    };
    const select = (label, options, chosen, act) => {
      const made = element("select", { "aria-label": label });
      for (const [value, text] of options) made.append(element("option", { value }, text));
      made.value = chosen;
      made.onchange = () => act(made.value);
      return element("label", { class: "choice" }, element("span", {}, label), made);
    };
    this.undoButton = button("Undo", "Take the last move back (Ctrl+Z)", () => this.undo());
    this.resetButton = button("Reset", "Back to the marked thresholds", () => this.reset());
    this.status = element("span", { class: "status", role: "status" });
    const links = LINKS.map(([name, label]) => [name, name === "score" && this.isProbability() ? "All, by probability" : label]);
    return element(
      "div", { class: "tools" }, this.undoButton, this.resetButton,
      select("Move", links, this.link, (value) => { this.link = value; }),
      select("Axis", [["score", "Score"], ["rank", "Rank of the film"]], this.isByRank ? "rank" : "score", (value) => this.setAxis(value)),
      this.status,
    );
  }

  isProbability() {
    return this.data.score_kind === "probability" || this.data.score_kind === "logit";
  }

  /** Starts anew from Python's thresholds: another setting, another policy, a file, a link. */
  adopt() {
    this.epoch = this.data.epoch;
    this.values = [...this.data.values];
    this.history = [];
    this.number = this.data.confirmed.number;
    this.grabbed = null;
    this.deck.setThresholds(this.values);
  }

  /** Figures at the reference, and its marks. */
  takeReference() {
    const key = JSON.stringify([this.token, this.data.reference]);
    if (key === this.referenceKey) return;
    this.referenceKey = key;
    this.deck.setThresholds(this.data.reference);
    this.before = this.deck.overall();
    this.deck.setThresholds(this.values);
    this.drawAxes();
  }

  drawAxes() {
    this.rows.forEach((row, index) => row.drawAxis(this.isByRank, this.data.reference[index], this.data.fits?.[index]));
  }

  setAxis(name) {
    this.isByRank = name === "rank";
    this.drawAxes();
    this.draw(this.latest);
  }

  // Moving ------------------------------------------------------------------------------------------------------

  /** Takes hold of a class; what another one was moved by is let go first. */
  grab(index) {
    if (this.grabbed?.index === index) return;
    this.release();
    this.grabbed = { index, steps: this.deck.steps(), values: [...this.values], isHeld: false };
  }

  /** A pointer takes hold: keys pressed just before are over, and no timer lets go. */
  press(index) {
    this.release();
    this.grab(index);
    this.grabbed.isHeld = true;
  }

  drag(index, step) {
    if (!this.grabbed) return;
    this.wanted = { index, step };
    this.frame ??= requestAnimationFrame(() => this.follow());
  }

  /** Once a frame: moves what is to move, and draws every figure. */
  follow() {
    this.frame = null;
    if (!this.grabbed || !this.wanted) return;
    const { index, step } = this.wanted;
    const linked = this.link !== "alone";
    const steps = linked
      ? this.deck.linkedSteps(this.link, index, step, this.grabbed.steps, this.data.score_kind === "logit")
      : this.grabbed.steps.map((first, place) => (place === index ? step : first));
    steps.forEach((wanted, place) => {
      const one = this.deck.classes[place];
      if (wanted === one.step) return;
      this.deck.setStep(place, wanted);
      const isBack = wanted === this.grabbed.steps[place];
      this.values[place] = isBack ? this.grabbed.values[place] : this.cutAt(one, wanted);
    });
    this.draw(null);
  }

  /** The threshold that gives a step; null predicts nothing. */
  cutAt(one, step) {
    return step === one.nSteps - 1 || Number.isNaN(one.cuts[step]) ? null : one.cuts[step];
  }

  release() {
    clearTimeout(this.settling);
    if (!this.grabbed) return;
    cancelAnimationFrame(this.frame);
    this.follow();
    const { values } = this.grabbed;
    this.grabbed = null;
    this.wanted = null;
    if (values.some((value, place) => value !== this.values[place])) this.commit(values);
    else this.draw(this.latest);
  }

  /** Remembers the thresholds as they were, and asks Python about those that stand now. */
  commit(previous) {
    if (previous) this.history = [...this.history.slice(1 - UNDO_DEPTH), previous];
    this.number += 1;
    this.root.dataset.sentAt = String(performance.now());
    this.draw(null);
    this.ask();
  }

  /** Asks Python; once more where no answer comes, since a click elsewhere can overtake the question. */
  ask() {
    clearTimeout(this.waiting);
    const { number, epoch } = this;
    this.send("moved", { number, epoch, values: this.values });
    this.waiting = setTimeout(() => {
      if (this.number === number && this.epoch === epoch && this.latest?.number !== number) this.ask();
    }, ANSWER_MS);
  }

  choose(name) {
    this.data = { ...this.data, chosen: name };
    this.draw(this.latest);
    this.send("chosen", name);
  }

  key(index, event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "z") return void (event.preventDefault(), this.undo());
    const one = this.deck.classes[index];
    const large = Math.max(1, Math.round(one.nSteps / 20));
    const by = event.shiftKey ? large : 1;
    const moves = {
      ArrowRight: by, ArrowUp: by, ArrowLeft: -by, ArrowDown: -by, PageUp: large, PageDown: -large,
      Home: -one.nSteps, End: one.nSteps,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    if (this.grabbed?.isHeld) return;
    this.grab(index);
    const from = this.wanted?.step ?? one.step;
    this.drag(index, Math.min(Math.max(from + moves[event.key], 0), one.nSteps - 1));
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.release(), SETTLE_MS);
  }

  type(index, text) {
    this.release();
    const value = text.trim() === "" ? null : Number(text.replace(",", "."));
    if (value !== null && !Number.isFinite(value)) {
      this.rows[index].writeNumber(this.values[index]);
      write(this.status, `${text} is not a number: the threshold stays.`);
      return;
    }
    const previous = [...this.values];
    if (value === previous[index]) {
      this.rows[index].writeNumber(value);
      return;
    }
    this.values[index] = value;
    this.deck.setStep(index, this.deck.classes[index].stepOf(value));
    this.commit(previous);
  }

  undo() {
    this.release();
    const values = this.history.pop();
    if (!values) return;
    this.values = values;
    this.deck.setThresholds(values);
    this.commit(null);
  }

  reset() {
    this.release();
    const previous = this.values;
    this.values = [...this.data.reference];
    this.deck.setThresholds(this.values);
    this.commit(previous);
  }

  // Drawing -----------------------------------------------------------------------------------------------------

  /** All figures: Python's where it has confirmed these thresholds, else the browser's. */
  draw(confirmed) {
    this.latest = confirmed;
    const overall = this.deck.overall();
    let isSame = true;
    this.rows.forEach((row, index) => {
      const own = row.one.figures();
      const theirs = confirmed?.classes[index];
      const isMoved = this.values[index] !== this.data.reference[index];
      if (theirs) isSame &&= ["tp", "fp", "fn", "tn"].every((cell) => theirs[cell] === own[cell]);
      const interval = theirs ? (theirs.f1_low === null ? null : [theirs.f1_low, theirs.f1_high]) : row.one.f1Interval();
      row.draw(this.values[index], theirs ?? own, interval, isMoved);
      row.root.classList.toggle("chosen", row.one.name === this.data.chosen);
    });
    if (confirmed) isSame &&= Object.keys(overall).every((name) => isNear(overall[name], confirmed.overall[name]));
    this.overall.draw(overall, this.before, confirmed);
    this.drawStatus(confirmed, isSame);
  }

  drawStatus(confirmed, isSame) {
    const nMoved = this.values.filter((value, index) => value !== this.data.reference[index]).length;
    const words = !confirmed ? "Counted in the browser" : isSame ? "Confirmed by Python" : this.deck.isExact
      ? "Python counts differently: reload the page" : "Exact figures by Python";
    write(this.status, words);
    this.root.dataset.number = String(this.number);
    this.root.dataset.confirmed = confirmed ? String(confirmed.number) : "";
    this.root.dataset.same = String(isSame);
    this.undoButton.disabled = !this.history.length;
    this.resetButton.disabled = !nMoved;
  }
}

/** Equal but for the order in which a mean adds its parts; undefined equals undefined. */
function isNear(own, theirs) {
  if (theirs === null || Number.isNaN(own)) return (theirs === null) === Number.isNaN(own);
  return Math.abs(own - theirs) <= 1e-12;
}

export default function deckComponent({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".deck");
  if (!DECKS.has(place)) DECKS.set(place, new DeckView(place));
  const view = DECKS.get(place);
  const show = () => view.receive(data, setTriggerValue);
  globalThis.addEventListener("threshold-tables", show);
  DECKS.get(place).forget?.();
  view.forget = () => globalThis.removeEventListener("threshold-tables", show);
  show();
  return () => {
    clearTimeout(view.waiting);
    view.forget();
  };
}
