// Keeps the counts that Python sends once for the deck, which may already be waiting for them. Comes after metrics.js.
// The bytes: the length of a JSON header as uint32, the header, and the arrays that it describes.

/** The header and the arrays that `packed` in component.py wrote. */
function readTables(bytes) {
  const buffer = bytes.slice().buffer; // arrays of doubles must begin at a multiple of 8
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return { token: header.token, header, arrays: viewArrays(header, buffer, 4 + length) };
}

export default function tablesComponent({ data }) {
  globalThis.thresholdTables = readTables(data);
  globalThis.dispatchEvent(new Event("threshold-tables"));
}
