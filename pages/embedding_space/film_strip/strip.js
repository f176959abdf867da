// Films side by side.

import { part } from "../../shared/components/elements.js";
import { tilesOf } from "./tiles.js";

/** @param {import("../../shared/components/types.js").Component} component */
export default function filmStrip({ data, parentElement, setTriggerValue }) {
  /** @type {import("./types.js").Strip} */
  const { films, ...known } = data;
  const tiles = tilesOf(films, known, (row) => setTriggerValue("opened", row));
  part(parentElement, ".strip").replaceChildren(...tiles);
}
