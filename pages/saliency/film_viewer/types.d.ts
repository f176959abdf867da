// What Python sends to the viewer: see FilmView of payload.py.

/** A raw map on its own grid; `top` : where the last colour is. */
export interface ViewedMap {
  rows: number;
  columns: number;
  top: number;
  values: Float32Array;
}

/** What a model sees of a film, in original pixels; of a film that is padded it reaches beyond. */
export interface Seen {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** A map and what was made of it here: sampled over what the model sees, and in colours. */
export interface Shown {
  map: ViewedMap | null;
  values?: Float32Array;
  canvas?: HTMLCanvasElement;
  seen?: Seen | null;
}

export interface Panel extends Shown {
  name: string;
  title: string;
  lines: [string, string][];
  words: string;
  chips: Chip[];
  is_weak: boolean;
}

/** A verdict in a few words. */
export interface Chip {
  words: string;
  tone: "good" | "bad";
}

export interface StripItem extends Shown {
  value: string;
  label: string;
  note: string;
  is_chosen: boolean;
}

export interface Strip {
  name: string;
  /** The panel that it belongs to; "" for one that stands below all. */
  below: string;
  title: string;
  seen: Seen;
  items: StripItem[];
}

/** `width`, `height` : in original pixels; `columns`, `rows` : of what was sent. */
export interface Film {
  width: number;
  height: number;
  columns: number;
  rows: number;
  grey: Uint8Array;
}

export interface Drawing {
  reader: string;
  finding: string;
  saved: number;
}

export interface Outline {
  reader: string;
  finding: string;
  rings: number[][];
}

/** `table` : red, green and blue of 256 steps. */
export interface ColourMap {
  name: string;
  title: string;
  table: Uint8Array;
}

export interface FilmView {
  film_id: string;
  stamp: string;
  caption: string;
  about: string[];
  footer: string;
  film: Film;
  panels: Panel[];
  outlines: Outline[];
  readers: string[];
  strips: Strip[];
  drawing: Drawing | null;
  can_step: [boolean, boolean];
  /** Whether the plain film stands below the maps where it has no room beside them. */
  keeps_film: boolean;
  colour_maps: ColourMap[];
}

/** How a reader has set the viewer. */
export interface Look {
  window: number;
  level: number;
  opacity: number;
  contour: number;
  radius: number;
  showMap: boolean;
  showContour: boolean;
  showOutlines: boolean;
  hiddenReaders: Set<string>;
  colours: number;
}

/** Everything that is painted. */
export interface Scene extends FilmView {
  look: Look;
  filmCanvas: HTMLCanvasElement;
}

export type Spot = [number, number];

/** `x`, `y` : the original pixel in the middle; zoom 1 is the whole film. */
export interface View {
  zoom: number;
  x: number;
  y: number;
}

/** Where the film lies on a canvas. */
export interface Place {
  scale: number;
  left: number;
  top: number;
}

export interface Shape {
  kind: "polygon" | "box" | "brush";
  points: Spot[];
  radius?: number;
  erases?: boolean;
}

export interface Draft {
  shapes: Shape[];
  open: Shape | null;
}

export interface Tool {
  name: string;
  title: string;
  key: string;
}

/** The elements of a panel. */
export interface Parts {
  figure: HTMLElement;
  canvas: HTMLCanvasElement;
  scale: HTMLCanvasElement;
  title: HTMLElement;
  evidence: HTMLElement;
  words: HTMLElement;
  chips: HTMLElement;
  strip: HTMLElement;
}
