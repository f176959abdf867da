// The data of what is drawn, as CSV: of a component that tells them, of a Plotly chart, or what Python sent.

import { cellOf, rowsOfPlot } from "./plots.js";
import { within } from "./sheet.js";

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
 * @param {Element} one
 * @returns {string[][] | null} null of what is no table
 */
function rowsOfTable(one) {
  if (!(one instanceof HTMLTableElement)) return null;
  return [...one.rows].map((row) => [...row.cells].map((cell) => cell.textContent?.trim() ?? ""));
}
