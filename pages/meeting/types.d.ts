// What Python and the server's line say to a meeting's browser: attend.py, core/room/room.py.

export interface Data {
  /** The room that this browser presents in. */
  presents: Presented | null;
  /** The key of the room that it follows. */
  follows: string | null;
  /** The last question whose view was opened. */
  arrived: number;
  /** Where the app begins, as others reach it. */
  base: string;
  /** The story of the study that is looked at. */
  story: Slide[];
}

/** `address` : by which others come in.  `picture` : the same as a QR code, an address of an SVG. */
export interface Presented {
  key: string;
  secret: string;
  address: string;
  picture: string;
}

export interface Slide {
  address: string;
  sentence: string;
}

export interface Asked {
  type: "positive" | "threshold";
  words: string;
  finding: string;
  low: number;
  high: number;
}

export interface Bar {
  label: string;
  number: number;
  is_true: boolean;
}

export interface Results {
  question: string;
  words: string;
  bars: Bar[];
}

export type Message =
  | { kind: "view"; address: string }
  | ({ kind: "move" } & import("../shared/components/hands.js").Move)
  | { kind: "presenter"; is_here: boolean; words?: string }
  | { kind: "question"; question: Asked | null; results: Results | null }
  | { kind: "count"; followers: number; answers: number }
  | { kind: "closed"; words: string }
  | { kind: "line"; is_there: boolean };

export type Send = (event: string, value: unknown) => void;
