import assert from "node:assert/strict";
import { test } from "node:test";

import { unpack } from "../../pages/shared/components/bytes.js";
import { bytesOf, fixture } from "./fixture.mjs";

const WORDS = { inf: Infinity, "-inf": -Infinity, nan: NaN };

/** Typed arrays as lists of numbers, everything else as it is. */
function plain(value) {
  if (ArrayBuffer.isView(value)) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

/** Numbers that JSON has no word for, back from the words of the fixture. */
function withNumbers(value) {
  if (Array.isArray(value)) return value.map(withNumbers);
  if (value === null || typeof value !== "object") return WORDS[value] ?? value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withNumbers(one)]));
}

test("what Python packed comes out as it went in", () => {
  const { bytes, content } = fixture("packed.json");
  const found = unpack(bytesOf(bytes));
  assert.deepEqual(plain(found), withNumbers(content));
  assert.ok(found.rows[0].bytes instanceof Uint8Array);
  assert.ok(found.words instanceof Uint16Array);
  assert.ok(found.long instanceof Uint32Array);
  assert.ok(found.single instanceof Float32Array);
  assert.ok(found.nested.double instanceof Float64Array);
});

test("bytes that begin anywhere in a larger buffer are read too, and may change afterwards", () => {
  const { bytes, content } = fixture("packed.json");
  const whole = bytesOf(bytes);
  const larger = new Uint8Array(whole.length + 3);
  larger.set(whole, 3);
  const found = unpack(larger.subarray(3));
  larger.fill(0);
  assert.deepEqual(plain(found), withNumbers(content));
});
