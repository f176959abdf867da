// Films side by side; a click opens one.

import { addressOf } from "../../shared/components/addresses.js";
import { element, listen, part } from "../../shared/components/elements.js";

/** @param {import("../../shared/components/types.js").Component} component */
export default function filmStrip({ data, parentElement, setTriggerValue }) {
  /** @type {import("./types.js").Strip} */
  const { films, chosen } = data;
  const tiles = films.map((film) => tile(film, film.row === chosen, () => setTriggerValue("opened", film.row)));
  part(parentElement, ".strip").replaceChildren(...tiles);
}

/**
 * @param {import("./types.js").Tile} film
 * @param {boolean} isChosen
 * @param {() => void} open
 */
function tile({ row, title, picture, findings, note }, isChosen, open) {
  const about = { title: `Open ${title}`, "aria-pressed": String(isChosen), data: { row } };
  const made = element("button", { type: "button", ...about, on: { click: open } });
  if (picture) made.append(pictureOf(picture, title));
  made.append(element("b", {}, title), element("span", {}, findings));
  if (note) made.append(element("i", {}, note));
  return made;
}

/**
 * @param {string} picture
 * @param {string} title
 */
function pictureOf(picture, title) {
  const made = element("img", { alt: `Film ${title}` });
  listen(made, { error: () => made.remove() });
  made.src = addressOf(picture);
  return made;
}
