// The dial to another prevalence: what the class in hand would give among a clinic's own patients.

import { element, listen, write } from "../../shared/components/elements.js";
import { expectedAt } from "./metrics.js";
import { isTyping, percent, share } from "./row.js";

const HELP =
  "Recall and specificity stay as they are, and so does a promise on them; precision, NPV, counts and net benefit follow. " +
  "That assumes that scores are spread among the clinic's patients with the finding, and among those without it, as " +
  "they are here: not so where its patients are sicker, or filmed otherwise. Net benefit: found less false alarms, so " +
  "many of which weigh as much as one found case.";

/** The dial and what follows from it. */
export class ClinicDial {
  /** @param {(prevalence: number | null, weight: number, isForAll: boolean) => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.prevalence = this.field("Prevalence at my clinic, %");
    this.weight = this.field("False alarms worth a found case");
    this.all = element("input", { type: "checkbox" });
    this.words = element("div", { class: "expected", role: "status" });
    const all = element("label", {}, this.all, " for all classes");
    this.root = element(
      "details",
      { class: "clinic" },
      element("summary", { title: HELP }, "At my clinic"),
      labelled("Prevalence, %", this.prevalence),
      labelled("False alarms per found", this.weight),
      all,
      this.words,
      element("p", { class: "assumed" }, HELP),
    );
    listen(this.all, { change: () => this.take() });
  }

  /** @param {string} name */
  field(name) {
    const input = element("input", { class: "number", inputmode: "decimal", "aria-label": name, autocomplete: "off" });
    listen(input, {
      change: () => this.take(),
      keydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && input.blur(),
    });
    return input;
  }

  /** Takes what was typed; what is no share, or no weight above 0, is as before. */
  take() {
    const typed = this.prevalence.value.trim().replace(",", ".");
    const [percents, weight] = [Number(typed), Number(this.weight.value.replace(",", "."))];
    const isShare = typed !== "" && percents >= 0 && percents <= 100;
    this.changed(isShare ? percents / 100 : null, weight > 0 ? weight : this.shownWeight, this.all.checked);
  }

  shownWeight = 9;

  /**
   * @param {import("./types.js").Cells} cells
   * @param {number | null} prevalence the clinic's; null as here
   * @param {number} weight
   */
  draw(cells, prevalence, weight) {
    this.shownWeight = weight;
    const nRead = cells.tp + cells.fp + cells.fn + cells.tn;
    const here = nRead ? (cells.tp + cells.fn) / nRead : NaN;
    const now = prevalence ?? here;
    this.show(this.prevalence, String(Number((100 * now).toPrecision(4))));
    this.show(this.weight, String(weight));
    const {
      found,
      missed,
      false_alarms: alarms,
      precision,
      npv,
      net_benefit: benefit,
    } = expectedAt(cells, now, weight);
    const whole = (/** @type {number} */ value) => share(value, 1);
    write(
      this.words,
      `Of 1,000 patients at ${percent(now)}${prevalence === null ? " (as here)" : ""}: ${whole(found)} found, ` +
        `${whole(missed)} missed, ${whole(alarms)} false alarms. Precision ${share(precision)}, NPV ${share(npv)}, ` +
        `net benefit ${whole(benefit)}.`,
    );
  }

  /**
   * Shows a number, unless it is being typed.
   * @param {HTMLInputElement} input
   * @param {string} text
   */
  show(input, text) {
    if (!isTyping(input) && input.value !== text) input.value = text === "NaN" ? "" : text;
  }
}

/**
 * @param {string} text
 * @param {HTMLElement} input
 */
function labelled(text, input) {
  return element("label", {}, element("span", {}, text), input);
}
