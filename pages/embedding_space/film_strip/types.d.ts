// What Python sends to the strip.

export interface Tile {
  row: number;
  title: string;
  /** Places of its positive classes. */
  findings: number[];
  note: string;
  /** Whether there is no small picture to ask for. */
  bare?: boolean;
}

export interface Known {
  classes: string[];
  /** Below which the study's films are found by their rows. */
  address: string;
  /** The row that is marked. */
  chosen?: number | null;
}

export interface Strip extends Known {
  films: Tile[];
}
