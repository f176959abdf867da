// The label budget: a slider, what its number of labels gives, and the curves over all numbers. Everything that follows
// the hand is computed here; Python is told where the hand let go.

import { unpack } from "../../shared/components/bytes.js";
import { element, part, write } from "../../shared/components/elements.js";
import { once, Parcels } from "../../shared/components/parcels.js";
import { chartOf } from "./chart.js";
import { BudgetSolver, N_MEASURES } from "./solver.js";

/**
 * @typedef {import("./types.js").BudgetData} BudgetData
 * @typedef {import("./types.js").BudgetFigures} BudgetFigures
 */

const FILMS = "budget_films";
const UNDEFINED = "–";
const TITLES = /** @type {Record<string, string>} */ ({
  all: "All classes",
  head: "Head",
  medium: "Medium",
  tail: "Tail",
});
const MOST_TIMES = 500;
/** @type {WeakMap<Element, BudgetView>} */
const VIEWS = new WeakMap();
const solverOf = once((bytes) => new BudgetSolver(unpack(bytes)));

/** @param {number | null} value */
function words(value) {
  return value === null || Number.isNaN(value) ? UNDEFINED : value.toFixed(3).replace(/^(-?)0\./, "$1.");
}

/**
 * The mean of a measure over some classes; NaN where one is undefined, or there is none.
 * @param {BudgetFigures} figures
 * @param {number[]} columns
 * @param {number} measure
 */
function mean(figures, columns, measure) {
  const sum = columns.reduce((total, column) => total + figures.values[column * N_MEASURES + measure], 0);
  return columns.length ? sum / columns.length : NaN;
}

class BudgetView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {BudgetData | null} */
    this.data = null;
    this.send = (/** @type {string} */ _event, /** @type {unknown} */ _value) => {};
    this.parcels = new Parcels([FILMS], () => this.show());
    this.budget = 0;
    this.asked = -1;
    /** @type {number[]} what a hand has asked for since, which Python has not answered yet */
    this.sent = [];
    /** @type {{ solver: BudgetSolver, figures: BudgetFigures } | null} */
    this.before = null;
    this.frame = 0;
    /** @type {number[]} milliseconds of every move */
    this.times = [];
    this.refit = 0;
    this.input = element("input", {
      type: "range",
      min: "0",
      step: "1",
      "aria-label": "Labelled films",
      on: {
        input: (event) => this.move(Number(event.target.value)),
        change: () => this.ask(),
      },
    });
    this.number = element("span", { class: "number" });
    this.means = element("div", { class: "means" });
    this.time = element("span", { class: "quiet", data: { part: "time" } });
    this.chart = element("div", { class: "chart" });
    this.rows = element("div", { class: "rows" });
    const top = element("div", { class: "top" }, this.number, this.input, this.time);
    root.replaceChildren(top, this.means, this.chart, this.rows);
    root.figure = { rows: () => this.table() };
  }

  /**
   * @param {BudgetData} data
   * @param {import("../../shared/components/types.js").Component["setTriggerValue"]} send
   */
  receive(data, send) {
    this.data = data;
    this.send = send;
    this.input.max = String(data.most);
    const answered = this.sent.indexOf(data.budget);
    this.sent.splice(0, answered + 1);
    const isOwn = answered >= 0 || data.budget === this.asked; // the hand may have moved on since
    this.asked = data.budget;
    if (!isOwn || this.budget > data.most) this.budget = data.budget;
    this.input.value = String(this.budget);
    this.show();
  }

  /** Tells Python what the hand let go of. */
  ask() {
    this.sent.push(this.budget);
    this.send("moved", this.budget);
  }

  /** The curves, a row for each budget. */
  table() {
    const { budgets = [], curves = [], measureName = "" } = this.data ?? {};
    const said = (/** @type {number | null | undefined} */ value) => value ?? "";
    const rows = curves.flatMap(({ name, middle, low, high }) =>
      budgets.map((budget, at) => [name, budget, said(middle[at]), said(low?.[at]), said(high?.[at])]),
    );
    return [["curve", "labels", measureName, "low", "high"], ...rows];
  }

  /** The solver, when its films are there. */
  solver() {
    const bytes = this.parcels.data(FILMS);
    const solver = bytes ? solverOf(bytes) : null;
    return solver && solver.films.token === this.data?.token ? solver : null;
  }

  /**
   * What is known before any label, found once.
   * @param {BudgetSolver} solver
   */
  nothing(solver) {
    if (this.before?.solver !== solver) this.before = { solver, figures: solver.figures(0, 0, false) };
    return this.before.figures;
  }

  /** @param {number} budget */
  move(budget) {
    this.budget = budget;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.show());
  }

  show() {
    const { data } = this;
    const solver = this.solver();
    if (!data || !solver) return;
    const begun = performance.now();
    const figures = solver.figures(data.order, this.budget, data.byClass);
    this.times.push(performance.now() - begun);
    this.refit = figures.refitMs;
    this.times.splice(0, this.times.length - MOST_TIMES);
    const nothing = this.nothing(solver);
    this.sayWhere(data);
    this.sayMeans(data, figures, nothing);
    this.drawRows(data, figures, nothing);
    const now = mean(figures, data.groups.all, data.measure);
    this.chart.replaceChildren(chartOf(data, this.budget, Number.isNaN(now) ? null : now));
    this.root.dataset.budget = String(this.budget);
    this.root.dataset.mean = String(now);
  }

  /** @param {BudgetData} data */
  sayWhere(data) {
    const what = data.byClass ? "positives of each class" : "labelled films";
    const said = `${this.budget.toLocaleString("en")} of ${data.most.toLocaleString("en")} ${what}`;
    write(this.number, said);
    this.input.setAttribute("aria-valuetext", said);
    const sorted = [...this.times].sort((one, other) => one - other);
    const slow = sorted[Math.min(sorted.length - 1, Math.floor(0.95 * sorted.length))];
    const last = this.times[this.times.length - 1];
    this.time.dataset.slow = String(slow);
    this.time.dataset.refit = String(this.refit);
    this.time.dataset.last = String(last);
    const all = this.times.length < 20 ? "" : `; 95 % of ${this.times.length} moves within ${slow.toFixed(1)} ms`;
    write(this.time, `refitted in ${this.refit.toFixed(1)} ms, judged by ${last.toFixed(1)} ms${all}`);
  }

  /**
   * @param {BudgetData} data
   * @param {BudgetFigures} figures
   * @param {BudgetFigures} nothing
   */
  sayMeans(data, figures, nothing) {
    const parts = Object.entries(data.groups).map(([name, columns]) => {
      const [now, before] = [figures, nothing].map((one) => mean(one, columns, data.measure));
      const label = `${TITLES[name] ?? name} (${columns.length}): `;
      const begin = ` from ${words(before)}`;
      return element(
        "span",
        { class: "mean" },
        label,
        element("strong", {}, words(now)),
        element("span", { class: "quiet" }, begin),
      );
    });
    this.means.replaceChildren(element("span", {}, `Mean ${data.measureName} of the test films`), ...parts);
  }

  /**
   * @param {BudgetData} data
   * @param {BudgetFigures} figures
   * @param {BudgetFigures} nothing
   */
  drawRows(data, figures, nothing) {
    const head = ["Class", "No label", "Now", "Change", "Beats"].map((title) => element("th", { scope: "col" }, title));
    const rows = data.classes.map((name, column) => {
      const place = column * N_MEASURES + data.measure;
      const [before, now] = [nothing.values[place], figures.values[place]];
      const change = now - before;
      const way = change > 0 ? "better" : change < 0 ? "worse" : "";
      return element(
        "tr",
        {},
        element("td", {}, name),
        element("td", {}, words(before)),
        element("td", {}, words(now)),
        element("td", { class: way }, words(Math.abs(change))),
        element("td", {}, data.beats[column]),
      );
    });
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
    this.rows.replaceChildren(table);
  }
}

/** @param {import("../../shared/components/types.js").Component} component */
export default function labelBudget({ data, parentElement, setTriggerValue }) {
  const place = part(parentElement, ".budget");
  const view = VIEWS.get(place) ?? new BudgetView(place);
  VIEWS.set(place, view);
  view.receive(data, setTriggerValue);
  return () => view.parcels.close();
}
