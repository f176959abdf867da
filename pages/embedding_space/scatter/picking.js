// From a place on the screen to films, and from films to the text that goes to the server.

/** @typedef {import("./types.js").Spot} Spot */

/**
 * The film nearest to a spot, at most `reach` away; -1 where there is none.
 * @param {ArrayLike<number>} placed x and y of every film by turns
 * @param {ArrayLike<number>} order the films that are drawn, those on top last
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 */
export function nearestFilm(placed, order, x, y, reach) {
  let best = -1;
  let least = reach * reach;
  for (let k = order.length - 1; k >= 0; k -= 1) {
    const i = order[k];
    const far = (placed[2 * i] - x) ** 2 + (placed[2 * i + 1] - y) ** 2;
    if (far < least) [best, least] = [i, far];
  }
  return best;
}

/**
 * @param {Spot[]} polygon
 * @param {number} x
 * @param {number} y
 */
export function isInside(polygon, x, y) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i, i += 1) {
    const [ax, ay] = polygon[i];
    const [bx, by] = polygon[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/**
 * One byte per film, 1 for those that are drawn and lie in the polygon.
 * @param {ArrayLike<number>} placed
 * @param {Iterable<number>} order
 * @param {Spot[]} polygon
 * @param {number} n
 * @param {Uint8Array | null} [before] films that stay selected
 */
export function filmsInside(placed, order, polygon, n, before) {
  const found = before ? before.slice() : new Uint8Array(n);
  const xs = polygon.map((spot) => spot[0]);
  const ys = polygon.map((spot) => spot[1]);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  for (const i of order) {
    const x = placed[2 * i];
    const y = placed[2 * i + 1];
    if (x >= left && x <= right && y >= top && y <= bottom && isInside(polygon, x, y)) found[i] = 1;
  }
  return found;
}

/**
 * One bit per film, the first film in the lowest bit, as base64.
 * @param {Uint8Array} flags
 */
export function toBits(flags) {
  const bytes = new Uint8Array(Math.ceil(flags.length / 8));
  for (let i = 0; i < flags.length; i += 1) if (flags[i]) bytes[i >> 3] |= 1 << (i & 7);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/**
 * One byte per film of one bit per film.
 * @param {Uint8Array} bytes
 * @param {number} n
 */
export function fromBits(bytes, n) {
  const flags = new Uint8Array(n);
  for (let i = 0; i < n; i += 1) flags[i] = (bytes[i >> 3] >> (i & 7)) & 1;
  return flags;
}
