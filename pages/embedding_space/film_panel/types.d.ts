// What Python sends to the panel: with it what is the same for every film, and as a parcel what is one film's own.

import type { Known, Tile } from "../../shared/gallery/types.js";

export interface Study extends Known {
  fingerprint: string;
  /** Titles, in the order of a film's scores. */
  settings: string[];
  /** What stands below the scores. */
  about_scores: string;
  /** What stands above the nearest films. */
  heading: string;
}

export interface Film {
  row: number;
  title: string;
  /** The study that it is of. */
  of: string;
  /** A character per class: 1 positive, 0 negative, anything else unlabelled. */
  labels: string;
  /** By setting: a score per class in words, between spaces. */
  scores: string[];
  nearest: Tile[];
  /** Why there are no nearest films. */
  problem: string;
}
