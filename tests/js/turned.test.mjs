import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Turned, unusual } from "../../pages/shared/components/turned.js";

/** @param {any} data */
function parcelsWith(data) {
  /** @type {unknown[][]} */
  const sent = [];
  return { data: () => data, send: (/** @type {unknown[]} */ ...said) => sent.push(said), sent };
}

test("numbers to begin with are given once for each view of an address, and of what they are of", () => {
  const parcels = parcelsWith({ of: "a", arrival: 0, numbers: { zoom: 2 } });
  const turned = new Turned(/** @type {any} */ (parcels), "camera");
  assert.deepEqual([turned.isThere("a"), turned.isThere("b")], [true, false]);
  assert.equal(turned.begin("b"), undefined);
  assert.deepEqual(turned.begin("a"), { zoom: 2 });
  assert.equal(turned.begin("a"), undefined);
  parcels.data = () => ({ of: "a", arrival: 1, numbers: {} });
  assert.deepEqual(turned.begin("a"), {});
});

test("a hand is told of once it rests, and only where it turned anything", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const parcels = parcelsWith({ of: "a", arrival: 0, numbers: { x: 1, zoom: 2 } });
  const turned = new Turned(/** @type {any} */ (parcels), "camera");
  turned.begin("a");
  turned.tell("a", { zoom: 2, x: 1 }); // as it is
  mock.timers.tick(1000);
  assert.equal(parcels.sent.length, 0);
  for (const zoom of [3, 4, 5]) {
    turned.tell("a", { zoom });
    mock.timers.tick(100);
  }
  mock.timers.tick(1000);
  assert.deepEqual(parcels.sent, [["camera", "turned", { of: "a", numbers: { zoom: 5 }, arrival: 0 }]]);
  turned.tell("a", { zoom: 6 });
  turned.tell("a", { zoom: 5 }); // and back
  mock.timers.tick(1000);
  assert.equal(parcels.sent.length, 1);
  mock.timers.reset();
});

test("what is as usual is left out, to so many digits", () => {
  assert.deepEqual(unusual({ x: 0.50001, zoom: 2.34567, map: 0 }, { x: 0.5, zoom: 1, map: 1 }, 4), {
    zoom: 2.3457,
    map: 0,
  });
});
