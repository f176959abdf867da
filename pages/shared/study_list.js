// Asks whether there are other studies than the picker lists, whenever somebody comes to the sidebar or to the window.

import { addressOf } from "./components/addresses.js";

const SIDEBAR = '[data-testid="stSidebar"]'; // before the picker: a list that changes closes where it is open

/** @param {import("./components/types.js").Component} component */
export default function watchStudies({ data, setTriggerValue }) {
  const over = new AbortController();
  const { signal } = over;
  let { stamp } = data; // told once
  const ask = async () => {
    try {
      const answer = await fetch(addressOf(data.asks), { signal });
      const now = answer.ok ? await answer.text() : stamp;
      if (now === stamp) return;
      stamp = now;
      setTriggerValue("changed", now);
    } catch {
      return; // the server is away, or the page has moved on: the list stays
    }
  };
  const come = (/** @type {Event & { relatedTarget?: EventTarget | null }} */ { target, relatedTarget }) => {
    const sidebar = target instanceof Element && target.closest(SIDEBAR);
    if (sidebar && !(relatedTarget instanceof Node && sidebar.contains(relatedTarget))) void ask();
  };
  for (const name of ["pointerover", "focusin"]) document.addEventListener(name, come, { signal, passive: true });
  addEventListener("focus", () => void ask(), { signal });
  return () => over.abort();
}
