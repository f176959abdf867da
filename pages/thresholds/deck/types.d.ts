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
    /** Row of the study of each film; absent where films are the study's, from its first on. */
    rows?: Uint32Array;
  };
}

/** By position of the truth dial: what every film is labelled, class by class, and the fitted thresholds, NaN = none. */
export interface TruthTables {
  token: string;
  names: string[];
  arrays: { labels: Uint8Array; starts: Float64Array; uppers: Float64Array };
}

/** What a film is under a threshold. */
export type CellKind = "found" | "missed" | "false_alarms" | "silent";
/** What the pane lists films of. */
export type Listing = CellKind | "changed" | "left" | "ruled_in";
/** Which line of a class a hand holds: its threshold, which rules out where there are two, or its rule-in cut. */
export type Thumb = "threshold" | "upper";
/** What two cuts of a class settle; see core/thresholds/settled.py. `_high`, `_low` : one-sided 95 % limits. */
export interface Settled {
  ruled_out: number;
  missed: number;
  missed_share: Figure;
  missed_high: Figure;
  ruled_in: number;
  right: number;
  precision: Figure;
  precision_low: Figure;
  left: number;
  left_positive: number;
  settled: Figure;
}

/** Films that a count is of: how many, and the first of them, looked up only where they are shown. */
export interface FilmList {
  title: string;
  number: number;
  films: () => number[];
}
/** The page on which a film is looked at. */
export type FilmAct = "saliency" | "embedding_space";
export type AxisChoice = "auto" | "score" | "rank";

/** How rows are drawn, and what moves with a hand. */
export interface Tools {
  axis: AxisChoice;
  link: Mode;
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

/** Figures by name; undefined where Python alone computes one and has not answered yet. */
export type Figures = Record<string, Figure | undefined>;
export type ClassFigures = Cells & Figures;

/** A figure that Python lists to be shown: its name, its title, what it means, and its digits after the point. */
export interface FigureShown {
  name: string;
  title: string;
  help: string;
  digits: number;
}

/** `beside` : the name of the truth that stands beside it. */
export interface OverallShown extends FigureShown {
  beside: string | null;
}

/** `ends` : null where not estimable. `n` : the number that it stands on. */
export interface OverallInterval {
  ends: Ends | null;
  n: number;
}

/** Python's figures of the thresholds of a move. */
export interface Confirmed {
  number: number;
  classes: (ClassFigures & { f1_low: Figure; f1_high: Figure })[];
  overall: Figures;
  intervals: Record<string, OverallInterval> | null;
  changes: Record<string, Ends | null> | null;
  /** null where classes have one cut */
  settled: { classes: Settled[]; overall: Figures } | null;
}

export interface Fit {
  low: number;
  high: number;
  words: string;
}

/** A clinic's patients: by class the share that has it, null as here; false alarms that a found case is worth. */
export interface Clinic {
  prevalence: (number | null)[];
  weight: number;
}

/** `truth` : the position of the dial; null where there is none, or its labels are too many to send.
 * `follows` : thresholds that were not moved follow a turn.
 * `epoch` : what moves are counted from; where it is another, thresholds are Python's. */
export interface DeckData {
  clinic: Clinic;
  token: string;
  truth: string | null;
  follows: boolean;
  epoch: string;
  score_kind: string;
  values: (number | null)[];
  reference: (number | null)[];
  /** Rule-in cuts; null where classes have one cut. */
  uppers: (number | null)[] | null;
  reference_uppers: (number | null)[] | null;
  confirmed: Confirmed;
  /** Where the app's server gives the figures of a move apart from the page; null where no app is around the page. */
  asks: string | null;
  fits: (Fit | null)[];
  /** Why the setting's scores of a class mean nothing. */
  untrained?: (string | null)[];
  figures: { classes: FigureShown[]; overall: OverallShown[] };
  films: import("../../shared/gallery/types.js").Source;
  /** Where a film can be looked at; none where no app is around the page. */
  acts: FilmAct[];
  chosen: string;
  /** What films the pane begins with. */
  listed: Listing;
  tools: Tools;
}

/** Thresholds by class, null predicts nothing; `uppers` : rule-in cuts, null where classes have one cut. */
export interface Cuts {
  values: (number | null)[];
  uppers: (number | null)[] | null;
}

/** What another's hand needs of the deck. */
export interface Led {
  said: DeckData | null;
  readonly data: DeckData;
  deck: import("./metrics.js").Deck;
  readonly cuts: Cuts;
  grabbed: object | null;
  listed: Listing;
  root: HTMLElement;
  take(cuts: Cuts): void;
  draw(confirmed: null): void;
  show(): void;
  commit(previous: null): void;
}

/** What the deck does with what a hand does in the pane. */
export interface PaneHandlers {
  look(kind: Listing): void;
  act(row: number, act: FilmAct): void;
  selectAll(): void;
}

/** What the deck does with what a hand does on a row. */
export interface Handlers {
  press(index: number, thumb: Thumb): void;
  drag(index: number, step: number): void;
  release(): void;
  key(index: number, event: KeyboardEvent, thumb: Thumb): void;
  type(index: number, text: string, thumb: Thumb): void;
  choose(index: number): void;
  look(index: number, kind: Listing): void;
}
