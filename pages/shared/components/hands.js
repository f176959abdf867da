// What the deck says of its thresholds while a hand moves them, and what it takes from another hand: events of the page.

/** What the deck says: its detail is a `Move`. */
export const MOVED = "deck:moved";
/** What the deck takes over: its detail is a `Move`, of the presenter's deck. */
export const LED = "deck:led";
/** One threshold to try: its detail is a `Trial`; null puts back what was there. */
export const TRIED = "deck:tried";

/**
 * @typedef {object} Move thresholds under a hand
 * @property {string} token names the scores and films that are counted
 * @property {(number | null)[]} values by class; null predicts nothing
 * @property {(number | null)[] | null} uppers rule-in cuts; null where classes have one cut
 * @property {string} finding the class in hand
 * @property {boolean} is_held whether the hand still holds it
 */
/** @typedef {{ finding: string, value: number } | null} Trial */

/**
 * @param {string} name
 * @param {unknown} detail
 */
export function tell(name, detail) {
  dispatchEvent(new CustomEvent(name, { detail }));
}
