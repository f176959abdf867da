// The data of a chart as CSV, from what Plotly keeps of its traces.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cellOf, pasted, rowsOfPlot } from "../../pages/shared/take/plots.js";

test("lines are rows under the name of their trace, with the ends of whiskers", () => {
  const whiskers = { visible: true, array: [1, 2], arrayminus: [0.5, 0.25] };
  const traces = [
    { name: "a <b>bold</b>", x: new Float64Array([0, 1]), y: [5, null], error_y: whiskers },
    { name: "hidden", visible: false, x: [1], y: [1] },
    { name: "across", orientation: "h", x: [3], y: ["Edema"], text: ["three"] },
  ];
  assert.deepEqual(rowsOfPlot(traces), [
    ["trace", "x", "y", "text", "low", "high"],
    ["a  bold", 0, 5, "", 4.5, 6],
    ["a  bold", 1, "", "", "", ""],
    ["across", 3, "Edema", "three", "", ""],
  ]);
});

test("a matrix is a row for each cell", () => {
  const z = [new Float64Array([1, NaN]), new Float64Array([3, 4])];
  assert.deepEqual(rowsOfPlot([{ name: "", x: ["p", "q"], y: ["r", "s"], z }]), [
    ["trace", "x", "y", "value"],
    ["", "p", "r", 1],
    ["", "q", "r", ""],
    ["", "p", "s", 3],
    ["", "q", "s", 4],
  ]);
  assert.equal(rowsOfPlot(undefined), null);
});

test("a cell of words is no formula, and a comma parts nothing within it", () => {
  assert.deepEqual(["=1", "-0.5", "-x", 'a "b", c', 3].map(cellOf), ["'=1", "-0.5", "'-x", '"a ""b"", c"', "3"]);
});

test("what is pasted has its cells apart", () => {
  assert.equal(pasted('Class,F1\n"a ""b"", c",0.5\n,"two\nlines"\n'), 'Class\tF1\na "b", c\t0.5\n\ttwo lines\n');
});
