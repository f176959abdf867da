// What Python sends to the arena: see `_payload` of pair.py.

import type { Film, Shown } from "../film_viewer/types.js";

/** `words` : why there is no map to see, or "". */
export interface Side extends Shown {
  words: string;
}

/** `token` : stands for the question. `table` : colours, as of the viewer. */
export interface Asked {
  token: string;
  question: string;
  film: Film;
  sides: [Side, Side];
  table: Uint8Array;
}
