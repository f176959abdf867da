import assert from "node:assert/strict";
import { test } from "node:test";

import { contourOf, sampled, valueAt } from "../../pages/saliency/film_viewer/fields.js";

const MAP = { rows: 2, columns: 2, top: 4, values: Float32Array.of(0, 4, 8, 12) };

test("a map's value at the centres of its patches, between them, and beyond the outermost", () => {
  assert.equal(valueAt(MAP, 0.25, 0.25), 0);
  assert.equal(valueAt(MAP, 0.75, 0.75), 12);
  assert.equal(valueAt(MAP, 0.5, 0.25), 2);
  assert.equal(valueAt(MAP, 0.5, 0.5), 6);
  assert.equal(valueAt(MAP, 0, 0), 0);
  assert.equal(valueAt(MAP, 1, 1), 12);
});

test("sampled on its own grid a map is itself", () => {
  assert.deepEqual([...sampled(MAP, 2)], [0, 4, 8, 12]);
});

test("the line of a level runs where the map has that level", () => {
  const ramp = Float32Array.of(0, 1, 2, 0, 1, 2, 0, 1, 2); // grows to the right
  const pieces = contourOf(ramp, 3, 1.5);
  assert.equal(pieces.length, 2);
  for (const [x0, , x1] of pieces) assert.deepEqual([x0, x1], [2 / 3, 2 / 3]); // 1.5 cells, from centres to the edge
  assert.deepEqual(contourOf(ramp, 3, 5), []);
});
