// The scale of the label budget's chart: round marks that hold what is drawn.

import assert from "node:assert/strict";
import { test } from "node:test";

import { roundScale } from "../../pages/label_budget/budget/chart.js";

test("a scale is marked at round values and holds both ends", () => {
  assert.deepEqual(roundScale(0.817, 0.857), {
    low: 0.81,
    high: 0.86,
    marks: [0.81, 0.82, 0.83, 0.84, 0.85, 0.86],
    digits: 2,
  });
  assert.deepEqual(roundScale(0.2, 0.6).marks, [0.2, 0.3, 0.4, 0.5, 0.6]);
  assert.deepEqual(roundScale(0, 1).marks, [0, 0.5, 1]);
  for (const [least, most] of [
    [0.5, 0.51],
    [0.031, 0.94],
    [0.7401, 0.7433],
  ]) {
    const { low, high, marks } = roundScale(least, most);
    assert.ok(low <= least && high >= most);
    assert.ok(marks.length >= 3 && marks.length <= 7);
  }
});
