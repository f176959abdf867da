import assert from "node:assert/strict";
import { test } from "node:test";

import { filmsOfGroup } from "../../pages/embedding_space/scatter/legend.js";
import { filmsInside, fromBits, isInside, nearestFilm, toBits } from "../../pages/embedding_space/scatter/picking.js";

const PLACED = Float32Array.of(0, 0, 10, 0, 10, 10, 10, 10, 50, 50); // films 2 and 3 lie on one spot

test("the nearest film within reach, of two on one spot the one on top", () => {
  const order = [0, 1, 2, 3, 4];
  assert.equal(nearestFilm(PLACED, order, 9, 1, 5), 1);
  assert.equal(nearestFilm(PLACED, order, 10, 10, 5), 3);
  assert.equal(nearestFilm(PLACED, [0, 1, 3, 2, 4], 10, 10, 5), 2);
  assert.equal(nearestFilm(PLACED, order, 30, 30, 5), -1);
  assert.equal(nearestFilm(PLACED, [0], 10, 10, 5), -1); // films that are not drawn are not there
  assert.equal(nearestFilm(PLACED, order, 15, 0, 5), -1); // at the reach is out of it
});

test("inside a polygon with a bay", () => {
  const bay = [
    [0, 0],
    [10, 0],
    [10, 10],
    [5, 2],
    [0, 10],
  ];
  assert.deepEqual(
    [
      [1, 1],
      [5, 1],
      [5, 5],
      [9, 7],
      [11, 5],
    ].map(([x, y]) => isInside(bay, x, y)),
    [true, true, false, true, false],
  );
});

test("a lasso takes the films that are drawn within it, and Shift keeps those before", () => {
  const lasso = [
    [5, -5],
    [20, -5],
    [20, 20],
    [5, 20],
  ];
  assert.deepEqual([...filmsInside(PLACED, [0, 1, 2, 3, 4], lasso, 5, null)], [0, 1, 1, 1, 0]);
  assert.deepEqual([...filmsInside(PLACED, [0, 2], lasso, 5, null)], [0, 0, 1, 0, 0]);
  const before = Uint8Array.of(1, 0, 0, 0, 0);
  assert.deepEqual([...filmsInside(PLACED, [0, 1, 2, 3, 4], lasso, 5, before)], [1, 1, 1, 1, 0]);
  assert.deepEqual([...before], [1, 0, 0, 0, 0]);
});

test("films as bits, the first in the lowest bit of the first byte, and back", () => {
  assert.equal(toBits(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 1)), Buffer.from([1, 2]).toString("base64"));
  const many = Uint8Array.from({ length: 100003 }, (_, film) => (film * film) % 7 === 2);
  assert.deepEqual(fromBits(new Uint8Array(Buffer.from(toBits(many), "base64")), many.length), many);
});

test("a group's films are those that carry its bit, with others or alone", () => {
  const colours = { kind: "groups", values: Uint16Array.of(0, 1, 2, 3, 1 << 15, 0x8002) };
  assert.deepEqual([...filmsOfGroup(colours, 0)], [0, 1, 0, 1, 0, 0]);
  assert.deepEqual([...filmsOfGroup(colours, 1)], [0, 0, 1, 1, 0, 1]);
  assert.deepEqual([...filmsOfGroup(colours, 15)], [0, 0, 0, 0, 1, 1]);
});
