import assert from "node:assert/strict";
import { test } from "node:test";

import { crc32, zipOf } from "../../pages/shared/take/zip.js";

const utf8 = (text) => new TextEncoder().encode(text);

test("the checksum is the usual one", () => {
  assert.equal(crc32(utf8("123456789")), 0xcbf43926); // the check value of CRC-32
  assert.equal(crc32(utf8("")), 0);
});

test("a file stands in the ZIP as it is, and the list at its end says where", () => {
  const parts = zipOf([
    { name: "é.csv", bytes: utf8("a,b\n") },
    { name: "b", bytes: utf8("xyz") },
  ]);
  const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
  const view = new DataView(whole.buffer);
  const end = whole.length - 22;
  assert.equal(view.getUint32(end, true), 0x06054b50);
  assert.equal(view.getUint16(end + 10, true), 2);
  const listed = view.getUint32(end + 16, true);
  assert.equal(listed + view.getUint32(end + 12, true), end);
  const second = listed + 46 + utf8("é.csv").length;
  const at = view.getUint32(second + 42, true);
  assert.equal(view.getUint32(at, true), 0x04034b50);
  assert.equal(view.getUint32(at + 14, true), crc32(utf8("xyz")));
  assert.equal(new TextDecoder().decode(whole.slice(at + 31, at + 34)), "xyz");
});
