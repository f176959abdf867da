// What stands beside every figure (Python's half: `__init__.py`), and what a component may say of itself.

/**
 * `stem` : of the names of its files.  `rows` : of a table whose cells are not on the page, headings first.
 * `note` : how many of them these are.  `legend` : whether the one that several figures share belongs to it.
 */
export interface Told {
  stem: string;
  title: string;
  caption: string;
  csv?: string;
  tex?: string;
  rows?: string[][];
  note?: string;
  legend?: boolean;
}

/** What a component's root may carry as `figure`, where what is on the screen does not tell all. */
export interface OwnFigure {
  /** Paints anew at so many pixels of the canvas for one of the page; 0 : as on the screen. */
  finer?: (ratio: number) => void;
  /** Its own picture, which says what else must be said. */
  picture?: () => HTMLCanvasElement;
  /** Its data, headings first. */
  rows?: () => (string | number)[][];
}

/** A picture as SVG, in pixels of the page. */
export interface Picture {
  svg: string;
  width: number;
  height: number;
}

/** SVG that is being written; `left`, `top` : where its corner is in the window. */
export interface Sheet {
  id: number;
  parts: string[];
  names: number;
  stills: Map<Element, string>;
  left: number;
  top: number;
}

export interface Line {
  text: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

declare global {
  /** There while a chart of it is on the page. */
  var Plotly: { toImage: (chart: Element, how: Record<string, string | number>) => Promise<string> } | undefined;

  interface Element {
    figure?: OwnFigure;
  }
}
