import assert from "node:assert/strict";
import { test } from "node:test";

import { unpack } from "../../pages/shared/components/bytes.js";
import { ClassCounts, Deck, expectedAt, figuresOf, lowerBound } from "../../pages/thresholds/deck/metrics.js";
import { changedFilms, filmsOf } from "../../pages/thresholds/deck/pane.js";
import { Axis } from "../../pages/thresholds/deck/row.js";
import { bytesOf, fixture } from "./fixture.mjs";

/** Equal but for the order in which a mean is summed; null and NaN are undefined. */
function assertNear(own, wanted, about) {
  const isUndefined = [own, wanted].map((value) => value === null || Number.isNaN(value));
  if (isUndefined.includes(true)) assert.deepEqual(isUndefined, [true, true], `${about}: ${own} is not ${wanted}`);
  else assert.ok(Math.abs(own - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted)), `${about}: ${own} is not ${wanted}`);
}

for (const [seed, { tables, thresholds, expected }] of Object.entries(fixture("cases.json"))) {
  test(`every figure of case ${seed} equals scikit-learn's, by detours too`, () => {
    const deck = new Deck(unpack(bytesOf(tables)));
    for (let move = 0; move < 40; move += 1) {
      const index = move % deck.classes.length;
      deck.setStep(index, (move * 7919) % deck.classes[index].nSteps);
    }
    deck.setThresholds(thresholds);
    for (const [name, value] of Object.entries(deck.overall())) assertNear(value, expected.overall[name], name);
    deck.classes.forEach((one, place) => {
      const wanted = expected.classes[place];
      for (const [name, value] of Object.entries(one.figures())) {
        if (name in wanted) assertNear(value, wanted[name], `${one.name}, ${name}`);
      }
      const [low, high] = one.f1Interval() ?? [null, null];
      assertNear(low, wanted.f1_low, `${one.name}, low end`);
      assertNear(high, wanted.f1_high, `${one.name}, high end`);
    });
  });
}

for (const [seed, { tables, thresholds, uppers, expected }] of Object.entries(fixture("cases.json"))) {
  test(`what two cuts settle in case ${seed} equals a count over the films, by detours too`, () => {
    const deck = new Deck(unpack(bytesOf(tables)));
    deck.setTwo(true);
    for (let move = 0; move < 60; move += 1) {
      const index = move % deck.classes.length;
      const [step, upper] = [7919, 104729].map((by) => (move * by) % deck.classes[index].nSteps);
      if (move % 3) deck.setStep(index, step);
      else deck.setUpper(index, upper);
    }
    deck.setThresholds(thresholds, uppers);
    deck.classes.forEach((one, place) => {
      for (const [name, value] of Object.entries(one.settled())) {
        assertNear(value, expected.settled.classes[place][name], `${one.name}, ${name}`);
      }
    });
    for (const [name, value] of Object.entries(deck.settled())) assertNear(value, expected.settled.overall[name], name);
    deck.setThresholds(thresholds);
    assert.equal(deck.settled().labels_settled, deck.nRead ? 1 : NaN); // one cut leaves nothing to a reader
  });
}

// Five films of scores .1 .1 .2 .3 .3, positive no yes no yes unread: steps at .1, .2, .3, and one that takes none.
function fiveFilms(patients) {
  const [edges, cuts] = [Float64Array.of(0.1, 0.2, 0.3), Float64Array.of(0.1, 0.15, 0.25, 0.31)];
  const [steps, labels] = [Uint8Array.of(0, 0, 1, 2, 2), Uint8Array.of(0, 1, 0, 1, 2)];
  return new ClassCounts("five", edges, cuts, steps, labels, patients, 3);
}

test("counts of five films, by hand: an unread film counts nowhere", () => {
  const one = fiveFilms();
  assert.deepEqual([...one.truePositives], [2, 1, 1, 0]);
  assert.deepEqual([...one.falsePositives], [2, 1, 0, 0]);
  assert.deepEqual([one.nRead, one.nPositive], [4, 2]);
  one.step = 1;
  const { tp, fp, fn, tn, precision, recall, specificity, f1 } = one.figures();
  assert.deepEqual([tp, fp, fn, tn], [1, 1, 1, 1]);
  assert.deepEqual([precision, recall, specificity, f1], [0.5, 0.5, 0.5, 0.5]);
});

test("a film is predicted where its score is at least the threshold; none predicts none", () => {
  const one = fiveFilms();
  const steps = [0, 0.1, 0.10001, 0.2, 0.3, 0.30001, NaN, null].map((threshold) => one.stepOf(threshold));
  assert.deepEqual(steps, [0, 0, 1, 1, 2, 3, 3, 3]);
});

test("of two steps that predict equally close numbers of films, the one that predicts fewer", () => {
  const one = fiveFilms(); // steps predict 4, 2, 1 and 0 films
  assert.deepEqual(
    [9, 4, 3, 2, 1, 0.5, 0.6, 0].map((number) => one.stepPredicting(number)),
    [0, 0, 1, 1, 2, 3, 2, 3],
  );
});

test("figures without a film are undefined, not zero", () => {
  const { precision, recall, specificity, f1 } = figuresOf(0, 0, 0, 0);
  assert.deepEqual([precision, recall, specificity, f1], [NaN, NaN, NaN, NaN]);
  assert.equal(fiveFilms().f1Interval(), null); // two positives are too few
});

test("the first position whose value is no less", () => {
  assert.deepEqual(
    [0, 1, 1.5, 2, 3].map((x) => lowerBound([1, 2, 2], x)),
    [0, 0, 1, 1, 3],
  );
  assert.equal(lowerBound([], 1), 0);
});

test("films behind a count, those next to the threshold first; an unread film is in no cell", () => {
  const one = fiveFilms();
  one.step = 1; // films 2 (negative) and 3 (positive) are called; 0 (negative) and 1 (positive) are not
  const films = Object.fromEntries(
    ["found", "missed", "false_alarms", "silent"].map((kind) => [kind, filmsOf(one, kind, 9).films()]),
  );
  assert.deepEqual(films, { found: [3], missed: [1], false_alarms: [2], silent: [0] });
  assert.deepEqual([filmsOf(one, "found", 0).films(), filmsOf(one, "found", 0).number], [[], 1]);
});

test("films that a move changes, down and up again", () => {
  const one = fiveFilms();
  one.step = 0;
  const lower = changedFilms(one, { thumb: "threshold", before: 3, after: 0 }, 9);
  assert.deepEqual(
    lower.map(({ title, number, films }) => [title, number, films()]),
    [
      ["newly found", 2, [1, 3]],
      ["new false alarms", 2, [0, 2]],
    ],
  );
  one.step = 3;
  const higher = changedFilms(one, { thumb: "threshold", before: 1, after: 3 }, 1);
  assert.deepEqual(
    higher.map(({ title, number, films }) => [title, number, films()]),
    [
      ["newly missed", 1, [3]],
      ["false alarms gone", 1, [2]],
    ],
  );
});

test("the axis goes by rank where more than half of the films lie in a tenth of the scores", () => {
  const at = (scores) => {
    const edges = Float64Array.from(scores);
    const steps = Uint8Array.from(scores.keys());
    return new Axis(
      new ClassCounts("one", edges, Float64Array.of(...edges, 2), steps, new Uint8Array(steps.length)),
      false,
    );
  };
  assert.equal(at([0, 0.25, 0.5, 0.75, 1]).isSkewed, false);
  assert.equal(at([0.01, 0.02, 0.03, 0.5, 1]).isSkewed, true);
  assert.equal(at([0.01, 0.02, 0.5, 0.9, 1]).isSkewed, false); // two of five in a tenth
});

test("1,000 patients at another prevalence, by hand: recall .9 and specificity .8 stay", () => {
  const found = expectedAt({ tp: 9, fp: 2, fn: 1, tn: 8 }, 0.1, 9);
  const wanted = { found: 90, missed: 10, false_alarms: 180, precision: 1 / 3, npv: 720 / 730, net_benefit: 70 };
  for (const [name, value] of Object.entries(wanted)) assertNear(found[name], value, name);
  assert.equal(expectedAt({ tp: 0, fp: 2, fn: 0, tn: 8 }, 0.1, 9).precision, NaN);
});
