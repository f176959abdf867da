// Counts at every threshold, in the browser: what core/thresholds/packed_counts.py packs, looked up while a hand drags.
//
// A class has k edges, ascending scores, and k + 1 steps. Step s predicts every film that stands on step s or above,
// that is with a score of at least edges[s]; step k predicts none. Every figure follows from whole numbers, so that it
// equals Python's. NaN is undefined.

const UNREAD = 2;
const Z = 1.959963984540054; // 97.5 % of a normal distribution: both ends of an interval
const Z_ONE_SIDED = 1.6448536269514722; // 95 % : a limit on one side
export const MIN_POSITIVES = 5; // below it an interval is not estimable

/**
 * part / whole; NaN where the whole is 0.
 * @param {number} part
 * @param {number} whole
 */
function ratio(part, whole) {
  return whole > 0 ? part / whole : NaN;
}

/**
 * The first position of an ascending array whose value is at least x.
 * @param {ArrayLike<number>} ascending
 * @param {number} x
 */
export function lowerBound(ascending, x) {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * What follows from the four cells of one class.
 * @param {number} tp
 * @param {number} fp
 * @param {number} fn
 * @param {number} tn
 */
export function figuresOf(tp, fp, fn, tn) {
  return {
    tp,
    fp,
    fn,
    tn,
    predicted: tp + fp,
    positives: tp + fn,
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    specificity: ratio(tn, tn + fp),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
  };
}

/**
 * What 1,000 patients would give of whom a share has the finding: recall and specificity stay, all else follows; see
 * core/metrics/prevalence.py.
 * @param {import("./types.js").Cells} cells
 * @param {number} prevalence 0..1
 * @param {number} weight false alarms that one found case is worth
 */
export function expectedAt({ tp, fp, fn, tn }, prevalence, weight) {
  const [recall, specificity] = [ratio(tp, tp + fn), ratio(tn, tn + fp)];
  const [sick, well] = [1000 * prevalence, 1000 * (1 - prevalence)];
  const [found, missed] = [sick * recall, sick * (1 - recall)];
  const [falseAlarms, silent] = [well * (1 - specificity), well * specificity];
  return {
    found,
    missed,
    false_alarms: falseAlarms,
    precision: ratio(found, found + falseAlarms),
    npv: ratio(silent, silent + missed),
    net_benefit: found - falseAlarms / weight,
  };
}

/** @param {number} probability */
function logitOf(probability) {
  return Math.log(probability) - Math.log1p(-probability);
}

/**
 * Where each step begins among the films that were read, in the order of their steps.
 * @param {import("./types.js").Steps} steps
 * @param {Uint8Array} labels
 * @param {number} nSteps
 */
function startsOf(steps, labels, nSteps) {
  const starts = new Uint32Array(nSteps);
  for (let film = 0; film < steps.length; film += 1) if (labels[film] !== UNREAD) starts[steps[film] + 1] += 1;
  for (let step = 1; step < nSteps; step += 1) starts[step] += starts[step - 1];
  return starts;
}

/**
 * 2 * film + label of the films that were read, by step.
 * @param {import("./types.js").Steps} steps
 * @param {Uint8Array} labels
 * @param {Uint32Array} starts
 */
function filmsByStep(steps, labels, starts) {
  const next = starts.slice();
  const films = new Uint32Array(starts[starts.length - 1]);
  for (let film = 0; film < steps.length; film += 1) {
    if (labels[film] !== UNREAD) films[next[steps[film]]++] = 2 * film + labels[film];
  }
  return films;
}

/** A share hits / trials whose films may be several of a patient: what its design effect needs. */
class PatientShare {
  /** @param {number} nPatients */
  constructor(nPatients) {
    this.hits = new Uint32Array(nPatients);
    this.trials = new Uint32Array(nPatients);
    this.squares = { hits: 0, both: 0, trials: 0 };
  }

  /**
   * A film of a patient comes to be a trial or a hit (1), ceases to be one (-1), or stays what it is (0).
   * @param {number} patient
   * @param {number} hit
   * @param {number} trial
   */
  move(patient, hit, trial) {
    const { squares, hits, trials } = this;
    squares.hits -= hits[patient] ** 2;
    squares.both -= hits[patient] * trials[patient];
    squares.trials -= trials[patient] ** 2;
    hits[patient] += hit;
    trials[patient] += trial;
    squares.hits += hits[patient] ** 2;
    squares.both += hits[patient] * trials[patient];
    squares.trials += trials[patient] ** 2;
  }

  /**
   * How much wider patients with several films make an interval of the share.
   * @param {number} share
   * @param {number} nTrials
   */
  designEffect(share, nTrials) {
    const { hits, both, trials } = this.squares;
    if (share === 0 || share === 1) return trials / nTrials;
    return Math.max(1, (hits - 2 * share * both + share * share * trials) / (nTrials * share * (1 - share)));
  }
}

/**
 * Wilson's interval of a share, at 95 % unless another z is asked for, its trials divided by the design effect of its patients.
 * @param {number} hits
 * @param {number} trials more than 0
 * @param {PatientShare | undefined} patients undefined where every film is its own
 * @param {number} z how many standard deviations the ends lie apart
 * @returns {import("./types.js").Ends}
 */
function shareInterval(hits, trials, patients, z = Z) {
  const share = hits / trials;
  const n = trials / (patients ? patients.designEffect(share, trials) : 1);
  const z2 = z * z;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return [hits ? Math.max(centre - half, 0) : 0, hits < trials ? Math.min(centre + half, 1) : 1];
}

/**
 * One-sided 95 % limits of a share; null where fewer than 5 films stand under it.
 * @param {number} hits
 * @param {number} trials
 * @param {PatientShare | undefined} patients
 */
function limitsOf(hits, trials, patients) {
  return trials < MIN_POSITIVES ? null : shareInterval(hits, trials, patients, Z_ONE_SIDED);
}

/** One class: its counts at every step, its films by step, and the step where it stands. */
export class ClassCounts {
  /**
   * @param {string} name
   * @param {Float64Array} edges
   * @param {Float64Array} cuts
   * @param {import("./types.js").Steps} steps of each film
   * @param {Uint8Array} labels of each film
   * @param {Uint32Array | undefined} patients of each film; undefined where every film is its own
   * @param {number} nPatients
   */
  constructor(name, edges, cuts, steps, labels, patients, nPatients) {
    this.name = name;
    this.edges = edges;
    this.cuts = cuts;
    this.nSteps = cuts.length;
    this.step = this.nSteps - 1;
    this.stepOfFilm = steps;
    this.starts = startsOf(steps, labels, this.nSteps);
    this.films = filmsByStep(steps, labels, this.starts);
    this.truePositives = new Uint32Array(this.nSteps);
    this.falsePositives = new Uint32Array(this.nSteps);
    this.countSteps();
    this.patients = patients;
    /** true positives among tp + fp + fn, by patient */
    this.f1Share = patients && new PatientShare(nPatients);
    /** positives among the films below the threshold, and among those from the rule-in cut on, by patient */
    this.missedShare = patients && new PatientShare(nPatients);
    this.rightShare = patients && new PatientShare(nPatients);
    /** the step of the rule-in cut; it counts where there are two cuts, and never below the threshold's */
    this.upper = this.nSteps - 1;
    this.grey = { from: this.nSteps - 1, to: this.nSteps - 1 };
    this.rightFrom = this.nSteps - 1;
    this.startPatients();
  }

  /** Nothing is called yet: every film lies below the threshold. */
  startPatients() {
    if (!this.patients) return;
    for (const entry of this.films) {
      const patient = this.patients[entry >> 1];
      if (entry & 1) this.f1Share?.move(patient, 0, 1);
      this.missedShare?.move(patient, entry & 1, 1);
    }
  }

  /** truePositives, falsePositives : films at or above each step. */
  countSteps() {
    for (let step = this.nSteps - 2; step >= 0; step -= 1) {
      let positives = 0;
      for (let place = this.starts[step]; place < this.starts[step + 1]; place += 1) positives += this.films[place] & 1;
      const films = this.starts[step + 1] - this.starts[step];
      this.truePositives[step] = this.truePositives[step + 1] + positives;
      this.falsePositives[step] = this.falsePositives[step + 1] + films - positives;
    }
  }

  /** The lowest step that takes no negative film. */
  get cleanStep() {
    let step = this.nSteps - 1;
    while (step > 0 && this.falsePositives[step - 1] === 0) step -= 1;
    return step;
  }

  get nPositive() {
    return this.truePositives[0] ?? 0;
  }

  get nRead() {
    return this.films.length;
  }

  /**
   * The step of a threshold; NaN and null predict no film.
   * @param {number | null} threshold
   */
  stepOf(threshold) {
    const isNone = threshold === null || Number.isNaN(threshold);
    return isNone ? this.nSteps - 1 : lowerBound(this.edges, threshold);
  }

  /** @param {number} step */
  predictedAt(step) {
    return this.truePositives[step] + this.falsePositives[step];
  }

  /**
   * The step that predicts closest to a number of films; of equally close ones, the one that predicts fewer.
   * @param {number} number
   */
  stepPredicting(number) {
    let low = 0;
    let high = this.nSteps - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.predictedAt(middle) > number) low = middle + 1;
      else high = middle;
    }
    const isMoreCloser = low > 0 && this.predictedAt(low - 1) - number < number - this.predictedAt(low);
    return isMoreCloser ? low - 1 : low;
  }

  /**
   * Films of a label between two steps, those next to the threshold first.
   * @param {number} from the first step that counts
   * @param {number} to the step behind the last that counts
   * @param {number} label
   * @param {{ most: number, isDown: boolean }} how many at most, and whether the highest come first
   * @returns {number[]} numbers of films
   */
  filmsBetween(from, to, label, { most, isDown }) {
    const found = [];
    const [first, last] = [this.starts[from], this.starts[Math.max(from, to)]];
    for (let count = 0; count < last - first && found.length < most; count += 1) {
      const entry = this.films[isDown ? last - 1 - count : first + count];
      if ((entry & 1) === label) found.push(entry >> 1);
    }
    return found;
  }

  /**
   * How many films of a label stand between two steps.
   * @param {number} from
   * @param {number} to
   * @param {number} label
   */
  countBetween(from, to, label) {
    const counts = label ? this.truePositives : this.falsePositives;
    return to > from ? counts[from] - counts[to] : 0;
  }

  /** The step from which films are settled as positive, where there are two cuts. */
  get upperStep() {
    return Math.max(this.upper, this.step);
  }

  /**
   * What two cuts settle: below the threshold as negative, from the rule-in cut on as positive; a reader looks between.
   * @returns {import("./types.js").Settled}
   */
  settled() {
    const { step, upperStep, nRead } = this;
    const [missed, right] = [this.nPositive - this.truePositives[step], this.truePositives[upperStep]];
    const [ruledOut, ruledIn] = [nRead - this.predictedAt(step), this.predictedAt(upperStep)];
    const left = nRead - ruledOut - ruledIn;
    return {
      ruled_out: ruledOut,
      missed,
      missed_share: ratio(missed, ruledOut),
      missed_high: limitsOf(missed, ruledOut, this.missedShare)?.[1] ?? null,
      ruled_in: ruledIn,
      right,
      precision: ratio(right, ruledIn),
      precision_low: limitsOf(right, ruledIn, this.rightShare)?.[0] ?? null,
      left,
      left_positive: this.nPositive - missed - right,
      settled: ratio(ruledOut + ruledIn, nRead),
    };
  }

  figures() {
    const tp = this.truePositives[this.step];
    const fp = this.falsePositives[this.step];
    return figuresOf(tp, fp, this.nPositive - tp, this.nRead - this.nPositive - fp);
  }

  /**
   * [low, high] of F1 at 95 % by Wilson's interval of J = tp / (tp + fp + fn), F1 = 2 J / (1 + J); null under 5.
   * @returns {import("./types.js").Ends | null}
   */
  f1Interval() {
    const { tp, fp, fn, positives } = this.figures();
    const union = tp + fp + fn;
    if (positives < MIN_POSITIVES || union === 0) return null;
    const [low, high] = shareInterval(tp, union, this.f1Share);
    return [(2 * low) / (1 + low), (2 * high) / (1 + high)];
  }
}

/** All classes at their thresholds. Moving one class touches only the films that it changes. */
export class Deck {
  /** @param {import("./types.js").Tables} tables */
  constructor(tables) {
    const { offsets, edges, cuts, steps, labels, patients } = tables.arrays;
    const n = tables.n_films;
    this.isExact = tables.is_exact;
    this.classes = tables.classes.map(
      (name, c) =>
        new ClassCounts(
          name,
          edges.subarray(offsets[c], offsets[c + 1]),
          cuts.subarray(offsets[c] + c, offsets[c + 1] + c + 1),
          steps.subarray(c * n, (c + 1) * n),
          labels.subarray(c * n, (c + 1) * n),
          patients,
          tables.n_patients,
        ),
    );
    // labels of each film, at first with nothing predicted
    this.wrong = new Uint16Array(n);
    this.predicted = new Uint16Array(n);
    const unread = new Uint16Array(n);
    for (let place = 0; place < labels.length; place += 1) {
      if (labels[place] === UNREAD) unread[place % n] += 1;
      else this.wrong[place % n] += labels[place];
    }
    this.isWhole = unread.map((number) => (number === 0 ? 1 : 0));
    this.nFilms = unread.reduce((sum, number) => sum + (number < this.classes.length ? 1 : 0), 0); // read for any class
    this.nWhole = this.isWhole.reduce((sum, isWhole) => sum + isWhole, 0);
    this.nExact = this.wrong.reduce((sum, number, film) => sum + (this.isWhole[film] && number === 0 ? 1 : 0), 0);
    this.nTrue = this.classes.reduce((sum, one) => sum + one.nPositive, 0);
    this.nRead = this.classes.reduce((sum, one) => sum + one.nRead, 0);
    this.nLabelled = 0;
    /** classes of each film that lie between two cuts, and the films of which any does */
    this.grey = new Uint16Array(n);
    this.nGrey = 0;
    this.isTwo = false;
    this.nTrueLabelled = this.wrong.reduce((sum, number) => sum + (number ? 1 : 0), 0);
  }

  /**
   * Moves one class to a step.
   * @param {number} index
   * @param {number} step
   */
  setStep(index, step) {
    const one = this.classes[index];
    const by = step < one.step ? 1 : -1;
    const [first, last] = [one.starts[Math.min(step, one.step)], one.starts[Math.max(step, one.step)]];
    for (let place = first; place < last; place += 1) {
      const film = one.films[place] >> 1;
      const label = one.films[place] & 1;
      this.moveFilm(film, label === 1 ? -by : by, by);
      if (one.patients) {
        one.f1Share?.move(one.patients[film], label * by, (1 - label) * by);
        one.missedShare?.move(one.patients[film], -label * by, -by);
      }
    }
    one.step = step;
    this.greyAgain(one);
  }

  /**
   * Moves the rule-in cut of a class.
   * @param {number} index
   * @param {number} upper
   */
  setUpper(index, upper) {
    this.classes[index].upper = upper;
    this.greyAgain(this.classes[index]);
  }

  /**
   * Two cuts a class, or one.
   * @param {boolean} isTwo
   */
  setTwo(isTwo) {
    if (isTwo === this.isTwo) return;
    this.isTwo = isTwo;
    for (const one of this.classes) this.greyAgain(one);
  }

  /**
   * Follows the grey zone of a class; only the films that enter or leave it are touched.
   * @param {ClassCounts} one
   */
  greyAgain(one) {
    const before = one.grey;
    const after = { from: one.step, to: this.isTwo ? one.upperStep : one.step };
    one.grey = after;
    for (const [zone, other, by] of /** @type {const} */ ([
      [before, after, -1],
      [after, before, 1],
    ])) {
      this.moveGrey(one, zone.from, Math.min(zone.to, other.from), by);
      this.moveGrey(one, Math.max(zone.from, other.to, other.from), zone.to, by);
    }
    if (one.patients) this.followRight(one);
  }

  /**
   * Films between two steps of a class enter (1) or leave (-1) its grey zone.
   * @param {ClassCounts} one
   * @param {number} from
   * @param {number} to
   * @param {1 | -1} by
   */
  moveGrey(one, from, to, by) {
    if (to <= from) return;
    for (let place = one.starts[from]; place < one.starts[to]; place += 1) {
      const film = one.films[place] >> 1;
      if (this.grey[film] === 0) this.nGrey += 1;
      this.grey[film] += by;
      if (this.grey[film] === 0) this.nGrey -= 1;
    }
  }

  /**
   * Patients of the films from the rule-in cut on, for the limit of their precision.
   * @param {ClassCounts} one
   */
  followRight(one) {
    const [before, after] = [one.rightFrom, this.isTwo ? one.upperStep : one.nSteps - 1];
    one.rightFrom = after;
    const [first, last] = [one.starts[Math.min(before, after)], one.starts[Math.max(before, after)]];
    const by = after < before ? 1 : -1;
    for (let place = first; place < last; place += 1) {
      const entry = one.films[place];
      one.rightShare?.move(one.patients?.[entry >> 1] ?? 0, (entry & 1) * by, by);
    }
  }

  /**
   * A film gains (1) or loses (-1) a wrong label, and a predicted one.
   * @param {number} film
   * @param {number} wrong
   * @param {number} predicted
   */
  moveFilm(film, wrong, predicted) {
    const isWhole = this.isWhole[film];
    if (isWhole && this.wrong[film] === 0) this.nExact -= 1;
    this.wrong[film] += wrong;
    if (isWhole && this.wrong[film] === 0) this.nExact += 1;
    if (this.predicted[film] === 0) this.nLabelled += 1;
    this.predicted[film] += predicted;
    if (this.predicted[film] === 0) this.nLabelled -= 1;
  }

  /**
   * @param {(number | null)[]} thresholds by class; null predicts nothing
   * @param {(number | null)[] | null} uppers the rule-in cuts, by class; null where classes have one cut
   */
  setThresholds(thresholds, uppers = null) {
    this.setTwo(uppers !== null);
    thresholds.forEach((threshold, index) => this.setStep(index, this.classes[index].stepOf(threshold)));
    uppers?.forEach((upper, index) => this.setUpper(index, this.classes[index].stepOf(upper)));
  }

  /** What two cuts settle over all classes: of the labels that were read, and of the films with all classes settled. */
  settled() {
    const left = this.classes.reduce((sum, { grey, starts }) => sum + starts[grey.to] - starts[grey.from], 0);
    return {
      labels_settled: ratio(this.nRead - left, this.nRead),
      films_settled: ratio(this.nFilms - this.nGrey, this.nFilms),
    };
  }

  steps() {
    return this.classes.map((one) => one.step);
  }

  /** Figures over all classes; an unread label counts nowhere. */
  overall() {
    const rows = this.classes.map((one) => one.figures());
    const sum = (/** @type {"tp" | "fp" | "fn"} */ name) => rows.reduce((total, row) => total + row[name], 0);
    const judged = rows.filter((row) => row.positives > 0);
    const [tp, fp, fn] = [sum("tp"), sum("fp"), sum("fn")];
    return {
      macro_f1: ratio(
        judged.reduce((total, row) => total + row.f1, 0),
        judged.length,
      ),
      micro_f1: ratio(2 * tp, 2 * tp + fp + fn),
      exact_match: ratio(this.nExact, this.nWhole),
      hamming: ratio(fp + fn, this.nRead),
      cardinality: ratio(tp + fp, this.nFilms),
      true_cardinality: ratio(this.nTrue, this.nFilms),
      share_labelled: ratio(this.nLabelled, this.nFilms),
      true_share_labelled: ratio(this.nTrueLabelled, this.nFilms),
    };
  }

  /**
   * Where all classes go when class `index` goes from its step in `first` to `step`: each by the same share of its
   * films ("quantile"), by the same score ("score"; of logits, by the same probability), or by the same factor of
   * predicted films ("prevalence"). Going back to `first` gives `first`.
   * @param {import("./types.js").Mode} mode
   * @param {number} index
   * @param {number} step
   * @param {number[]} first
   * @param {boolean} isLogit
   */
  linkedSteps(mode, index, step, first, isLogit) {
    const one = this.classes[index];
    const [before, after] = [one.predictedAt(first[index]), one.predictedAt(step)];
    const toScale = (/** @type {number} */ x) => (isLogit ? 1 / (1 + Math.exp(-x)) : x);
    const shift = toScale(one.cuts[step]) - toScale(one.cuts[first[index]]);
    return this.classes.map((other, place) => {
      if (place === index) return step;
      if (step === first[index]) return first[place];
      const predicted = other.predictedAt(first[place]);
      if (mode === "quantile") return other.stepPredicting(predicted + ((after - before) / one.nRead) * other.nRead);
      if (mode === "prevalence") return other.stepPredicting((predicted * after) / Math.max(before, 1));
      const target = toScale(other.cuts[first[place]]) + shift;
      return other.stepOf(isLogit ? logitOf(Math.min(Math.max(target, 1e-12), 1 - 1e-12)) : target);
    });
  }
}
