// Between the patches of a raw map: its values, and where it reaches a level.

/**
 * The value of a map at (u, v), each 0..1 across the crop: bilinear between the centres of patches, constant from the
 * outermost centres to the edge.
 * @param {import("./types.js").ViewedMap} map
 * @param {number} u
 * @param {number} v
 */
export function valueAt(map, u, v) {
  const x = Math.min(Math.max(u * map.columns - 0.5, 0), map.columns - 1);
  const y = Math.min(Math.max(v * map.rows - 0.5, 0), map.rows - 1);
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = Math.min(left + 1, map.columns - 1);
  const bottom = Math.min(top + 1, map.rows - 1);
  const at = (/** @type {number} */ row, /** @type {number} */ column) => map.values[row * map.columns + column];
  const upper = at(top, left) + (at(top, right) - at(top, left)) * (x - left);
  const lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * (x - left);
  return upper + (lower - upper) * (y - top);
}

/**
 * A map sampled at the centres of side x side cells of the crop.
 * @param {import("./types.js").ViewedMap} map
 * @param {number} side
 */
export function sampled(map, side) {
  const values = new Float32Array(side * side);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      values[row * side + column] = valueAt(map, (column + 0.5) / side, (row + 0.5) / side);
  return values;
}

/**
 * Marching squares: the pieces [x0, y0, x1, y1] of the line where a sampled map equals a level, in 0..1 of the crop.
 * @param {Float32Array} values
 * @param {number} side
 * @param {number} level
 * @returns {number[][]}
 */
export function contourOf(values, side, level) {
  const pieces = [];
  const between = (/** @type {number} */ a, /** @type {number} */ b) => (level - a) / (b - a);
  for (let row = 0; row + 1 < side; row++)
    for (let column = 0; column + 1 < side; column++) {
      const at = row * side + column;
      const [a, b, c, d] = [values[at], values[at + 1], values[at + side + 1], values[at + side]];
      const above = [a >= level, b >= level, c >= level, d >= level];
      /** @type {number[][]} */
      const ends = [];
      if (above[0] !== above[1]) ends.push([column + between(a, b), row]);
      if (above[1] !== above[2]) ends.push([column + 1, row + between(b, c)]);
      if (above[2] !== above[3]) ends.push([column + between(d, c), row + 1]);
      if (above[3] !== above[0]) ends.push([column, row + between(a, d)]);
      for (let end = 0; end + 1 < ends.length; end += 2)
        pieces.push([...ends[end], ...ends[end + 1]].map((value) => (value + 0.5) / side));
    }
  return pieces;
}
