// What the room is asked, and what came of it. Answers of others are not here before all appear together.

import { element } from "../shared/components/elements.js";
import { tell, TRIED } from "../shared/components/hands.js";

const STEPS = 400;
const DIGITS = 4;

let given = ""; // a name, for as long as this window is open

export class Votes {
  /** @param {((message: object) => void) | null} say sends an answer; null for the presenter, who gives none */
  constructor(say) {
    this.say = say;
    this.isAsked = false;
    this.isTrying = false;
    this.onDone = () => {};
    this.drawn = "";
    this.root = element("section", { class: "votes", "aria-live": "polite", hidden: true });
  }

  /** @param {{ question: import("./types.js").Asked | null, results: import("./types.js").Results | null }} said */
  show({ question, results }) {
    const drawn = JSON.stringify([question, results]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.isAsked = question !== null && results === null;
    this.root.hidden = question === null;
    this.stopTrying();
    if (results) this.root.replaceChildren(...resultsOf(results));
    else if (question && this.say) this.root.replaceChildren(...this.fieldsOf(question));
    else if (question) this.root.replaceChildren(element("p", { class: "question" }, question.words));
  }

  /** @param {import("./types.js").Asked} question */
  fieldsOf(question) {
    const field = element("input", {
      type: "text",
      maxlength: 60,
      placeholder: "Name for the minutes, if you like",
      "aria-label": "Your name for the minutes; may stay empty",
      value: given,
      on: { change: (/** @type {Event} */ event) => this.give(/** @type {HTMLInputElement} */ (event.target).value) },
    });
    const answers = question.type === "positive" ? this.yesAndNo() : this.threshold(question);
    return [element("p", { class: "question" }, question.words), ...answers, field];
  }

  yesAndNo() {
    /** @type {[string, number][]} */
    const answers = [
      ["Yes", 1],
      ["No", 0],
    ];
    const buttons = answers.map(([label, value]) => {
      const button = element("button", { type: "button", "aria-pressed": "false" }, label);
      button.addEventListener("click", () => {
        for (const one of buttons) one.setAttribute("aria-pressed", String(one === button));
        this.answer(value);
      });
      return button;
    });
    return [element("div", { class: "answers" }, ...buttons)];
  }

  /** @param {import("./types.js").Asked} question */
  threshold({ finding, low, high }) {
    const range = element("input", {
      type: "range",
      min: low,
      max: high,
      step: (high - low) / STEPS || 1,
      "aria-label": `Your threshold of ${finding}`,
    });
    const said = element("output", {}, shown(Number(range.value)));
    const button = element("button", { type: "button", "aria-pressed": "false" }, "This is my answer");
    range.addEventListener("input", () => {
      said.textContent = shown(Number(range.value));
      button.setAttribute("aria-pressed", "false");
      this.isTrying = true;
      tell(TRIED, { finding, value: Number(range.value) });
    });
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", "true");
      this.answer(Number(range.value));
    });
    return [element("div", { class: "answers" }, range, said, button)];
  }

  /**
   * The name goes along: the line may have broken since it was given.
   * @param {number} value
   */
  answer(value) {
    this.say?.({ kind: "answer", value, name: given });
  }

  /** What was tried is taken back, so that everybody sees the same again. */
  stopTrying() {
    if (!this.isTrying) return;
    this.isTrying = false;
    tell(TRIED, null);
    this.onDone();
  }

  /** @param {string} name */
  give(name) {
    given = name;
    this.say?.({ kind: "name", name });
  }
}

/**
 * @param {import("./types.js").Results} results
 * @returns {HTMLElement[]}
 */
function resultsOf({ question, words, bars }) {
  const most = Math.max(...bars.map(({ number }) => number), 1);
  const rows = bars.map(({ label, number, is_true }) => {
    const bar = element("i", { class: is_true ? "true" : "" });
    bar.style.width = `${(100 * number) / most}%`;
    return element(
      "li",
      { class: is_true ? "true" : "" },
      element("span", {}, label),
      element("span", { class: "track" }, bar),
      String(number),
    );
  });
  return [element("p", { class: "question" }, question), element("p", {}, words), element("ol", {}, ...rows)];
}

/** @param {number} value */
function shown(value) {
  return String(Number(value.toPrecision(DIGITS)));
}
