// Addresses below where the app begins, "thresholds?study=phantom": what is looked at, and nothing else.

import { addressOf } from "../shared/components/addresses.js";

const NOT_OF_A_VIEW = ["follow", "key"];
const FIRST_PAGE = "overview"; // which also answers at the bare address, and as "start"

/** What this window looks at. */
export function ownView() {
  const base = new URL(addressOf("")).pathname;
  const page = location.pathname.startsWith(base) ? location.pathname.slice(base.length) : "";
  return viewOf(page.replace(/\/$/, "") + location.search);
}

/**
 * A view as it is written: its parameters in one order, since pages write theirs in several.
 * @param {string} address
 */
export function viewOf(address) {
  const [page, query = ""] = split(address);
  const asked = new URLSearchParams(query);
  for (const name of NOT_OF_A_VIEW) asked.delete(name);
  const said = [...asked].map(([name, value]) => [name, value]);
  said.sort(([one, first], [other, second]) => (one === other ? compare(first, second) : compare(one, other)));
  const written = new URLSearchParams(said).toString();
  const stem = page === "" || page === "start" ? FIRST_PAGE : page;
  return written ? `${stem}?${written}` : stem;
}

/**
 * A view but for its thresholds.
 * @param {string} view
 */
export function besidesThresholds(view) {
  const [page, query = ""] = split(view);
  const asked = new URLSearchParams(query);
  asked.delete("thresholds");
  return `${page}?${asked}`;
}

/** @param {string} address */
function split(address) {
  const place = address.indexOf("?");
  return place < 0 ? [address] : [address.slice(0, place), address.slice(place + 1)];
}

/**
 * @param {string} one
 * @param {string} other
 */
function compare(one, other) {
  return one < other ? -1 : Number(one > other);
}

/** Whether Streamlit runs nothing now, so that the page has written its address to the end. */
export function isSettled() {
  const app = document.querySelector('[data-testid="stApp"]');
  return app?.getAttribute("data-test-script-state") === "notRunning";
}
