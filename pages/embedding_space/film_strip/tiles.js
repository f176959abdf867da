// Small pictures of films with what was read on them; a click opens one.

import { addressOf } from "../../shared/components/addresses.js";
import { element, listen } from "../../shared/components/elements.js";

/**
 * The tiles of some films.
 * @param {import("./types.js").Tile[]} films
 * @param {import("./types.js").Known} known
 * @param {(row: number) => void} open
 */
export function tilesOf(films, { classes, address, chosen }, open) {
  return films.map(({ row, title, findings, note, bare }) => {
    const about = { title: `Open ${title}`, "aria-pressed": String(row === chosen), data: { row } };
    const made = element("button", { type: "button", ...about, on: { click: () => open(row) } });
    if (!bare) made.append(pictureOf(`${address}${row}/picture`, title));
    made.append(element("b", {}, title), element("span", {}, findingsOf(findings, classes)));
    if (note) made.append(element("i", {}, note));
    return made;
  });
}

/**
 * @param {number[]} findings
 * @param {string[]} classes
 */
function findingsOf(findings, classes) {
  return findings.map((place) => classes[place]).join(", ") || "no positive label";
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
