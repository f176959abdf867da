// The files that a figure can be taken along as.

import { element } from "../components/elements.js";
import { pictureOf, pngOf } from "./picture.js";
import { csvOf } from "./rows.js";

/**
 * @typedef {import("./types.js").Told} Told
 * @typedef {{ name: string, ending: string, isPicture: boolean, make: () => Promise<Blob> }} Kind
 */

export const BUTTON = "button.take-figure";
export const KIND = ".take-kinds button";
export const PLACE = '[class*="st-key-figure-"]';

/**
 * What Python says of the figure that a button stands beside.
 * @param {HTMLElement} button
 */
export function toldOf(button) {
  return /** @type {Told} */ (JSON.parse(button.dataset.figure ?? "{}"));
}

/**
 * Where that figure is.
 * @param {HTMLElement} button
 * @returns {Element}
 */
export function placeOf(button) {
  return button.closest(PLACE) ?? button;
}

/**
 * @param {Element} place
 * @param {Told} told
 * @returns {{ csv: string | null, kinds: Kind[] }} its data, null where there are none, and every kind of file
 */
export function filesOf(place, told) {
  const csv = csvOf(place, told);
  const { tex } = told;
  const picture = () => pictureOf(place, told);
  const text = (/** @type {string} */ content, /** @type {string} */ type) => async () => new Blob([content], { type });
  return {
    csv,
    kinds: [
      { name: "PNG", ending: "png", isPicture: true, make: async () => pngOf(await picture()) },
      {
        name: "SVG",
        ending: "svg",
        isPicture: true,
        make: async () => new Blob([(await picture()).svg], { type: "image/svg+xml" }),
      },
      ...(csv === null ? [] : [{ name: "CSV", ending: "csv", isPicture: false, make: text(csv, "text/csv") }]),
      ...(tex ? [{ name: "LaTeX", ending: "tex", isPicture: false, make: text(tex, "text/x-tex") }] : []),
    ],
  };
}

/**
 * Gives one kind of file of a figure.
 * @param {Element} place
 * @param {Told} told
 * @param {string} ending
 */
export async function give(place, told, ending) {
  const kind = filesOf(place, told).kinds.find((one) => one.ending === ending);
  if (!kind) throw new Error("Nothing is drawn here that has data.");
  save(`${told.stem}.${ending}`, await kind.make());
}

/**
 * Gives a file to the user.
 * @param {string} name
 * @param {Blob} blob
 */
export function save(name, blob) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
