// Closed-form adaptation while a hand moves: sums over the labelled films, one system of equations, figures by sorting.
// The same sums are kept at every STRIDE films of an order, so that a move adds no more films than that.

/**
 * @typedef {import("./types.js").BudgetFilms} BudgetFilms
 * @typedef {import("./types.js").BudgetFigures} BudgetFigures
 * @typedef {{ left: Float64Array, right: Float64Array }} Sums
 */

const STRIDE = 64;
const UNLABELLED = 255;
export const N_MEASURES = 3;

export class BudgetSolver {
  /** @param {BudgetFilms} films */
  constructor(films) {
    this.films = films;
    this.nTrain = films.arrays.trainLabels.length / films.nClasses;
    this.width = films.nDimensions + 1;
    this.groups = sameFilms(films.arrays.trainLabels, films.nClasses);
    /** @type {Map<string, (Sums | undefined)[]>} sums by order and group of classes, at every STRIDE films */
    this.kept = new Map();
    this.sides = {
      val: sideOf(films.arrays.val, films.arrays.valLabels, films),
      test: sideOf(films.arrays.test, films.arrays.testLabels, films),
    };
  }

  /**
   * The figures of the test films after the first films of an order.
   * @param {number} order
   * @param {number} budget films, or positives of each class
   * @param {boolean} byClass
   * @returns {BudgetFigures}
   */
  figures(order, budget, byClass) {
    const { nClasses } = this.films;
    const weights = new Float64Array(nClasses * this.width);
    const paid = new Int32Array(nClasses);
    const begun = performance.now();
    for (let group = 0; group < this.groups.length; group++) {
      const columns = this.groups[group];
      for (const column of columns) paid[column] = byClass ? this.filmsFor(order, column, budget) : budget;
      const lengths = [...new Set(columns.map((column) => paid[column]))];
      for (const length of lengths) {
        const own = columns.filter((column) => paid[column] === length);
        this.solve(order, group, length, own, weights);
      }
    }
    const refitMs = performance.now() - begun;
    return { values: this.judge(weights), paid, refitMs };
  }

  /**
   * How many films of an order a class's budget of positives pays for.
   * @param {number} order
   * @param {number} column
   * @param {number} budget
   */
  filmsFor(order, column, budget) {
    const { orders, trainLabels } = this.films.arrays;
    let found = 0;
    if (budget === 0) return 0;
    for (let place = 0; place < this.nTrain; place++) {
      if (trainLabels[orders[order * this.nTrain + place] * this.films.nClasses + column] === 1) found++;
      if (found === budget) return place + 1;
    }
    return this.nTrain;
  }

  /**
   * Writes the weights of some classes that the same films are labelled for.
   * @param {number} order
   * @param {number} group
   * @param {number} length films
   * @param {number[]} own columns
   * @param {Float64Array} weights
   */
  solve(order, group, length, own, weights) {
    const { width } = this;
    const { prior, biasPrior, arrays } = this.films;
    const sums = this.sums(order, group, length);
    const left = sums.left;
    for (let row = 0; row < width; row++) left[row * width + row] += row < width - 1 ? prior : biasPrior;
    factor(left, width);
    const columns = this.groups[group];
    for (const column of own) {
      const start = columns.indexOf(column) * width;
      const right = sums.right.subarray(start, start + width);
      for (let row = 0; row < width - 1; row++) right[row] += prior * arrays.texts[column * (width - 1) + row];
      substitute(left, width, right);
      weights.set(right, column * width);
    }
  }

  /**
   * The sums of the first films of an order, fresh to be changed.
   * @param {number} order
   * @param {number} group
   * @param {number} length
   * @returns {Sums}
   */
  sums(order, group, length) {
    const name = `${order}/${group}`;
    const kept = this.kept.get(name) ?? [this.nothing(group)];
    this.kept.set(name, kept);
    const wanted = Math.floor(length / STRIDE);
    let known = Math.min(wanted, kept.length - 1);
    while (known < wanted) {
      const next = copied(/** @type {Sums} */ (kept[known]));
      this.add(next, order, group, known * STRIDE, (known + 1) * STRIDE);
      kept[++known] = next;
    }
    const sums = copied(/** @type {Sums} */ (kept[known]));
    this.add(sums, order, group, known * STRIDE, length);
    return sums;
  }

  /** @param {number} group */
  nothing(group) {
    const { width } = this;
    return { left: new Float64Array(width * width), right: new Float64Array(this.groups[group].length * width) };
  }

  /**
   * Adds films of an order to sums: the lower half of films by films, and films by labels.
   * @param {Sums} sums
   * @param {number} order
   * @param {number} group
   * @param {number} from
   * @param {number} to
   */
  add(sums, order, group, from, to) {
    const { width } = this;
    const { nClasses, arrays } = this.films;
    const columns = this.groups[group];
    const film = new Float64Array(width).fill(1);
    for (let place = from; place < to; place++) {
      const row = arrays.orders[order * this.nTrain + place];
      if (arrays.trainLabels[row * nClasses + columns[0]] === UNLABELLED) continue;
      for (let k = 0; k < width - 1; k++) film[k] = arrays.train[row * (width - 1) + k];
      for (let i = 0; i < width; i++) {
        const value = film[i];
        const start = i * width;
        for (let j = 0; j <= i; j++) sums.left[start + j] += value * film[j];
      }
      for (let k = 0; k < columns.length; k++) {
        if (arrays.trainLabels[row * nClasses + columns[k]] !== 1) continue;
        for (let i = 0; i < width; i++) sums.right[k * width + i] += film[i];
      }
    }
  }

  /**
   * AUROC, average precision and F1 at the threshold that val freezes, of every class; NaN where undefined.
   * @param {Float64Array} weights
   */
  judge(weights) {
    const { nClasses } = this.films;
    const values = new Float64Array(nClasses * N_MEASURES);
    for (let column = 0; column < nClasses; column++) {
      const own = weights.subarray(column * this.width, (column + 1) * this.width);
      const cut = highestF1Cut(ranked(this.sides.val, column, own, this.width));
      const test = ranked(this.sides.test, column, own, this.width);
      values.set([auroc(test), averagePrecision(test), f1At(test, cut)], column * N_MEASURES);
    }
    return values;
  }
}

/** @param {Sums} sums */
function copied(sums) {
  return { left: sums.left.slice(), right: sums.right.slice() };
}

/**
 * Columns grouped by which films are labelled for them.
 * @param {Uint8Array} labels
 * @param {number} nClasses
 * @returns {number[][]}
 */
function sameFilms(labels, nClasses) {
  /** @type {number[][]} */
  const groups = [];
  for (let column = 0; column < nClasses; column++) {
    const same = groups.find(([first]) => {
      for (let start = 0; start < labels.length; start += nClasses) {
        if ((labels[start + first] === UNLABELLED) !== (labels[start + column] === UNLABELLED)) return false;
      }
      return true;
    });
    if (same) same.push(column);
    else groups.push([column]);
  }
  return groups;
}

/**
 * @typedef {{ films: Float32Array, rows: Uint32Array[][] }} Side rows : by class, of the negative and the positive films
 */

/**
 * The films of a split, by class and label.
 * @param {Float32Array} films
 * @param {Uint8Array} labels
 * @param {BudgetFilms} all
 * @returns {Side}
 */
function sideOf(films, labels, { nClasses }) {
  const n = labels.length / nClasses;
  const rows = Array.from({ length: nClasses }, (_, column) =>
    [0, 1].map((label) =>
      Uint32Array.from(
        Array.from({ length: n }, (_, row) => row).filter((row) => labels[row * nClasses + column] === label),
      ),
    ),
  );
  return { films, rows };
}

/**
 * @typedef {{ scores: Float64Array, positives: Float64Array, n: number, nPositive: number }} Ranked
 * scores : ascending. positives : at or above each place, one place more than films.
 */

/**
 * The labelled films of a class by ascending score.
 * @param {Side} side
 * @param {number} column
 * @param {Float64Array} weights
 * @param {number} width
 * @returns {Ranked}
 */
function ranked(side, column, weights, width) {
  const { films } = side;
  const kinds = side.rows[column].map((rows) => {
    const scores = new Float64Array(rows.length);
    for (let k = 0; k < rows.length; k++) {
      let score = weights[width - 1];
      const start = rows[k] * (width - 1);
      for (let i = 0; i < width - 1; i++) score += weights[i] * films[start + i];
      scores[k] = score;
    }
    return scores.sort();
  });
  const [negative, positive] = kinds;
  const n = negative.length + positive.length;
  const scores = new Float64Array(n);
  const positives = new Float64Array(n + 1);
  let [one, other] = [negative.length - 1, positive.length - 1];
  for (let place = n - 1; place >= 0; place--) {
    const isPositive = one < 0 || (other >= 0 && positive[other] >= negative[one]);
    scores[place] = isPositive ? positive[other--] : negative[one--];
    positives[place] = positives[place + 1] + Number(isPositive);
  }
  return { scores, positives, n, nPositive: positive.length };
}

/**
 * @param {Ranked} films
 * @returns {number}
 */
function auroc({ scores, positives, n, nPositive }) {
  const nNegative = n - nPositive;
  if (!nPositive || !nNegative) return NaN;
  let wins = 0;
  let negativesBelow = 0;
  for (let start = 0, end = 0; start < n; start = end) {
    while (end < n && scores[end] === scores[start]) end++;
    const here = positives[start] - positives[end];
    const negativesHere = end - start - here;
    wins += here * (negativesBelow + negativesHere / 2);
    negativesBelow += negativesHere;
  }
  return wins / (nPositive * nNegative);
}

/**
 * @param {Ranked} films
 * @returns {number}
 */
function averagePrecision({ scores, positives, n, nPositive }) {
  if (!nPositive) return NaN;
  let sum = 0;
  for (let end = n, start = n; end > 0; end = start) {
    while (start > 0 && scores[start - 1] === scores[end - 1]) start--;
    sum += ((positives[start] - positives[end]) / nPositive) * (positives[start] / (n - start));
  }
  return sum;
}

/**
 * The score at and above which F1 is highest, the highest of equals.
 * @param {Ranked} films
 * @returns {number}
 */
function highestF1Cut({ scores, positives, n, nPositive }) {
  if (!nPositive || nPositive === n) return NaN;
  let best = -1;
  let cut = NaN;
  for (let place = n - 1; place >= 0; place--) {
    if (place > 0 && scores[place - 1] === scores[place]) continue;
    const f1 = (2 * positives[place]) / (n - place + nPositive);
    if (f1 > best) [best, cut] = [f1, scores[place]];
  }
  return cut;
}

/**
 * @param {Ranked} films
 * @param {number} cut
 * @returns {number}
 */
function f1At({ scores, positives, n, nPositive }, cut) {
  if (!nPositive || Number.isNaN(cut)) return NaN;
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scores[middle] < cut) low = middle + 1;
    else high = middle;
  }
  return (2 * positives[low]) / (n - low + nPositive);
}

/**
 * Cholesky's factor of a symmetric matrix, in place in its lower half.
 * @param {Float64Array} matrix
 * @param {number} width
 */
export function factor(matrix, width) {
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * width + j];
      for (let k = 0; k < j; k++) sum -= matrix[i * width + k] * matrix[j * width + k];
      matrix[i * width + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * width + j];
    }
  }
}

/**
 * Solves for one right side, in place.
 * @param {Float64Array} lower Cholesky's factor
 * @param {number} width
 * @param {Float64Array} right
 */
export function substitute(lower, width, right) {
  for (let i = 0; i < width; i++) {
    let sum = right[i];
    for (let k = 0; k < i; k++) sum -= lower[i * width + k] * right[k];
    right[i] = sum / lower[i * width + i];
  }
  for (let i = width - 1; i >= 0; i--) {
    let sum = right[i];
    for (let k = i + 1; k < width; k++) sum -= lower[k * width + i] * right[k];
    right[i] = sum / lower[i * width + i];
  }
}
