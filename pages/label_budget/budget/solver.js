// Closed-form adaptation while a hand moves: sums over the labelled films, one system of equations, figures by sorting.
// The same sums are kept at every STRIDE films of an order, so that a move adds or takes off at most half as many.

/**
 * @typedef {import("./types.js").BudgetFilms} BudgetFilms
 * @typedef {import("./types.js").BudgetFigures} BudgetFigures
 * @typedef {Float64Array} Sums rows of `width` numbers: the lower half of films by films, then a right side a class
 */

const STRIDE = 64;
const UNLABELLED = 255;
const AT_ONCE = 4;
export const N_MEASURES = 3;

export class BudgetSolver {
  /** @param {BudgetFilms} films */
  constructor(films) {
    this.films = films;
    this.nTrain = films.arrays.trainLabels.length / films.nClasses;
    this.width = films.nDimensions + 1;
    this.groups = sameFilms(films.arrays.trainLabels, films.nClasses);
    /** @type {Map<string, Sums[]>} sums by order and group of classes, at every STRIDE films */
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
    const columns = this.groups[group];
    const all = this.sums(order, group, length);
    const sums = new Float64Array((width + own.length) * width);
    sums.set(all.subarray(0, width * width));
    for (let row = 0; row < width; row++) sums[row * width + row] += row < width - 1 ? prior : biasPrior;
    own.forEach((column, k) => {
      const [start, kept] = [(width + k) * width, (width + columns.indexOf(column)) * width];
      sums.set(all.subarray(kept, kept + width), start);
      for (let i = 0; i < width - 1; i++) sums[start + i] += prior * arrays.texts[column * (width - 1) + i];
    });
    solveSums(sums, width);
    own.forEach((column, k) =>
      weights.set(sums.subarray((width + k) * width, (width + k + 1) * width), column * width),
    );
  }

  /**
   * The sums of the first films of an order, not to be changed.
   * @param {number} order
   * @param {number} group
   * @param {number} length
   * @returns {Sums}
   */
  sums(order, group, length) {
    const name = `${order}/${group}`;
    const nothing = new Float64Array((this.width + this.groups[group].length) * this.width);
    const kept = this.kept.get(name) ?? [nothing];
    this.kept.set(name, kept);
    const end = (/** @type {number} */ stop) => Math.min(stop * STRIDE, this.nTrain);
    const nearest = Math.round(length / STRIDE);
    const wanted = length === this.nTrain ? Math.ceil(length / STRIDE) : nearest;
    while (kept.length <= wanted) {
      const next = kept[kept.length - 1].slice();
      this.add(next, order, group, end(kept.length - 1), end(kept.length), 1);
      kept.push(next);
    }
    if (end(wanted) === length) return kept[wanted];
    const sums = kept[wanted].slice();
    const [from, to] = [Math.min(length, end(wanted)), Math.max(length, end(wanted))];
    this.add(sums, order, group, from, to, length > end(wanted) ? 1 : -1);
    return sums;
  }

  /**
   * Adds films of an order to sums, or takes them off.
   * @param {Sums} sums
   * @param {number} order
   * @param {number} group
   * @param {number} from
   * @param {number} to
   * @param {1 | -1} sign
   */
  add(sums, order, group, from, to, sign) {
    const { width } = this;
    const { nClasses, arrays } = this.films;
    const columns = this.groups[group];
    const rows = [...arrays.orders.subarray(order * this.nTrain + from, order * this.nTrain + to)].filter(
      (row) => arrays.trainLabels[row * nClasses + columns[0]] !== UNLABELLED,
    );
    const films = Array.from({ length: AT_ONCE }, () => new Float64Array(width));
    for (let place = 0; place < rows.length; place += AT_ONCE) {
      films.forEach((film, k) => this.read(film, rows[place + k]));
      addProducts(sums, films, sign);
      films.slice(0, rows.length - place).forEach((film, k) => {
        const labels = rows[place + k] * nClasses;
        columns.forEach((column, at) => {
          if (arrays.trainLabels[labels + column] !== 1) return;
          const start = (width + at) * width;
          for (let i = 0; i < width; i++) sums[start + i] += sign * film[i];
        });
      });
    }
  }

  /**
   * Reads a film and a 1 for its bias; zeros where there is none, which add nothing.
   * @param {Float64Array} film
   * @param {number | undefined} row
   */
  read(film, row) {
    const last = this.width - 1;
    film.fill(0);
    if (row === undefined) return;
    film.set(this.films.arrays.train.subarray(row * last, (row + 1) * last));
    film[last] = 1;
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
 * Adds the products of four films with themselves to the lower half of films by films.
 * @param {Sums} sums
 * @param {Float64Array[]} films
 * @param {1 | -1} sign
 */
function addProducts(sums, [one, two, three, four], sign) {
  const width = one.length;
  for (let i = 0; i < width; i++) {
    const [a, b, c, d] = [sign * one[i], sign * two[i], sign * three[i], sign * four[i]];
    const start = i * width;
    for (let j = 0; j <= i; j++) sums[start + j] += a * one[j] + b * two[j] + c * three[j] + d * four[j];
  }
}

/**
 * Solves the sums for every right side, in place: Cholesky's factor takes the upper rows, the solutions the others.
 * @param {Sums} sums
 * @param {number} width
 */
export function solveSums(sums, width) {
  const rows = sums.length / width;
  for (let row = 0; row < rows; row++) eliminate(sums, width, row);
  for (let row = width; row < rows; row += AT_ONCE) {
    if (row + AT_ONCE <= rows) substituteFour(sums, width, row);
    else for (let last = row; last < rows; last++) substitute(sums, width, last);
  }
}

/**
 * Takes the rows above off a row, four at once: a row of the factor, or a right side by forward substitution.
 * @param {Sums} a
 * @param {number} width
 * @param {number} row
 */
function eliminate(a, width, row) {
  const own = row * width;
  const above = Math.min(row, width);
  let j = 0;
  for (; j + AT_ONCE <= above; j += AT_ONCE) {
    const [one, two, three, four] = [j * width, (j + 1) * width, (j + 2) * width, (j + 3) * width];
    let [p, q, r, s] = [a[own + j], a[own + j + 1], a[own + j + 2], a[own + j + 3]];
    for (let k = 0; k < j; k++) {
      const value = a[own + k];
      p -= value * a[one + k];
      q -= value * a[two + k];
      r -= value * a[three + k];
      s -= value * a[four + k];
    }
    a[own + j] = p /= a[one + j];
    q -= p * a[two + j];
    a[own + j + 1] = q /= a[two + j + 1];
    r -= p * a[three + j] + q * a[three + j + 1];
    a[own + j + 2] = r /= a[three + j + 2];
    s -= p * a[four + j] + q * a[four + j + 1] + r * a[four + j + 2];
    a[own + j + 3] = s / a[four + j + 3];
  }
  for (; j <= row && j < width; j++) {
    let rest = a[own + j];
    for (let k = 0; k < j; k++) rest -= a[own + k] * a[j * width + k];
    a[own + j] = j === row ? Math.sqrt(rest) : rest / a[j * width + j];
  }
}

/**
 * Backward substitution of one right side.
 * @param {Sums} a
 * @param {number} width
 * @param {number} row
 */
function substitute(a, width, row) {
  const own = row * width;
  for (let i = width - 1; i >= 0; i--) {
    const value = (a[own + i] /= a[i * width + i]);
    for (let k = 0; k < i; k++) a[own + k] -= value * a[i * width + k];
  }
}

/**
 * Backward substitution of a right side and the three after it: the factor is read once.
 * @param {Sums} a
 * @param {number} width
 * @param {number} row
 */
function substituteFour(a, width, row) {
  const [one, two, three, four] = [0, 1, 2, 3].map((k) => (row + k) * width);
  for (let i = width - 1; i >= 0; i--) {
    const start = i * width;
    const [p, q, r, s] = [one, two, three, four].map((own) => (a[own + i] /= a[start + i]));
    for (let k = 0; k < i; k++) {
      const value = a[start + k];
      a[one + k] -= value * p;
      a[two + k] -= value * q;
      a[three + k] -= value * r;
      a[four + k] -= value * s;
    }
  }
}
