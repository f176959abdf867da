// All figures of the page in one ZIP: of what is folded away the data alone, for the screen does not show it.

import { element } from "../components/elements.js";
import { BUTTON, filesOf, placeOf, save, toldOf } from "./files.js";
import { zipOf } from "./zip.js";

const ASKED = ".st-key-take-all button";
const SHOWN_MS = 6000;

export class Whole {
  constructor() {
    this.isAtWork = false;
    this.said = element("div", { class: "take-menu take-all-said", role: "status", hidden: true });
    (document.querySelector('[data-testid="stApp"]') ?? document.body).append(this.said);
    this.onClick = (/** @type {Event} */ event) => {
      if (event.target instanceof Element && event.target.closest(ASKED) && !this.isAtWork) this.take();
    };
    document.addEventListener("click", this.onClick);
  }

  async take() {
    this.isAtWork = true;
    clearTimeout(this.timer);
    this.said.hidden = false;
    try {
      const buttons = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(BUTTON)]);
      const files = [];
      const failed = [];
      for (const [rank, button] of buttons.entries()) {
        this.said.textContent = `Drawing ${rank + 1} of ${buttons.length} figures…`;
        const { stem, title } = toldOf(button);
        for (const { name, ending, isPicture, make } of filesOf(placeOf(button), toldOf(button)).kinds) {
          if (isPicture && !button.checkVisibility()) continue;
          try {
            const blob = await make();
            files.push({ name: `${stem}.${ending}`, bytes: new Uint8Array(await blob.arrayBuffer()) });
          } catch {
            failed.push(`${title} (${name})`);
          }
        }
      }
      save(zipName(), new Blob(zipOf(files), { type: "application/zip" }));
      const taken = buttons.length === 1 ? "1 figure taken along" : `${buttons.length} figures taken along`;
      this.said.textContent = failed.length ? `Left out: ${failed.join("; ")}` : taken;
    } finally {
      this.isAtWork = false;
      this.timer = setTimeout(() => (this.said.hidden = true), SHOWN_MS);
    }
  }

  end() {
    document.removeEventListener("click", this.onClick);
    this.said.remove();
  }
}

/** Study and page, as the address has them. */
function zipName() {
  const study = new URLSearchParams(location.search).get("study") ?? "study";
  const page = location.pathname.split("/").pop() || "overview";
  return `${study}_${page}_figures.zip`.replaceAll(/[^\w.-]+/g, "-");
}
