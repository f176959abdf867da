// What Python sends to the deck: see BrowserTables of core/thresholds/browser.py and `deck` of component.py.

export type Steps = Uint8Array | Uint16Array | Uint32Array;

export interface Tables {
  token: string;
  classes: string[];
  n_films: number;
  n_patients: number;
  is_exact: boolean;
  arrays: {
    offsets: Uint32Array;
    edges: Float64Array;
    cuts: Float64Array;
    steps: Steps;
    labels: Uint8Array;
    patients?: Uint32Array;
  };
}

export type Mode = "alone" | "quantile" | "score" | "prevalence";

/** null where Python says that a figure is undefined, NaN where the browser does. */
export type Figure = number | null;
export type Ends = [number, number];

export interface Cells {
  tp: number;
  fp: number;
  fn: number;
  tn: number;
}

export interface ClassFigures extends Cells {
  precision: Figure;
  recall: Figure;
  specificity: Figure;
  f1: Figure;
}

export interface OverallFigures {
  macro_f1: Figure;
  micro_f1: Figure;
  exact_match: Figure;
  hamming: Figure;
  cardinality: Figure;
  true_cardinality: Figure;
  share_labelled: Figure;
  true_share_labelled: Figure;
}

/** Python's figures of the thresholds of a move. */
export interface Confirmed {
  number: number;
  classes: (ClassFigures & { f1_low: Figure; f1_high: Figure })[];
  overall: OverallFigures;
  intervals: Record<string, Ends | null> | null;
  changes: Record<string, Ends | null> | null;
}

export interface Fit {
  low: number;
  high: number;
  words: string;
}

export interface DeckData {
  token: string;
  epoch: string;
  score_kind: string;
  values: (number | null)[];
  reference: (number | null)[];
  confirmed: Confirmed;
  fits: (Fit | null)[];
  chosen: string;
}

/** What the deck does with what a hand does on a row. */
export interface Handlers {
  press(index: number): void;
  drag(index: number, step: number): void;
  release(): void;
  key(index: number, event: KeyboardEvent): void;
  type(index: number, text: string): void;
  choose(index: number): void;
}
