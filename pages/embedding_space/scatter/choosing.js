// What is selected: films that a hand picked, within the group of the legend that is looked at alone.

import { filmsOfGroup } from "./legend.js";

/**
 * The films of a group, one byte per film; null where the legend has no group of that name.
 * @param {import("./types.js").Look} look
 * @param {string} name
 */
export function filmsNamed({ colours: [colours], legend }, name) {
  if (!name || legend || colours.kind !== "groups") return null;
  const place = colours.groups.findIndex((group) => group.name === name);
  return place < 0 ? null : filmsOfGroup(colours, place);
}

/**
 * The picked films of a group, one byte per film: the whole group where none is picked, all picked ones where no group
 * is looked at alone; null where neither is.
 * @param {Uint8Array | null} picked
 * @param {Uint8Array | null} own the films of the group
 */
export function combined(picked, own) {
  return picked && own ? own.map((flag, row) => flag & picked[row]) : (own ?? picked);
}

/** @param {Uint8Array | null} flags */
export function numberOf(flags) {
  return flags ? flags.reduce((sum, flag) => sum + flag, 0) : 0;
}
