// Elements are built with the DOM, so that text from files stays text. Handlers are listeners: a handler in an `on…`
// property that returns false takes the key from the browser, and typing and Tab stop.

/**
 * @typedef {(event: any) => unknown} Listener its result does nothing
 * @typedef {Record<string, string | number | boolean | undefined | Record<string, string | number> | Record<string, Listener>>} Made
 */

/**
 * An element with attributes, listeners and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Made} made attributes by name: true is there without a value, false and undefined are not there; `data` : of the element's
 *   dataset; `on` : listeners by event
 * @param {...(string | Node)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, { data = {}, on = {}, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : String(value));
  }
  Object.assign(made.dataset, data);
  listen(made, /** @type {Record<string, Listener>} */ (on));
  made.append(...children);
  return made;
}

/**
 * @param {EventTarget} target
 * @param {Record<string, Listener>} listeners by event
 */
export function listen(target, listeners) {
  for (const [name, listener] of Object.entries(listeners)) target.addEventListener(name, listener);
}

/**
 * Writes a text only where it changed, so that the browser lays out nothing in vain.
 * @param {Element} target
 * @param {string} text
 */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * A part of a component's own page, which is there.
 * @template {HTMLElement} [Part=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {Part}
 */
export function part(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`There is no ${selector} here.`);
  return /** @type {Part} */ (found);
}

/**
 * A canvas's pen.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function pen(canvas, settings) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", settings));
}
