import assert from "node:assert/strict";
import { test } from "node:test";

import { Axis } from "../../pages/thresholds/deck/row.js";

/** So many films, each with a score of its own, of which the last are positive. */
function counts(nFilms, nPositive) {
  const steps = Array.from({ length: nFilms + 1 }, (_, step) => step);
  return {
    edges: steps.slice(0, nFilms),
    starts: steps,
    nRead: nFilms,
    nSteps: nFilms + 1,
    truePositives: steps.map((step) => Math.min(nPositive, nFilms - step)),
    falsePositives: steps.map((step) => Math.max(nFilms - nPositive - step, 0)),
  };
}

test("by rank, every bar holds as many films, and at least eight of them", () => {
  const [positives, negatives] = new Axis(counts(80, 12), true).histogram();
  assert.deepEqual([...positives], [0, 0, 0, 0, 0, 0, 0, 0, 4, 8]);
  assert.deepEqual([...negatives], [8, 8, 8, 8, 8, 8, 8, 8, 4, 0]);
});

test("by rank, there are four to fifteen bars; by score, sixty", () => {
  const bars = (nFilms, isByRank) => new Axis(counts(nFilms, 1), isByRank).nBins;
  assert.deepEqual([bars(10, true), bars(2000, true), bars(2000, false)], [4, 15, 60]);
});
