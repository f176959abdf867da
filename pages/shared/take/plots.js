// The points of Plotly's charts as rows, and rows as CSV.

const FORMULA = /^[=+\-@\t\n]/; // what a spreadsheet would take for one, unless it is a number
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

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
 * @param {any} trace
 * @returns {(string | number)[][]}
 */
function rowsOfTrace(trace) {
  const name = /^trace \d+$/.test(trace.name ?? "") ? "" : plain(trace.name ?? ""); // Plotly's own word for none
  if (trace.z && !trace.z.length) return [];
  if (trace.z) {
    return [...trace.z].flatMap((line, row) =>
      [...line].map((_, column) => [name, at(trace.x, column), at(trace.y, row), at(line, column), "", "", ""]),
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
    const isThere = x !== "" && y !== "";
    const ends = isThere && error?.visible ? [middle - Number(down), middle + Number(up)] : ["", ""];
    return [name, x, y, "", text, ...ends];
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

/**
 * The rows of a CSV that this project wrote, as a spreadsheet takes them from the clipboard: cells apart by tabs.
 * @param {string} csv
 * @returns {string}
 */
export function pasted(csv) {
  const cells = csv.matchAll(/("(?:[^"]|"")*"|[^,\n]*)(,|\n|$)/g);
  let text = "";
  for (const [whole, cell, end] of cells) {
    if (!whole) break;
    const plain = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
    text += plain.replaceAll(/[\t\n]/g, " ") + (end === "," ? "\t" : end);
  }
  return text;
}
