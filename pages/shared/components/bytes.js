// The one way in which arrays come from Python: what `pack` of packing.py wrote.

const KINDS = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
};

/**
 * The values that Python packed, with a typed array wherever an array was.
 * @param {Uint8Array} bytes
 * @returns {any} which fields there are, the component's own types say
 */
export function unpack(bytes) {
  const { buffer } = new Uint8Array(bytes); // a copy, so that doubles begin at multiples of 8
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return filled(header, buffer, 4 + length);
}

/**
 * A value of the header with its arrays in place; rows of numbers stay as they are.
 * @param {any} value
 * @param {ArrayBuffer} buffer
 * @param {number} base where the arrays begin
 * @returns {any}
 */
function filled(value, buffer, base) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    return typeof value[0] === "number" ? value : value.map((one) => filled(one, buffer, base));
  }
  if (value.$array) {
    const [kind, start, size] = /** @type {[keyof typeof KINDS, number, number]} */ (value.$array);
    return new KINDS[kind](buffer, base + start, size);
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, buffer, base)]));
}
