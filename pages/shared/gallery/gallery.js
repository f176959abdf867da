// Films side by side; a click opens one.

import { part } from "../components/elements.js";
import { tile } from "./tiles.js";

/** @param {import("../components/types.js").Component} component */
export default function filmGallery({ data, parentElement, setTriggerValue }) {
  /** @type {import("./types.js").Gallery} */
  const { films, chosen } = data;
  const tiles = films.map((film) => tile(film, film.row === chosen, () => setTriggerValue("opened", film.row)));
  part(parentElement, ".gallery").replaceChildren(...tiles);
}
