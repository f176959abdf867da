// What Python sends of films that are shown as small pictures.

export interface Tile {
  row: number;
  title: string;
  /** Places of its positive classes. */
  findings: number[];
  note: string;
  /** How it came out. */
  verdict?: Verdict;
  /** Whether there is no small picture to ask for. */
  bare?: boolean;
}

/** `sort` : tp, fp, fn, tn, unlabelled or undecided.  `of` : what is decided, and by what. */
export interface Verdict {
  words: string;
  sort: string;
  of: string;
}

/** What tiles of every film of a study are drawn with. */
export interface Known {
  classes: string[];
  /** Below which the study's films are found by their rows. */
  address: string;
  /** The row that is marked. */
  chosen?: number | null;
}

export interface Gallery extends Known {
  small: boolean;
  films: Tile[];
}

/** A film that the browser lists by itself. */
export interface Listed {
  row: number;
  note: string;
}

/** Where films are asked for by their rows: null where the app's server does not answer. */
export interface Source {
  address: string | null;
  has_pictures: boolean;
}

/** What the server says of a film: see `card` of film_cards.py. */
export interface Card {
  title: string;
  findings: string;
  picture: string;
  scores: { heads: string[]; rows: string[][] };
}
