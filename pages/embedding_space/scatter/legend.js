// What the colours and markers of a map mean; a click on an entry looks at its films alone.

import { element } from "../../shared/components/elements.js";
import { rgbOf, sample } from "./drawing.js";

/**
 * @param {import("./types.js").Colours} colours
 * @param {import("./types.js").Group[] | null} groups in place of those of the colours
 * @param {import("./types.js").Rgb[]} inks grey, and the colour of text
 * @param {(name: string) => void} isolate called with the name of a group of the colours
 * @returns {HTMLElement[]}
 */
export function legendOf(colours, groups, [grey, ink], isolate) {
  if (colours.kind === "scale") {
    const bar = element("i", { class: "scale" });
    bar.style.background = `linear-gradient(to right, ${colours.stops.join(", ")})`;
    const scale = entry(`${colours.title}: ${colours.low}`, bar, colours.high);
    return colours.undefined ? [scale, entry(sample([grey], "circle"), `no value (${colours.undefined})`)] : [scale];
  }
  const marked = (/** @type {import("./types.js").Group} */ { colour, shape, foremost }) =>
    sample([rgbOf(colour)], shape, foremost ? ink : null);
  if (groups) return groups.map((group) => entry(marked(group), group.title));
  const entries = colours.groups.map((group) => {
    const { name } = group;
    const about = { title: `These films alone, or not: ${group.title}`, "aria-pressed": "false", data: { name } };
    return element(
      "button",
      { type: "button", ...about, on: { click: () => isolate(name) } },
      marked(group),
      group.title,
    );
  });
  if (!colours.shares) return entries;
  const two = colours.groups.filter((group) => !group.ground).slice(0, 2);
  const pie = sample(
    two.map((group) => rgbOf(group.colour)),
    "circle",
  );
  return [...entries, entry(pie, "several: a slice of each colour")];
}

/** @param {...(string | Node)} parts */
function entry(...parts) {
  return element("span", {}, ...parts);
}

/**
 * Which films are of a group, one byte per film.
 * @param {import("./types.js").GroupColours} colours
 * @param {number} place
 */
export function filmsOfGroup({ values }, place) {
  return Uint8Array.from(values, (code) => (code >> place) & 1);
}
