// Films side by side; a click opens one.

import { part } from "../components/elements.js";
import { tilesOf } from "./tiles.js";

/** @param {import("../components/types.js").Component} component */
export default function filmGallery({ data, parentElement, setTriggerValue }) {
  /** @type {import("./types.js").Gallery} */
  const { films, small, ...known } = data;
  const tiles = tilesOf(films, known, (row) => setTriggerValue("opened", row));
  const root = part(parentElement, ".gallery");
  root.classList.toggle("small", small);
  root.replaceChildren(...tiles);
}
