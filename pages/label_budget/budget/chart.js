// The curves over budgets, and where the hand is: an SVG that scales with its place.

/**
 * @typedef {import("./types.js").BudgetData} BudgetData
 */

const SPACE = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [640, 320, 44, 34, 22];
const LOOKS = [
  { colour: "#3a86d4", dash: "" },
  { colour: "#d0761b", dash: "7 3" },
  { colour: "#189a8a", dash: "2 3" },
];

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(string | Node)} children
 */
function drawn(tag, attributes, ...children) {
  const made = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * @param {BudgetData} data
 * @param {number} budget
 * @param {number | null} now
 */
export function chartOf(data, budget, now) {
  const known = data.curves
    .flatMap(({ middle, low, high }) => [...middle, ...(low ?? []), ...(high ?? [])])
    .concat([now])
    .filter((value) => value !== null);
  const described = `Mean ${data.measureName} of the test films by ${data.byClass ? "positives of each class" : "labelled films"}`;
  const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": described });
  if (!known.length) {
    svg.append(drawn("text", { x: LEFT, y: HEIGHT / 2 }, "No class can be judged: fewer than 5 test positives."));
    return svg;
  }
  const least = Math.min(...known);
  const scale = roundScale(least, Math.max(...known, least + 0.01));
  const { low, high } = scale;
  const x = (/** @type {number} */ n) => LEFT + (WIDTH - LEFT - 12) * Math.sqrt(n / Math.max(1, data.most));
  const y = (/** @type {number} */ value) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * (value - low)) / (high - low);
  svg.append(...axes(data, scale, x, y));
  data.curves.forEach((curve, index) => {
    if (curve.low && curve.high) svg.append(bandOf(data.budgets, curve.low, curve.high, x, y));
    const { colour, dash } = LOOKS[index];
    const path = lineOf(data.budgets, curve.middle, x, y);
    svg.append(drawn("path", { d: path, class: "line", stroke: colour, "stroke-dasharray": dash }));
    const at = LEFT + 8 + index * 130;
    svg.append(drawn("path", { d: `M${at} 9h22`, class: "line", stroke: colour, "stroke-dasharray": dash }));
    svg.append(drawn("text", { x: at + 27, y: 13 }, curve.name));
  });
  svg.append(drawn("line", { class: "here", x1: x(budget), x2: x(budget), y1: TOP, y2: HEIGHT - BOTTOM }));
  if (now !== null) svg.append(drawn("circle", { class: "now", cx: x(budget), cy: y(now), r: 5 }));
  return svg;
}

/**
 * A scale that holds two values and begins, ends and is marked at round ones: 1, 2 or 5 times a power of ten apart.
 * @param {number} least
 * @param {number} most above it
 */
export function roundScale(least, most) {
  const rough = (most - least) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const by = (/** @type {number} */ times) => times * power >= rough * (1 - 1e-9);
  const step = power * ([1, 2, 5].find(by) ?? 10);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const [first, last] = [Math.floor(least / step + 1e-9), Math.ceil(most / step - 1e-9)];
  const marks = Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toFixed(digits)));
  return { low: marks[0], high: marks[marks.length - 1], marks, digits };
}

/**
 * @param {BudgetData} data
 * @param {{ marks: number[], digits: number }} scale
 * @param {(n: number) => number} x
 * @param {(value: number) => number} y
 */
function axes(data, { marks, digits }, x, y) {
  const floor = HEIGHT - BOTTOM;
  const parts = [drawn("line", { class: "axis", x1: LEFT, x2: WIDTH - 12, y1: floor, y2: floor })];
  let free = -Infinity;
  for (const budget of data.budgets) {
    if (x(budget) < free) continue;
    free = x(budget) + 42;
    const said = budget.toLocaleString("en");
    parts.push(drawn("text", { x: x(budget), y: floor + 16, "text-anchor": "middle" }, said));
  }
  for (const value of marks) {
    parts.push(drawn("line", { class: "axis", x1: LEFT, x2: WIDTH - 12, y1: y(value), y2: y(value) }));
    const said = value.toFixed(Math.max(digits, 2)).replace(/^0\./, ".");
    parts.push(drawn("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, said));
  }
  return parts;
}

/**
 * @param {number[]} budgets
 * @param {(number | null)[]} values
 * @param {(n: number) => number} x
 * @param {(value: number) => number} y
 */
function lineOf(budgets, values, x, y) {
  const points = budgets.flatMap((budget, k) => {
    const value = values[k];
    return value === null ? [] : [`${x(budget).toFixed(1)} ${y(value).toFixed(1)}`];
  });
  return points.length ? `M${points.join("L")}` : "";
}

/**
 * @param {number[]} budgets
 * @param {(number | null)[]} low
 * @param {(number | null)[]} high
 * @param {(n: number) => number} x
 * @param {(value: number) => number} y
 */
function bandOf(budgets, low, high, x, y) {
  const there = lineOf(budgets, low, x, y);
  const back = lineOf([...budgets].reverse(), [...high].reverse(), x, y).replace(/^M/, "L");
  return drawn("path", { class: "band", d: `${there}${back}Z` });
}
