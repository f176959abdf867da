// The mark of what matters most has an edge in the colour of text, so that no colour vision is needed to see it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { makeStamp } from "../../pages/embedding_space/scatter/drawing.js";

const RED = [215, 48, 31];
const INK = [21, 32, 43];

/** The colour and the opacity of a pixel, counted from the middle. */
function pixel({ half, side, pixels }, x, y) {
  const at = 4 * ((y + half) * side + x + half);
  return [...pixels.subarray(at, at + 4)];
}

test("an edged mark is its own colour within and the edge's around it", () => {
  const stamp = makeStamp([RED], "diamond", 9, 1, INK);
  assert.deepEqual(pixel(stamp, 0, 0), [...RED, 255]);
  assert.deepEqual(pixel(stamp, 3, 0), [...RED, 255]);
  assert.deepEqual(pixel(stamp, 8, 0).slice(0, 3), INK);
  assert.ok(pixel(stamp, 8, 0)[3] > 128);
  assert.equal(pixel(stamp, 9, 9)[3], 0);
});

test("a mark without an edge is of its colour alone", () => {
  const stamp = makeStamp([RED], "diamond", 9, 1);
  assert.deepEqual(pixel(stamp, 8, 0).slice(0, 3), RED);
});
