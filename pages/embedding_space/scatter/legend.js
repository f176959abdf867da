// What the colours and markers of a map mean.

import { element } from "../../shared/components/elements.js";
import { rgbOf, sample } from "./drawing.js";

/**
 * @param {import("./types.js").Colours} colours
 * @param {import("./types.js").Group[] | null} groups in place of those of the colours
 * @param {import("./types.js").Rgb} grey
 * @returns {HTMLElement[]}
 */
export function legendOf(colours, groups, grey) {
  if (colours.kind === "scale") {
    const bar = element("i", { class: "scale" });
    bar.style.background = `linear-gradient(to right, ${colours.stops.join(", ")})`;
    const scale = entry(`${colours.title}: ${colours.low}`, bar, colours.high);
    return colours.undefined ? [scale, entry(sample([grey], "circle"), `no value (${colours.undefined})`)] : [scale];
  }
  const entries = (groups ?? colours.groups).map((group) =>
    entry(sample([rgbOf(group.colour)], group.shape), group.title),
  );
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
