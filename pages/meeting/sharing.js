// The button that copies this view's address, as others reach it.

import { element, write } from "../shared/components/elements.js";
import { ownView } from "./views.js";

const BUTTON = ".st-key-meeting-share";
const SHOWN_MS = 4000;

export class Sharing {
  constructor() {
    this.base = "";
    this.timer = 0;
    this.words = element("span", { role: "status" });
    this.root = element("div", { class: "bar copied", hidden: true }, this.words);
    const onClick = (/** @type {Event} */ event) => {
      if (event.target instanceof Element && event.target.closest(`${BUTTON} button`)) this.copy();
    };
    addEventListener("click", onClick, { capture: true });
  }

  copy() {
    const address = new URL(ownView(), this.base).href;
    const isCopied = copied(address);
    write(this.words, isCopied ? "Link copied: it opens this view" : address);
    this.root.hidden = false;
    clearTimeout(this.timer);
    if (isCopied) this.timer = setTimeout(() => (this.root.hidden = true), SHOWN_MS);
  }
}

/**
 * Copies a text, also where the page came over plain HTTP. Whether it did.
 * @param {string} text
 */
function copied(text) {
  const field = element("textarea", { readonly: true });
  field.value = text;
  document.body.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  return isDone;
}
