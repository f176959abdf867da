import assert from "node:assert/strict";
import { test } from "node:test";

import { sorted } from "../../pages/per_class/turned_table/sorting.js";

const ROWS = [
  ["Edema", "1,200", "–"],
  ["Mass", "9", "−0.5"],
  ["Cyst", "30", "1e−05"],
  ["Air", "–", "0.2 to 0.4"],
];
const names = (column, descending) => sorted(ROWS, { column, descending }).map(([name]) => name);

test("rows stay as they are until a column is chosen", () => {
  assert.deepEqual(names(-1, false), ["Edema", "Mass", "Cyst", "Air"]);
});

test("names go by the alphabet, numbers by size, and what is undefined comes last either way", () => {
  assert.deepEqual(names(0, false), ["Air", "Cyst", "Edema", "Mass"]);
  assert.deepEqual(names(1, true), ["Edema", "Cyst", "Mass", "Air"]);
  assert.deepEqual(names(1, false), ["Mass", "Cyst", "Edema", "Air"]);
  assert.deepEqual(names(2, false), ["Mass", "Cyst", "Air", "Edema"]);
});
