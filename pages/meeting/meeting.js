// What a meeting shows over every page, and keeps while pages come and go: the line to the room, its bar, its questions.

import { part } from "../shared/components/elements.js";
import { Following } from "./following.js";
import { Presenting } from "./presenting.js";
import { Stage } from "./stage.js";

const KEPT = "meeting"; // in the window's own store: a page that is loaded anew goes on presenting

class Meeting {
  constructor() {
    /** @type {Presenting | null} */
    this.presenting = null;
    /** @type {Following | null} */
    this.following = null;
    this.stage = new Stage((address) => this.go(address));
    this.hasResumed = false;
    this.send = (/** @type {string} */ _event, /** @type {unknown} */ _value) => {};
  }

  /**
   * Takes what Python says, and shows itself in the page that is there now.
   * @param {import("./types.js").Data} data
   * @param {HTMLElement} place
   * @param {import("./types.js").Send} send
   */
  receive({ presents, follows, story }, place, send) {
    this.send = send;
    if (this.presenting?.key !== presents?.key) {
      this.presenting?.close();
      this.presenting = presents && new Presenting(presents);
    }
    if (this.following?.key !== (follows ?? undefined)) {
      this.following?.close();
      this.following =
        follows === null
          ? null
          : new Following(
              follows,
              (address) => this.go(address),
              () => this.leave(),
            );
    }
    this.keep(presents);
    const shown = [this.presenting, this.following].filter((one) => one !== null).map((one) => one.root);
    this.stage.receive(story);
    place.replaceChildren(this.stage.root, this.stage.card, ...shown);
  }

  /** @param {import("./types.js").Data["presents"]} presents */
  keep(presents) {
    const before = sessionStorage.getItem(KEPT);
    if (presents) sessionStorage.setItem(KEPT, JSON.stringify(presents));
    else if (before && this.hasResumed) sessionStorage.removeItem(KEPT);
    else if (before) this.send("resume", JSON.parse(before));
    this.hasResumed = true;
  }

  /** @param {string} address */
  go(address) {
    this.send("arrive", { address, at: Date.now() });
  }

  leave() {
    this.following = null;
    this.send("left", Date.now());
  }
}

/** @param {import("../shared/components/types.js").Component} component */
export default function meetingComponent({ data, parentElement, setTriggerValue }) {
  const place = parentElement instanceof ShadowRoot && parentElement.host.closest('[data-testid="stElementContainer"]');
  // it lies over the page, and would leave a gap
  if (place instanceof HTMLElement) place.style.position = "absolute";
  globalThis.meeting ??= new Meeting();
  globalThis.meeting.receive(data, part(parentElement, ".meeting"), setTriggerValue);
}
