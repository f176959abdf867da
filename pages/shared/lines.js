// A line of controls wraps. In a narrow window, rows that would push the page's first result down are folded behind a
// button that names them. Its height is known before anything is painted: nothing below it moves for it.

(() => {
  const LINES = '[class*="st-key-controls"]';
  const FOLDED = "data-folded";
  const SLACK = 2; // pixels
  /** @type {WeakMap<Element, HTMLButtonElement>} */
  const buttons = new WeakMap();

  /**
   * What a widget is called, and what it holds.
   * @param {Element} item
   */
  const wordsOf = (item) => {
    const label = textOf(item.querySelector('[data-testid="stWidgetLabel"]'));
    const input = item.querySelector("input");
    const held = input?.value || textOf(item.querySelector('[role="radio"][aria-checked="true"]'));
    return label && held ? `${label}: ${held}` : label || textOf(item.querySelector("button")) || "More";
  };
  /** @param {Element | null} part */
  const textOf = (part) => part?.querySelector('[data-testid="stMarkdownContainer"]')?.textContent?.trim() ?? "";

  /** @param {Element} line */
  const itemsOf = (line) => [...line.children].filter((one) => one !== buttons.get(line));

  /** @param {Element} line */
  const buttonOf = (line) => {
    const made = buttons.get(line) ?? document.createElement("button");
    if (!buttons.has(line)) {
      made.type = "button";
      made.className = "more-of-line";
      made.addEventListener("click", () => {
        line.toggleAttribute("data-open");
        fold(line);
      });
      buttons.set(line, made);
    }
    return made;
  };

  /**
   * Shows as many rows as there is room for, the first in any case; all where they were asked for.
   * @param {Element} line
   */
  const fold = (line) => {
    const items = itemsOf(line);
    for (const item of items) item.removeAttribute(FOLDED);
    const button = buttonOf(line);
    button.style.position = "absolute"; // out of the way while rows are measured; hidden, it would lose the focus
    const room = parseFloat(getComputedStyle(line).getPropertyValue("--room")); // pixels; NaN: all there is
    const boxes = items.map((item) => item.getBoundingClientRect());
    const seen = boxes.filter((box) => box.width > 0);
    const top = Math.min(...seen.map((box) => box.top));
    const first = Math.min(...seen.map((box) => box.bottom));
    const most = Math.max(first, top + room) + SLACK;
    const more = items.filter((_, place) => boxes[place].width > 0 && boxes[place].bottom > most);
    button.style.position = "";
    button.hidden = !more.length;
    if (!more.length) return;
    const isOpen = line.hasAttribute("data-open");
    if (!isOpen) for (const item of more) item.setAttribute(FOLDED, "");
    button.textContent = isOpen ? "Fewer" : more.map(wordsOf).join(", ");
    button.setAttribute("aria-expanded", String(isOpen));
    if (button.parentElement !== line) line.append(button);
  };

  const foldAll = () => {
    for (const line of document.querySelectorAll(LINES)) fold(line);
  };
  /** @type {Element | null} */
  let main = null;
  const width = new ResizeObserver(foldAll); // of what no fold makes smaller
  const look = (/** @type {MutationRecord[]} */ records) => {
    const now = document.querySelector('[data-testid="stMain"]');
    if (now !== null && now !== main) {
      if (main) width.unobserve(main);
      main = now;
      width.observe(main);
    }
    const changed = new Set();
    for (const { target, addedNodes } of records) {
      if (!(target instanceof Element) || target.matches(".more-of-line")) continue;
      const line = target.closest(LINES);
      if (line) changed.add(line);
      for (const added of addedNodes)
        if (added instanceof Element) {
          if (added.matches(LINES)) changed.add(added);
          for (const one of added.querySelectorAll(LINES)) changed.add(one);
        }
    }
    for (const line of changed) fold(line);
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  document.fonts.ready.then(foldAll);
})();
