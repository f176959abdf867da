import assert from "node:assert/strict";
import { test } from "node:test";

import { nameOf, optionsFrom, turnedTo } from "../../pages/shared/truth_dial/positions.js";

const MINED = ["negative", "left out"].flatMap((blank) =>
  ["positive", "left out"].map((uncertain) => ["reports", blank, uncertain, "any"]),
);
const ROOM = ["any", "majority"].map((rule) => ["room", "negative", "left out", rule]);
const POSITIONS = [...MINED, ...ROOM];

test("what can be chosen depends on the source alone", () => {
  const here = POSITIONS[1];
  assert.deepEqual(optionsFrom(POSITIONS, here, 0), ["reports", "room"]);
  assert.deepEqual(optionsFrom(POSITIONS, here, 1), ["negative", "left out"]);
  assert.deepEqual(optionsFrom(POSITIONS, here, 3), ["any"]);
  assert.deepEqual(optionsFrom(POSITIONS, ROOM[0], 3), ["any", "majority"]);
  assert.deepEqual(optionsFrom(POSITIONS, ROOM[0], 2), ["left out"]);
});

test("a turn keeps the other axes where it can", () => {
  assert.equal(nameOf(turnedTo(POSITIONS, MINED[0], 1, "left out")), "reports~left out~positive~any");
  assert.equal(nameOf(turnedTo(POSITIONS, MINED[3], 2, "positive")), "reports~left out~positive~any");
  assert.equal(nameOf(turnedTo(POSITIONS, ROOM[1], 3, "any")), "room~negative~left out~any");
});

test("another source takes what it has", () => {
  assert.equal(nameOf(turnedTo(POSITIONS, MINED[2], 0, "room")), "room~negative~left out~any");
  assert.equal(nameOf(turnedTo(POSITIONS, ROOM[1], 0, "reports")), "reports~negative~left out~any");
});

test("an option that is not there turns nothing", () => {
  assert.deepEqual(turnedTo(POSITIONS, ROOM[0], 2, "positive"), ROOM[0]);
});
