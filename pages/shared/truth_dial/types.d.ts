// What Python sends to the dial: see __init__.py.

export interface DialOption {
  name: string;
  words: string;
}

export interface DialAxis {
  title: string;
  help: string;
  options: DialOption[];
}

/** `positions` : the option of each axis, by position. `chosen` : a position's options joined by "~". */
export interface DialData {
  axes: DialAxis[];
  positions: string[][];
  chosen: string;
}
