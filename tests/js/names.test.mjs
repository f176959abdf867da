// Names of films below small pictures: where they break, and where long ones are cut.

import assert from "node:assert/strict";
import test from "node:test";

import { piecesOf } from "../../pages/shared/gallery/tiles.js";

test("a name breaks behind its joints, and nothing of it is lost", () => {
  assert.deepEqual(piecesOf("00009724_000.png"), ["00009724_", "000.", "png"]);
  assert.deepEqual(piecesOf("phantom-01946"), ["phantom-", "01946"]);
  assert.deepEqual(piecesOf("CXR1"), ["CXR1"]);
  assert.equal(piecesOf("a".repeat(32)).join(""), "a".repeat(32));
});

test("names that are long keep their ends apart", () => {
  const [one, other] = ["1", "2"].map((end) => piecesOf(`1.2.276.0.7230010.3.1.4.8323329.${end}`.padStart(40, "9")));
  assert.notDeepEqual(one, other);
  assert.equal(one.join(""), "99999991.2.2…010.3.1.4.8323329.1");
});
