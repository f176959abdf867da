// Which positions of the dial there are, and where a turn of one axis leads.

const SEPARATOR = "~";

/** The event on the window that says that a hand has turned the dial; its detail is the position's name. */
export const TURNED = "truth:turned";

/** @param {string[]} position the option of each axis */
export function nameOf(position) {
  return position.join(SEPARATOR);
}

/**
 * The options of an axis that can be chosen from a position; of the first axis all that there are.
 * @param {string[][]} positions
 * @param {string[]} here
 * @param {number} axis
 */
export function optionsFrom(positions, here, axis) {
  const near = axis === 0 ? positions : positions.filter((one) => one[0] === here[0]);
  return [...new Set(near.map((one) => one[axis]))];
}

/**
 * Where a turn leads: of the positions with that option, the one that keeps most of the other axes; of the first axis
 * any may be left for it, of the others the first stays.
 * @param {string[][]} positions
 * @param {string[]} here
 * @param {number} axis
 * @param {string} option
 */
export function turnedTo(positions, here, axis, option) {
  const able = positions.filter((one) => one[axis] === option && (axis === 0 || one[0] === here[0]));
  const kept = (/** @type {string[]} */ one) => one.filter((name, place) => name === here[place]).length;
  return able.reduce((best, one) => (kept(one) > kept(best) ? one : best), able[0] ?? here);
}
