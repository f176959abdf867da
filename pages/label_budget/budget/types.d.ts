// What Python sends to the label budget: see component.py.

/** Arrays lie in C order. Labels are 0, 1, and 255 where nobody labelled. */
export interface BudgetArrays {
  train: Float32Array;
  val: Float32Array;
  test: Float32Array;
  trainLabels: Uint8Array;
  valLabels: Uint8Array;
  testLabels: Uint8Array;
  texts: Float32Array;
  /** Orders one after the other, each of all train films. */
  orders: Uint32Array;
}

/** `token` : names these films; a page that shows them carries the same. */
export interface BudgetFilms {
  token: string;
  nClasses: number;
  nDimensions: number;
  prior: number;
  biasPrior: number;
  arrays: BudgetArrays;
}

export interface BudgetCurve {
  name: string;
  /** By budget; null where undefined. */
  middle: (number | null)[];
  low: (number | null)[] | null;
  high: (number | null)[] | null;
}

export interface BudgetData {
  token: string;
  classes: string[];
  /** Columns that can be judged, by group: all, head, medium, tail. */
  groups: Record<string, number[]>;
  measure: number;
  measureName: string;
  order: number;
  byClass: boolean;
  budget: number;
  most: number;
  budgets: number[];
  curves: BudgetCurve[];
  /** By class: from how many films on, in words. */
  beats: string[];
}

/**
 * What one budget gives: figures (classes x measures) of the test films, NaN where undefined; the films that each class
 * paid for; and how long the weights took, without the figures.
 */
export interface BudgetFigures {
  values: Float64Array;
  paid: Int32Array;
  refitMs: number;
}
