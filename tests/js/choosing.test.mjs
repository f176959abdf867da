import assert from "node:assert/strict";
import { test } from "node:test";

import { combined, filmsNamed, numberOf } from "../../pages/embedding_space/scatter/choosing.js";

const groups = [{ name: "Found" }, { name: "Missed" }];
const look = (rest = {}) => ({
  colours: [{ kind: "groups", values: Uint16Array.of(1, 2, 2, 0), groups }],
  legend: null,
  ...rest,
});

test("the films of a group by its name; none where the legend has no such group, or none that can be clicked", () => {
  assert.deepEqual(filmsNamed(look(), "Missed"), Uint8Array.of(0, 1, 1, 0));
  assert.equal(filmsNamed(look(), "Other"), null);
  assert.equal(filmsNamed(look(), ""), null);
  assert.equal(filmsNamed(look({ legend: groups }), "Missed"), null);
  assert.equal(filmsNamed(look({ colours: [{ kind: "scale", values: Uint8Array.of(1) }] }), "Missed"), null);
});

test("what is picked and a group that is looked at alone select what both have", () => {
  const [picked, own] = [Uint8Array.of(1, 1, 0, 1), Uint8Array.of(0, 1, 1, 0)];
  assert.deepEqual(combined(picked, own), Uint8Array.of(0, 1, 0, 0));
  assert.equal(combined(picked, null), picked);
  assert.equal(combined(null, own), own);
  assert.equal(combined(null, null), null);
  assert.deepEqual([picked, own, null].map(numberOf), [3, 2, 0]);
});
