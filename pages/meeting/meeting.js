// What a meeting shows over every page, and keeps while pages come and go: the line to the room, its bar, its questions.

import { part } from "../shared/components/elements.js";
import { Following } from "./following.js";
import { Presenting } from "./presenting.js";
import { Sharing } from "./sharing.js";
import { Stage } from "./stage.js";
import { isSettled, ownView } from "./views.js";

const KEPT = "meeting"; // in the window's own store: a page that is loaded anew goes on presenting

const TRY_MS = 1500;
const BUSY_MS = 100; // while the page runs
const MOST_TRIES = 3;

class Meeting {
  constructor() {
    /** @type {Presenting | null} */
    this.presenting = null;
    /** @type {Following | null} */
    this.following = null;
    this.stage = new Stage((address) => this.go(address));
    this.sharing = new Sharing();
    this.hasResumed = false;
    /** @type {number | null} when the view was asked for that Python has not opened yet */
    this.asked = null;
    this.timer = 0;
    this.send = (/** @type {string} */ _event, /** @type {unknown} */ _value) => {};
  }

  /**
   * Takes what Python says, and shows itself in the page that is there now.
   * @param {import("./types.js").Data} data
   * @param {HTMLElement} place
   * @param {import("./types.js").Send} send
   */
  receive({ presents, follows, story, base, arrived }, place, send) {
    this.send = send;
    if (arrived === this.asked) this.asked = null;
    this.sharing.base = base;
    if (this.presenting?.key !== presents?.key) {
      this.presenting?.close();
      this.presenting = presents && new Presenting(presents);
    }
    if (this.following?.key !== (follows ?? undefined)) {
      this.following?.close();
      this.following =
        follows === null
          ? null
          : new Following(follows, { go: (address) => this.go(address), isAt: (address) => this.isAt(address) }, () =>
              this.leave(),
            );
    }
    this.keep(presents);
    const shown = [this.presenting, this.following].filter((one) => one !== null).map((one) => one.root);
    this.stage.receive(story);
    place.replaceChildren(this.stage.root, this.stage.card, this.sharing.root, ...shown);
  }

  /** @param {import("./types.js").Data["presents"]} presents */
  keep(presents) {
    const before = sessionStorage.getItem(KEPT);
    if (presents) sessionStorage.setItem(KEPT, JSON.stringify(presents));
    else if (before && this.hasResumed) sessionStorage.removeItem(KEPT);
    else if (before) this.send("resume", JSON.parse(before));
    this.hasResumed = true;
  }

  /**
   * Whether a view is looked at, and no question for another is under way.
   * @param {string} view
   */
  isAt(view) {
    return this.asked === null && view === ownView();
  }

  /**
   * Opens a view; asks again where nothing came of it, since another run of the page can swallow the question. The view
   * that is still on the screen is asked for too while another is under way.
   * @param {string} address
   */
  go(address) {
    if (this.isAt(address)) return;
    clearTimeout(this.timer);
    const at = Date.now();
    this.asked = at;
    const ask = (/** @type {number} */ tries) => {
      if (this.asked !== at) return;
      if (tries === 0) {
        this.asked = null;
        return;
      }
      const isReady = isSettled();
      if (isReady) this.send("arrive", { address, at });
      this.timer = setTimeout(() => ask(isReady ? tries - 1 : tries), isReady ? TRY_MS : BUSY_MS);
    };
    ask(MOST_TRIES);
  }

  leave() {
    this.following = null;
    this.send("left", Date.now());
  }
}

/** @param {import("../shared/components/types.js").Component} component */
export default function meetingComponent({ data, parentElement, setTriggerValue }) {
  const place = parentElement instanceof ShadowRoot && parentElement.host.closest('[data-testid="stElementContainer"]');
  if (place instanceof HTMLElement) {
    place.style.position = "absolute"; // it lies over the page, and would leave a gap
    place.style.setProperty("opacity", "1", "important"); // nor does it fade while the page below it runs
  }
  globalThis.meeting ??= new Meeting();
  globalThis.meeting.receive(data, part(parentElement, ".meeting"), setTriggerValue);
}
