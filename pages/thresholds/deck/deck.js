// The deck: all rows, the figures over all classes, undo, reset, and the exchange with Python.
// Python says where thresholds stand and what figures they give (`data`), and sends the counts as a parcel; while a hand
// moves a threshold, the browser counts by itself; on release it sends all thresholds with a number, and Python answers
// with its own figures under the same number: soon by an address of its own, and when the page has run again.

import { addressOf } from "../../shared/components/addresses.js";
import { unpack } from "../../shared/components/bytes.js";
import { element, listen, part, write } from "../../shared/components/elements.js";
import { MOVED, tell } from "../../shared/components/hands.js";
import { once, Parcels } from "../../shared/components/parcels.js";
import { TURNED } from "../../shared/truth_dial/positions.js";
import { ClinicDial } from "./clinic.js";
import { Led } from "./led.js";
import { Deck } from "./metrics.js";
import { Overall } from "./overall.js";
import { Pane } from "./pane.js";
import { columnsOf, headOf, legend, Row } from "./row.js";
import { Truths } from "./truths.js";

/**
 * @typedef {import("./types.js").Confirmed} Confirmed
 * @typedef {import("./types.js").DeckData} DeckData
 * @typedef {import("./types.js").Mode} Mode
 * @typedef {import("./types.js").Thumb} Thumb
 * @typedef {(number | null)[]} Thresholds by class; null predicts nothing
 * @typedef {{ values: Thresholds, uppers: Thresholds | null }} Cuts uppers: rule-in cuts; null where classes have one cut
 */

/** @type {[Mode, string][]} */
const LINKS = [
  ["alone", "Each class alone"],
  ["quantile", "All, by quantile"],
  ["score", "All, by score"],
  ["prevalence", "All, by predicted prevalence"],
];
const SETTLE_MS = 180; // after the last key
const ANSWER_MS = 8000; // after which Python is asked again
const UNDO_DEPTH = 200;
const CELLS = /** @type {const} */ (["tp", "fp", "fn", "tn"]);
const TABLES = "threshold_tables"; // the parcel of the counts
const TRUTHS = "threshold_truths"; // the parcel of the labels under every position of the dial
/** @type {WeakMap<Element, DeckView>} */
const DECKS = new WeakMap();
const readTables = once((bytes) => /** @type {import("./types.js").Tables} */ (unpack(bytes)));
const readTruths = once((bytes) => new Truths(unpack(bytes)));

class DeckView {
  /** @type {Deck} from the first counts on */
  deck;
  /** @type {Overall} from the first counts on */
  overall;
  /** @type {Pane} from the first counts on */
  pane;
  /** @type {import("./types.js").Figures} over all classes, at the reference */
  before;
  /** @type {{ step: number, upper: number, cells: import("./types.js").Cells }[]} of every class, at the reference */
  marked = [];

  /** @param {HTMLElement} place */
  constructor(place) {
    this.root = place;
    place.figure = { rows: () => this.table() };
    this.parcels = new Parcels([TABLES, TRUTHS], () => this.show());
    this.onTurned = (/** @type {Event} */ event) => this.turn(/** @type {CustomEvent<string>} */ (event).detail);
    addEventListener(TURNED, this.onTurned);
    this.led = new Led(this);
    /** @type {DeckData | null} */
    this.said = null;
    this.send = (/** @type {string} */ _event, /** @type {unknown} */ _value) => {};
    /** @type {Thresholds} */
    this.values = [];
    /** @type {Thresholds | null} */
    this.uppers = null;
    /** @type {Cuts[]} */
    this.history = [];
    this.number = 0;
    this.epoch = "";
    this.token = "";
    this.counted = ""; // of which counts rows were made last, also while others are awaited
    /** @type {string | null} the position of the dial whose labels are counted */
    this.truth = null;
    /** @type {string | null} a position that a hand has turned to, until Python is there too */
    this.ahead = null;
    /** @type {{ index: number, thumb: Thumb, steps: number[], cuts: Cuts, isHeld: boolean } | null} */
    this.grabbed = null;
    /** @type {{ index: number, step: number } | null} */
    this.wanted = null;
    /** @type {Confirmed | null} */
    this.latest = null;
    /** @type {import("./types.js").AxisChoice} */
    this.axis = "auto";
    /** @type {Thumb} which line of a class was held last */
    this.thumb = "threshold";
    /** @type {import("./types.js").Listing} what films the pane shows */
    this.listed = "missed";
    /** @type {Mode} */
    this.link = "alone";
    this.toolsSaid = "";
    /** @type {Row[]} */
    this.rows = [];
    this.frame = 0;
    this.settling = 0;
    this.waiting = 0;
    /** @type {Confirmed | null} what Python said apart from the page, which it may say before the page does */
    this.apart = null;
    this.referenceKey = "";
    this.status = element("span", { class: "status", role: "status" });
    this.undoButton = tool("Undo", "Take the last move back (Ctrl+Z)", () => this.undo());
    this.resetButton = tool("Reset", "Back to the marked thresholds", () => this.reset());
  }

  /** What Python said last. */
  get data() {
    return /** @type {DeckData} */ (this.said);
  }

  /**
   * Takes what Python says.
   * @param {DeckData} data
   * @param {import("../../shared/components/types.js").Component["setTriggerValue"]} send
   */
  receive(data, send) {
    this.said = data;
    this.send = send;
    this.show();
  }

  /** Shows what Python said; waits where the counts have not come yet. */
  show() {
    if (!this.said) return;
    const { data } = this;
    this.takeTools();
    if (this.ahead !== null && data.truth !== this.ahead) return;
    this.ahead = null;
    const tables = this.tablesOf(data);
    if (!tables) {
      write(this.root, "Loading the counts …");
      this.token = "";
      return;
    }
    if (this.token !== data.token || this.truth !== data.truth) this.build(tables);
    if (this.epoch !== data.epoch) this.adopt();
    this.takeReference();
    if (!this.grabbed) this.draw(this.confirmed());
  }

  /** Draws rows, and moves them, as Python says where it says something new: what a link asks for. */
  takeTools() {
    const said = JSON.stringify(this.data.tools);
    if (said === this.toolsSaid) return;
    this.toolsSaid = said;
    const { axis, link } = this.data.tools;
    const isDrawn = axis === this.axis;
    [this.axis, this.link] = [axis, link];
    for (const [made, value] of /** @type {const} */ ([
      [this.axisChoice, axis],
      [this.linkChoice, link],
    ])) {
      const select = made?.querySelector("select");
      if (select) select.value = value;
    }
    if (this.token === this.data.token && !isDrawn) this.drawAxes();
  }

  /** Tells Python how rows are drawn and what moves, for the address. */
  sendTools() {
    this.toolsSaid = JSON.stringify({ axis: this.axis, link: this.link });
    this.send("tools", { axis: this.axis, link: this.link });
  }

  /** Python's figures of the thresholds as they stand; null until they come. */
  confirmed() {
    return [this.data.confirmed, this.apart].find((said) => said?.number === this.number) ?? null;
  }

  /**
   * The counts with the labels that are meant; undefined where either has not come.
   * @param {DeckData} data
   * @returns {import("./types.js").Tables | undefined}
   */
  tablesOf(data) {
    const bytes = this.parcels.data(TABLES);
    const tables = bytes && readTables(bytes);
    if (tables?.token !== data.token) return undefined;
    return data.truth === null ? tables : this.truths(data.token)?.under(tables, data.truth);
  }

  /** @param {string} token */
  truths(token) {
    const bytes = this.parcels.data(TRUTHS);
    const truths = bytes && readTruths(bytes);
    return truths?.token === token ? truths : undefined;
  }

  /**
   * Counts with the labels of another position at once; Python follows. Thresholds that were not moved go where the
   * policy puts them there.
   * @param {string} name
   */
  turn(name) {
    if (!this.said || this.data.truth === null) return;
    const starts = this.truths(this.data.token)?.cutsOf(name, this.values.length);
    if (!starts) return;
    this.release();
    const { follows, reference, reference_uppers } = this.data;
    if (follows) {
      const old = [reference, reference_uppers ?? reference];
      const moved = this.values.map((value, index) => value !== old[0][index] || this.upperOf(index) !== old[1][index]);
      this.values = this.values.map((value, index) => (moved[index] ? value : starts.values[index]));
      this.uppers = this.uppers && this.uppers.map((value, index) => (moved[index] ? value : starts.uppers[index]));
    }
    const marks = follows
      ? { reference: starts.values, reference_uppers: reference_uppers && starts.uppers }
      : { reference, reference_uppers };
    this.said = { ...this.data, ...marks, truth: name, values: this.values, uppers: this.uppers, fits: [] };
    const tables = this.tablesOf(this.data);
    if (!tables) return;
    this.ahead = name;
    this.apart = null;
    this.history = [];
    this.build(tables);
    this.takeReference();
    this.draw(null);
  }

  /**
   * A class's rule-in cut; its threshold where it has one cut.
   * @param {number} index
   */
  upperOf(index) {
    return this.uppers ? this.uppers[index] : this.values[index];
  }

  /** Lets the page go. */
  close() {
    clearTimeout(this.waiting);
    removeEventListener(TURNED, this.onTurned);
    this.led.close();
    this.parcels.close();
  }

  /**
   * Makes the rows for new counts.
   * @param {import("./types.js").Tables} tables
   */
  build(tables) {
    const isOfOthers = this.counted !== tables.token && this.truth === this.data.truth;
    if (!this.counted) this.listed = this.data.listed;
    else if (isOfOthers && this.listed === "changed") this.listed = "missed"; // no hand has changed these films
    this.counted = tables.token;
    this.token = tables.token;
    this.truth = this.data.truth;
    this.root.dataset.truth = this.truth ?? "";
    this.grabbed = null;
    this.deck = new Deck(tables);
    if (this.epoch === this.data.epoch) this.deck.setThresholds(this.values, this.uppers);
    const { classes, overall } = this.data.figures;
    const columns = columnsOf(classes);
    this.rows = this.deck.classes.map((one, index) => new Row(one, index, columns, this));
    const rows = element(
      "div",
      { class: "rows" },
      headOf(columns, this.data.score_kind),
      ...this.rows.map((row) => row.root),
    );
    rows.style.setProperty("--plain-figures", String(columns.length - 1));
    this.overall = new Overall(overall);
    this.filmRows = tables.arrays.rows;
    this.dial = new ClinicDial((...typed) => this.setClinic(...typed));
    this.pane = new Pane(this.overall.root, this.dial.root, classes, {
      look: (kind) => this.look(this.inHand, kind),
      act: (row, act) => this.send("film", { row, act, finding: this.data.chosen }),
      selectAll: () => this.send("all", { kind: this.listed, finding: this.data.chosen, thumb: this.thumb }),
    });
    const board = element("div", { class: "board" }, this.makeTools(), rows);
    this.root.replaceChildren(element("div", { class: "beside" }, board, this.pane.root));
  }

  /** The class that the pane shows. */
  get inHand() {
    const index = this.deck.classes.findIndex(({ name }) => name === this.data.chosen);
    return this.grabbed?.index ?? Math.max(index, 0);
  }

  makeTools() {
    const isProbability = this.data.score_kind === "probability" || this.data.score_kind === "logit";
    const links = LINKS.map(([name, label]) => [
      name,
      name === "score" && isProbability ? "All, by probability" : label,
    ]);
    const cuts = [
      ["one", "One cut"],
      ["two", "Two: rule out, rule in"],
    ];
    this.cutsChoice = choice("Cuts", cuts, this.uppers ? "two" : "one", (value) => this.setCuts(value));
    const kind = this.data.score_kind;
    const score = `${kind[0].toUpperCase()}${kind.slice(1)}`;
    const axes = [
      ["auto", `${score} or rank`],
      ["score", score],
      ["rank", "Rank of the film"],
    ];
    this.axisChoice = choice("Axis", axes, this.axis, (value) => this.setAxis(value));
    this.axisChoice.title = `What is drawn from left to right: the ${kind}, and by rank where it is skewed`;
    this.linkChoice = choice("Move", links, this.link, (value) => {
      this.link = /** @type {Mode} */ (value);
      this.sendTools();
    });
    return element(
      "div",
      { class: "tools" },
      this.undoButton,
      this.resetButton,
      this.linkChoice,
      this.cutsChoice,
      this.axisChoice,
      legend(),
      this.status,
    );
  }

  /** Starts anew from Python's thresholds: another setting, another policy, a file, a link. */
  adopt() {
    this.epoch = this.data.epoch;
    this.values = [...this.data.values];
    this.uppers = this.data.uppers && [...this.data.uppers];
    this.history = [];
    this.apart = null;
    this.number = this.data.confirmed.number;
    this.grabbed = null;
    this.deck.setThresholds(this.values, this.uppers);
  }

  /** The thresholds as they stand, apart from what moves on. */
  get cuts() {
    return { values: [...this.values], uppers: this.uppers && [...this.uppers] };
  }

  /** @param {Cuts} cuts */
  take({ values, uppers }) {
    this.values = [...values];
    this.uppers = uppers && [...uppers];
    this.deck.setThresholds(this.values, this.uppers);
  }

  /**
   * One cut a class, or two: the second begins where the highest negatives of the films in sight end, so that films
   * from it on are all positive, or on the first where that lies higher.
   * @param {string} name
   */
  setCuts(name) {
    this.release();
    const before = this.cuts;
    const uppers = this.deck.classes.map((one, index) => this.upperAt(index, Math.max(one.cleanStep, one.step)));
    this.take({ values: this.values, uppers: name === "two" ? uppers : null });
    this.commit(before);
  }

  /**
   * A rule-in cut that gives a step; null where the class has no threshold.
   * @param {number} index
   * @param {number} step
   */
  upperAt(index, step) {
    const one = this.deck.classes[index];
    if (this.values[index] === null || Number.isNaN(one.cuts[step])) return null;
    return step === one.step ? this.values[index] : one.cuts[step];
  }

  /** Figures at the reference, and its marks. */
  takeReference() {
    const { reference, reference_uppers } = this.data;
    const key = JSON.stringify([this.token, this.truth, reference, reference_uppers]);
    if (key === this.referenceKey) return;
    this.referenceKey = key;
    this.deck.setThresholds(this.data.reference, this.data.reference_uppers);
    this.before = this.deck.overall();
    this.marked = this.deck.classes.map((one) => ({
      step: one.step,
      upper: this.deck.isTwo ? one.upperStep : one.step,
      cells: one.figures(),
    }));
    this.deck.setThresholds(this.values, this.uppers);
    this.drawAxes();
  }

  drawAxes() {
    this.rows.forEach((row, index) => {
      row.sayUntrained(this.data.untrained?.[index] ?? null);
      row.drawAxis(this.axis, this.data.reference[index], this.data.fits?.[index]);
    });
  }

  /** @param {string} name */
  setAxis(name) {
    this.axis = /** @type {import("./types.js").AxisChoice} */ (name);
    this.sendTools();
    this.drawAxes();
    this.draw(this.latest);
  }

  /**
   * Shows films of a class in the pane, which comes into sight.
   * @param {number} index
   * @param {import("./types.js").Listing} kind
   */
  look(index, kind) {
    const finding = this.deck.classes[index].name;
    this.listed = kind;
    this.said = { ...this.data, chosen: finding };
    this.pane.showLists();
    this.draw(this.latest);
    this.send("listed", { kind, finding });
    this.pane.root.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  /**
   * Another prevalence, of the class in hand or of all; Python keeps it for what stands below.
   * @param {number | null} prevalence 0..1; null as here
   * @param {number} weight
   * @param {boolean} isForAll
   */
  setClinic(prevalence, weight, isForAll) {
    const own = this.data.clinic.prevalence.map((held, index) =>
      isForAll || index === this.inHand ? prevalence : held,
    );
    this.said = { ...this.data, clinic: { prevalence: own, weight } };
    this.draw(this.latest);
    this.send("clinic", this.data.clinic);
  }

  // Moving ------------------------------------------------------------------------------------------------------

  /**
   * Takes hold of a class; what another one was moved by is let go first.
   * @param {number} index
   * @param {Thumb} thumb
   */
  grab(index, thumb) {
    if (this.grabbed?.index === index && this.grabbed.thumb === thumb) return;
    this.release();
    this.thumb = thumb;
    this.grabbed = { index, thumb, steps: this.deck.steps(), cuts: this.cuts, isHeld: false };
    this.said = { ...this.data, chosen: this.deck.classes[index].name };
    this.listed = "changed";
    this.pane.showLists();
  }

  /**
   * A pointer takes hold: keys pressed just before are over, and no timer lets go.
   * @param {number} index
   * @param {Thumb} thumb
   */
  press(index, thumb) {
    this.release();
    this.grab(index, thumb);
    if (this.grabbed) this.grabbed.isHeld = true;
  }

  /**
   * @param {number} index
   * @param {number} step
   */
  drag(index, step) {
    if (!this.grabbed) return;
    this.wanted = { index, step };
    this.frame ||= requestAnimationFrame(() => this.follow());
  }

  /** Once a frame: moves what is to move, and draws every figure. */
  follow() {
    this.frame = 0;
    const { grabbed } = this;
    if (!grabbed || !this.wanted) return;
    const { index, step } = this.wanted;
    if (grabbed.thumb === "upper") this.moveUpper(index, Math.max(step, this.deck.classes[index].step));
    else this.moveThreshold(index, step, grabbed);
    this.draw(null);
    this.tellMove(true);
  }

  /**
   * Says where thresholds stand under the hand, to whom it may concern.
   * @param {boolean} isHeld
   */
  tellMove(isHeld) {
    const { token } = this.data;
    const finding = this.deck.classes[this.inHand].name;
    const { values, uppers } = this.cuts;
    tell(MOVED, { token, values, uppers, finding, place: this.inHand, is_held: isHeld });
  }

  /**
   * @param {number} index
   * @param {number} step
   */
  moveUpper(index, step) {
    if (!this.uppers) return;
    this.deck.setUpper(index, step);
    this.uppers[index] = this.upperAt(index, step);
  }

  /**
   * Moves a threshold, and with it those that are linked; a rule-in cut is never left below its threshold.
   * @param {number} index
   * @param {number} step
   * @param {{ steps: number[], cuts: Cuts }} grabbed
   */
  moveThreshold(index, step, grabbed) {
    const linked = this.link !== "alone";
    const steps = linked
      ? this.deck.linkedSteps(this.link, index, step, grabbed.steps, this.data.score_kind === "logit")
      : grabbed.steps.map((first, place) => (place === index ? step : first));
    steps.forEach((wanted, place) => {
      const one = this.deck.classes[place];
      if (wanted === one.step) return;
      this.deck.setStep(place, wanted);
      const isBack = wanted === grabbed.steps[place];
      this.values[place] = isBack ? grabbed.cuts.values[place] : cutAt(one, wanted);
      if (!this.uppers) return;
      const upper = grabbed.cuts.uppers?.[place] ?? null;
      const isAbove = upper !== null && one.stepOf(upper) > wanted;
      this.deck.setUpper(place, isAbove ? one.stepOf(upper) : wanted);
      this.uppers[place] = isAbove && this.values[place] !== null ? upper : this.upperAt(place, wanted);
    });
  }

  release() {
    clearTimeout(this.settling);
    if (!this.grabbed) return;
    cancelAnimationFrame(this.frame);
    this.follow();
    const { cuts } = this.grabbed;
    this.grabbed = null;
    this.wanted = null;
    if (JSON.stringify(cuts) !== JSON.stringify(this.cuts)) this.commit(cuts);
    else this.draw(this.confirmed());
  }

  /**
   * Remembers the thresholds as they were, and asks Python about those that stand now.
   * @param {Cuts | null} previous
   */
  commit(previous) {
    if (previous) this.history = [...this.history.slice(1 - UNDO_DEPTH), previous];
    this.number += 1;
    this.root.dataset.sentAt = String(performance.now());
    this.draw(null);
    this.tellMove(false);
    this.ask();
  }

  /** Asks Python; the page once more where it does not answer, since a click elsewhere can overtake the question. */
  ask() {
    clearTimeout(this.waiting);
    const { number, epoch } = this;
    const move = { number, epoch, values: [...this.values], uppers: this.uppers && [...this.uppers] };
    this.send("moved", move);
    this.askApart(move);
    this.waiting = setTimeout(() => {
      if (this.number === number && this.epoch === epoch && this.data.confirmed.number !== number) this.ask();
    }, ANSWER_MS);
  }

  /**
   * Asks for the figures alone; where none come this way, the page brings them.
   * @param {{ number: number, epoch: string } & Cuts} move
   */
  async askApart(move) {
    const { asks, token, truth } = this.data;
    if (!asks || this.ahead !== null) return;
    /** @type {Confirmed} */
    let figures;
    try {
      const answer = await fetch(addressOf(asks), { method: "POST", body: JSON.stringify({ ...move, token, truth }) });
      if (!answer.ok) return;
      figures = await answer.json();
    } catch {
      return;
    }
    if (this.number !== move.number || this.epoch !== move.epoch || this.truth !== truth) return;
    this.apart = figures;
    if (!this.grabbed) this.draw(this.confirmed());
  }

  /** @param {number} index */
  choose(index) {
    const { name } = this.deck.classes[index];
    this.said = { ...this.data, chosen: name };
    this.draw(this.latest);
    this.send("chosen", name);
  }

  /**
   * @param {number} index
   * @param {KeyboardEvent} event
   * @param {Thumb} thumb
   */
  key(index, event, thumb) {
    if ((event.ctrlKey || event.metaKey) && event.key === "z") {
      event.preventDefault();
      this.undo();
      return;
    }
    const one = this.deck.classes[index];
    const large = Math.max(1, Math.round(one.nSteps / 20));
    const by = event.shiftKey ? large : 1;
    /** @type {Record<string, number>} */
    const moves = {
      ArrowRight: by,
      ArrowUp: by,
      ArrowLeft: -by,
      ArrowDown: -by,
      PageUp: large,
      PageDown: -large,
      Home: -one.nSteps,
      End: one.nSteps,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    if (this.grabbed?.isHeld) return;
    this.grab(index, thumb);
    const from = this.wanted?.step ?? (thumb === "upper" ? one.upperStep : one.step);
    this.drag(index, Math.min(Math.max(from + moves[event.key], 0), one.nSteps - 1));
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.release(), SETTLE_MS);
  }

  /**
   * @param {number} index
   * @param {string} text
   * @param {Thumb} thumb
   */
  type(index, text, thumb) {
    this.release();
    this.said = { ...this.data, chosen: this.deck.classes[index].name };
    this.listed = "changed";
    this.thumb = thumb;
    const value = text.trim() === "" ? null : Number(text.replace(",", "."));
    const previous = this.cuts;
    const isNumber = value === null || Number.isFinite(value);
    if (isNumber && thumb === "upper") this.setUpperTo(index, value);
    else if (isNumber) this.setThresholdTo(index, value);
    if (JSON.stringify(previous) !== JSON.stringify(this.cuts)) {
      this.take(this.cuts);
      this.commit(previous);
      return;
    }
    this.rows[index].writeNumbers(this.values[index], this.upperOf(index));
    if (!isNumber) write(this.status, `${text} is not a number: the threshold stays.`);
  }

  /**
   * A threshold that was typed; the rule-in cut is never left below it.
   * @param {number} index
   * @param {number | null} value
   */
  setThresholdTo(index, value) {
    this.values[index] = value;
    const upper = this.uppers?.[index] ?? null;
    if (this.uppers && (value === null || upper === null || upper < value)) this.uppers[index] = value;
  }

  /**
   * A rule-in cut that was typed: on the threshold where it would lie below it; none rules nothing in.
   * @param {number} index
   * @param {number | null} value
   */
  setUpperTo(index, value) {
    const [low, one] = [this.values[index], this.deck.classes[index]];
    if (!this.uppers || low === null) return;
    this.uppers[index] = Math.max(low, value ?? one.cuts[one.nSteps - 1]);
  }

  undo() {
    this.release();
    const cuts = this.history.pop();
    if (!cuts) return;
    this.take(cuts);
    this.commit(null);
  }

  reset() {
    this.release();
    const previous = this.cuts;
    this.take({ values: this.data.reference, uppers: this.data.reference_uppers });
    this.commit(previous);
  }

  /** Where every class stands and what it costs, for a table. */
  table() {
    const figures = this.data.figures.classes;
    const upper = this.uppers ? ["Rule-in threshold"] : [];
    const counts = ["Found", "Missed", "False alarms", "Rightly silent"];
    const rows = this.deck.classes.map((one, index) => {
      const own = /** @type {import("./types.js").ClassFigures} */ (this.latest?.classes[index] ?? one.figures());
      const said = (/** @type {import("./types.js").Figure | undefined} */ value) =>
        value === null || value === undefined || Number.isNaN(value) ? "" : value;
      const cuts = [this.values[index], ...(this.uppers ? [this.uppers[index]] : [])];
      return [
        one.name,
        ...cuts.map(said),
        own.tp,
        own.fn,
        own.fp,
        own.tn,
        ...figures.map(({ name }) => said(own[name])),
      ];
    });
    return [["Class", "Threshold", ...upper, ...counts, ...figures.map(({ title }) => title)], ...rows];
  }

  // Drawing -----------------------------------------------------------------------------------------------------

  /**
   * All figures: Python's where it has confirmed these thresholds, else the browser's.
   * @param {Confirmed | null} confirmed
   */
  draw(confirmed) {
    this.latest = confirmed;
    const overall = this.deck.overall();
    let isSame = true;
    this.rows.forEach((row, index) => {
      const own = row.one.figures();
      const theirs = confirmed?.classes[index];
      const isMoved = this.isMoved(index);
      if (theirs) isSame &&= CELLS.every((cell) => theirs[cell] === own[cell]);
      const { cells } = this.marked[index];
      row.draw(this.values[index], theirs ?? own, cells, theirs ? endsOf(theirs) : row.one.f1Interval(), isMoved);
      row.root.classList.toggle("chosen", row.one.name === this.data.chosen);
      if (this.uppers) isSame &&= this.drawSettled(row, index, confirmed);
    });
    this.root.classList.toggle("two", this.uppers !== null);
    const cuts = this.cutsChoice?.querySelector("select");
    if (cuts) cuts.value = this.uppers ? "two" : "one";
    if (confirmed?.settled) {
      const theirs = confirmed.settled.overall;
      isSame &&= Object.entries(this.deck.settled()).every(([name, own]) => isNear(own, theirs[name]));
    }
    if (confirmed) isSame &&= Object.entries(overall).every(([name, own]) => isNear(own, confirmed.overall[name]));
    this.overall.draw(overall, this.before, confirmed);
    this.drawPane(confirmed);
    this.drawStatus(confirmed, isSame);
  }

  /**
   * Whether a class stands elsewhere than at the reference; two cuts with nothing between are one.
   * @param {number} index
   */
  isMoved(index) {
    const { reference, reference_uppers: uppers } = this.data;
    const above = (/** @type {Thresholds | null} */ own, /** @type {Thresholds} */ values) => (own ?? values)[index];
    return this.values[index] !== reference[index] || above(this.uppers, this.values) !== above(uppers, reference);
  }

  /**
   * What two cuts settle in a row: Python's figures where it has confirmed them. Whether both count the same.
   * @param {Row} row
   * @param {number} index
   * @param {Confirmed | null} confirmed
   */
  drawSettled(row, index, confirmed) {
    const own = row.one.settled();
    const theirs = confirmed?.settled?.classes[index];
    row.drawSettled(this.uppers?.[index] ?? null, theirs ?? own);
    if (!confirmed) return true;
    return Object.entries(own).every(([name, value]) =>
      isNear(value ?? NaN, theirs?.[/** @type {keyof typeof own} */ (name)]),
    );
  }

  /** @param {Confirmed | null} confirmed */
  drawPane(confirmed) {
    const index = this.inHand;
    const one = this.deck.classes[index];
    const { step, upper, cells } = this.marked[index];
    this.pane.drawFigures(one, confirmed?.classes[index] ?? one.figures(), cells);
    const { prevalence, weight } = this.data.clinic;
    this.dial?.draw(one.figures(), prevalence[index], weight);
    if (this.uppers) {
      const settled = confirmed?.settled;
      this.pane.drawSettled(settled?.classes[index] ?? one.settled(), settled?.overall ?? this.deck.settled());
    }
    const isUpper = this.thumb === "upper" && this.uppers !== null;
    /** @type {Thumb} */
    const thumb = isUpper ? "upper" : "threshold";
    const move = { thumb, before: isUpper ? upper : step, after: isUpper ? one.upperStep : one.step };
    const look = { kind: this.listed, move, rows: this.filmRows, isExact: this.deck.isExact };
    this.pane.drawFilms(one, look, this.data.films, this.data.acts);
  }

  /**
   * @param {Confirmed | null} confirmed
   * @param {boolean} isSame
   */
  drawStatus(confirmed, isSame) {
    const nMoved = this.values.filter((_, index) => this.isMoved(index)).length;
    write(this.status, statusWords(confirmed !== null, isSame, this.deck.isExact));
    const standing = {
      number: this.number,
      confirmed: confirmed ? confirmed.number : "",
      page: this.data.confirmed.number,
      same: isSame,
    };
    for (const [name, value] of Object.entries(standing)) {
      if (this.root.dataset[name] !== String(value)) this.root.dataset[name] = String(value);
    }
    this.undoButton.disabled = !this.history.length;
    this.resetButton.disabled = !nMoved && (this.uppers === null) === (this.data.reference_uppers === null);
  }
}

/**
 * @param {boolean} isConfirmed
 * @param {boolean} isSame
 * @param {boolean} isExact
 */
function statusWords(isConfirmed, isSame, isExact) {
  if (!isConfirmed) return "Updating";
  if (isSame) return "Exact";
  return isExact ? "Python counts differently: reload the page" : "Exact";
}

/**
 * The threshold that gives a step; null predicts nothing.
 * @param {import("./metrics.js").ClassCounts} one
 * @param {number} step
 */
function cutAt(one, step) {
  return step === one.nSteps - 1 || Number.isNaN(one.cuts[step]) ? null : one.cuts[step];
}

/**
 * The interval that Python gives; null where it is not estimable.
 * @param {{ f1_low: number | null, f1_high: number | null }} figures
 * @returns {import("./types.js").Ends | null}
 */
function endsOf({ f1_low, f1_high }) {
  return f1_low === null || f1_high === null ? null : [f1_low, f1_high];
}

/**
 * Equal but for the order in which a mean adds its parts; undefined equals undefined.
 * @param {number} own
 * @param {number | null | undefined} theirs
 */
function isNear(own, theirs) {
  if (theirs === undefined) return false;
  if (theirs === null || Number.isNaN(own)) return (theirs === null) === Number.isNaN(own);
  return Math.abs(own - theirs) <= 1e-12;
}

/**
 * @param {string} text
 * @param {string} title
 * @param {() => void} act
 */
function tool(text, title, act) {
  return element("button", { type: "button", class: "tool", title, on: { click: act } }, text);
}

/**
 * @param {string} label
 * @param {string[][]} options value and words of each
 * @param {string} chosen
 * @param {(value: string) => unknown} act
 */
function choice(label, options, chosen, act) {
  const made = element("select", { "aria-label": label });
  made.append(...options.map(([value, text]) => element("option", { value }, text)));
  made.value = chosen;
  listen(made, { change: () => act(made.value) });
  return element("label", { class: "choice" }, element("span", {}, label), made);
}

/** @param {import("../../shared/components/types.js").Component} component */
export default function deckComponent({ data, parentElement, setTriggerValue }) {
  const place = part(parentElement, ".deck");
  const view = DECKS.get(place) ?? new DeckView(place);
  DECKS.set(place, view);
  view.receive(data, setTriggerValue);
  return () => view.close();
}
