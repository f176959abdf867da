// Reads what fixtures.py wrote.

import { readFileSync } from "node:fs";

/** @param {string} name */
export function fixture(name) {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
}

/** @param {string} base64 */
export function bytesOf(base64) {
  return new Uint8Array(Buffer.from(base64, "base64"));
}
