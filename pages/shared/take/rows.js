// The data of what is drawn, as CSV: of a component that tells them, of a Plotly chart, or what Python sent.

import { within } from "./sheet.js";

const FORMULA = /^[=+\-@\t\n]/; // what a spreadsheet would take for one, unless it is a number
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * @param {Element} place
 * @param {import("./types.js").Told} told
 * @returns {string | null} null where there are none
 */
export function csvOf(place, told) {
  if (told.csv) return told.csv;
  for (const one of within(place)) {
    const rows = one.figure?.rows?.() ?? rowsOfPlot(/** @type {any} */ (one)._fullData) ?? rowsOfTable(one);
    if (rows) return rows.map((row) => row.map(cellOf).join(",")).join("\n") + "\n";
  }
  return null;
}

/**
 * The points of a Plotly chart: a row each, under the name of its trace.
 * @param {any[] | undefined} traces
 * @returns {(string | number)[][] | null}
 */
export function rowsOfPlot(traces) {
  if (!traces) return null;
  const rows = traces.filter((trace) => trace.visible !== false).flatMap(rowsOfTrace);
  const names = ["trace", "x", "y", "value", "text", "low", "high"];
  const used = names.filter((name, column) => !column || rows.some((row) => row[column] !== ""));
  return [used, ...rows.map((row) => row.filter((_, column) => used.includes(names[column])))];
}

/**
 * @param {Element} one
 * @returns {string[][] | null} null of what is no table
 */
function rowsOfTable(one) {
  if (!(one instanceof HTMLTableElement)) return null;
  return [...one.rows].map((row) => [...row.cells].map((cell) => cell.textContent?.trim() ?? ""));
}

/**
 * @param {any} trace
 * @returns {(string | number)[][]}
 */
function rowsOfTrace(trace) {
  const name = plain(trace.name ?? "");
  if (trace.z && !trace.z.length) return [];
  if (trace.z) {
    return [...trace.z].flatMap((line, row) =>
      [...line].map((value, column) => [name, at(trace.x, column), at(trace.y, row), value ?? "", "", "", ""]),
    );
  }
  const axis = trace.orientation === "h" ? "x" : "y";
  const error = trace[`error_${axis}`];
  const length = Math.max(trace.x?.length ?? 0, trace.y?.length ?? 0);
  return Array.from({ length }, (_, rank) => {
    const [x, y] = [at(trace.x, rank), at(trace.y, rank)];
    const middle = Number(axis === "x" ? x : y);
    const up = error?.visible ? at(error.array, rank) : "";
    const down = error?.visible ? at(error.arrayminus ?? error.array, rank) : "";
    const text = Array.isArray(trace.text) ? plain(at(trace.text, rank)) : "";
    return [name, x, y, "", text, down === "" ? "" : middle - Number(down), up === "" ? "" : middle + Number(up)];
  });
}

/**
 * @param {any} values
 * @param {number} rank
 * @returns {string | number}
 */
function at(values, rank) {
  if (!values) return rank;
  const value = values[rank];
  return value === null || value === undefined || Number.isNaN(value) ? "" : value;
}

/**
 * @param {string | number} text
 * @returns {string}
 */
function plain(text) {
  return String(text)
    .replaceAll(/<[^>]*>/g, " ")
    .trim();
}

/**
 * @param {string | number} value
 * @returns {string}
 */
export function cellOf(value) {
  let text = String(value).replaceAll("\r", " ");
  if (FORMULA.test(text) && !NUMBER.test(text)) text = `'${text}`;
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
