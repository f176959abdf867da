// What Python sends to the map: see packing.py.

/** Where films lie on one map, in steps; `values` holds 2 or 3 numbers per film. */
export interface Points {
  dims: number;
  values: Uint16Array;
}

/** All maps that are shown, on one scale. */
export interface Layout {
  token: string;
  n: number;
  view_key: string;
  extent: number[];
  points: Points[];
}

export type Rgb = number[];

/** Films that look alike. */
export interface Group {
  title: string;
  /** Without its number. */
  name: string;
  colour: string;
  shape: string;
  ground: boolean;
  foremost: boolean;
}

export interface GroupColours {
  kind: "groups";
  title: string;
  values: Uint16Array;
  groups: Group[];
  shares: boolean;
}

export interface ScaleColours {
  kind: "scale";
  title: string;
  values: Uint8Array;
  stops: string[];
  low: string;
  high: string;
  undefined: number;
}

export type Colours = GroupColours | ScaleColours;

export interface PanelData {
  title: string;
  note: string;
  points: number;
  colours: number;
}

export interface Mark {
  label: string;
  panel: number;
  x: number;
  y: number;
  x2?: number;
  y2?: number;
}

/** How the films of a layout are shown; `of` : the token of that layout. */
export interface Look {
  of: string;
  films: string | null;
  height: number;
  min_width: number;
  about: string;
  colours: Colours[];
  panels: PanelData[];
  marks: Mark[];
  legend: Group[] | null;
}

/** `of` : the study.  `bits` : one bit per film; null where none is picked.  `within` : see `Choices` of choosing.js. */
export interface Selection {
  of: string;
  seq: number;
  n: number;
  bits: Uint8Array | null;
  within: string;
}

export interface View {
  x: number;
  y: number;
  scale: number;
  yaw: number;
  pitch: number;
}

export interface Stamp {
  half: number;
  side: number;
  pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** One canvas with its overlay. */
export interface Panel extends PanelData {
  index: number;
  box: HTMLElement;
  name: HTMLElement;
  frame: HTMLElement;
  base: HTMLCanvasElement;
  over: HTMLCanvasElement;
  width: number;
  height: number;
  picture: ImageData | null;
  placed: Float32Array;
}

/** What a film's card says. */
export interface Film {
  title: string;
  findings?: string;
  picture?: string;
  scores?: { heads: string[]; rows: string[][] };
}

export type Spot = [number, number];
