// The table of all classes where the truth dial can be turned: it holds the figures of every position, shows those of a
// turn in the same frame, and Python's when they come.

import { element, part, write } from "../../shared/components/elements.js";
import { Parcels } from "../../shared/components/parcels.js";
import { TURNED } from "../../shared/truth_dial/positions.js";
import { sorted } from "./sorting.js";

/** @typedef {import("./types.js").TableData} TableData */
/** @typedef {import("./types.js").ClassTable} ClassTable */

const TABLES = "class_tables";
/** @type {WeakMap<Element, TableView>} */
const VIEWS = new WeakMap();

class TableView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {TableData} */
    this.data = { alt: "", helps: {}, here: "", table: { headings: [], rows: [] }, token: "" };
    /** @type {ClassTable} */
    this.table = this.data.table;
    /** @type {string | null} where a hand has turned to, until Python is there too */
    this.ahead = null;
    this.by = { column: -1, descending: false };
    this.drawn = "";
    /** @type {HTMLTableCellElement[][]} */
    this.cells = [];
    this.parcels = new Parcels([TABLES], () => {});
    this.onTurned = (/** @type {any} */ event) => this.turn(event.detail);
    addEventListener(TURNED, this.onTurned);
  }

  /** Stops listening. */
  close() {
    VIEWS.delete(this.root);
    removeEventListener(TURNED, this.onTurned);
    this.parcels.close();
  }

  /** @param {TableData} data */
  receive(data) {
    this.data = data;
    this.root.dataset.token = data.token;
    if (this.ahead !== null && data.here !== this.ahead) return;
    this.ahead = null;
    this.show(data.table, data.here);
    this.root.dataset.confirmed = data.here;
  }

  /**
   * Shows what the tables hold of a position; where they hold nothing of it, Python will.
   * @param {string} name
   */
  turn(name) {
    /** @type {import("./types.js").TurnedTables | undefined} */
    const turned = this.parcels.data(TABLES);
    const table = turned?.token === this.data.token ? turned.tables[name] : undefined;
    if (table === undefined) return;
    this.ahead = name;
    this.show(table, name);
  }

  /**
   * @param {ClassTable} table
   * @param {string} name
   */
  show(table, name) {
    this.table = table;
    this.draw();
    if (this.root.dataset.truth !== name) this.root.dataset.truth = name;
  }

  draw() {
    const { headings, rows } = this.table;
    const frame = JSON.stringify([headings, rows.length, this.data.helps, this.data.alt]);
    if (frame !== this.drawn) this.build(headings, rows.length);
    this.drawn = frame;
    sorted(rows, this.by).forEach((row, line) =>
      row.forEach((words, column) => write(this.cells[line][column], words)),
    );
    this.root.querySelectorAll("th[scope=col]").forEach((heading, column) => {
      const direction = this.by.descending ? "descending" : "ascending";
      heading.setAttribute("aria-sort", column === this.by.column ? direction : "none");
    });
  }

  /**
   * Builds the table anew: drawing takes the focus away, so only where its form has changed.
   * @param {string[]} headings
   * @param {number} nRows
   */
  build(headings, nRows) {
    const titles = headings.map((title, column) => {
      const sort = element("button", { type: "button", class: "sort", on: { click: () => this.sort(column) } }, title);
      return element("th", { scope: "col", title: this.data.helps[title] }, sort);
    });
    this.cells = Array.from({ length: nRows }, () =>
      headings.map((_, column) => (column ? element("td") : element("th", { scope: "row" }))),
    );
    const lines = this.cells.map((cells) => element("tr", {}, ...cells));
    const table = element(
      "table",
      { "aria-label": this.data.alt },
      element("thead", {}, element("tr", {}, ...titles)),
      element("tbody", {}, ...lines),
    );
    const scrolled = element(
      "div",
      { class: "scrolled", tabindex: "0", role: "group", "aria-label": this.data.alt },
      table,
    );
    this.root.replaceChildren(scrolled);
  }

  /**
   * First as a reader wants it: names from A, numbers from the largest; then the other way round, then as they came.
   * @param {number} column
   */
  sort(column) {
    const first = column > 0;
    if (this.by.column !== column) this.by = { column, descending: first };
    else if (this.by.descending === first) this.by = { column, descending: !first };
    else this.by = { column: -1, descending: false };
    this.draw();
  }
}

/** @param {import("../../shared/components/types.js").Component} component */
export default function turnedTable({ data, parentElement }) {
  const place = part(parentElement, ".classes");
  const view = VIEWS.get(place) ?? new TableView(place);
  VIEWS.set(place, view);
  view.receive(data);
  return () => view.close();
}
