// The viewer's elements: toolbar, panels, strips.

import { element, listen, pen } from "../../shared/components/elements.js";
import { colourOf } from "./painting.js";

/**
 * @typedef {import("./types.js").Look} Look
 * @typedef {import("./types.js").Panel} Panel
 * @typedef {import("./types.js").Parts} Parts
 * @typedef {import("./types.js").ViewedMap} ViewedMap
 */

/**
 * @param {string} label
 * @param {string} key that does the same; "" for none
 * @param {string} title
 * @param {() => void} act
 */
export function button(label, key, title, act) {
  const keys = key ? { "aria-keyshortcuts": key, data: { key } } : {};
  return element("button", { type: "button", title, ...keys, on: { click: act } }, label);
}

/**
 * @param {string} name
 * @param {string} label
 * @param {[number, number, number]} range lowest, highest, step
 * @param {number} value
 * @param {(value: number) => void} act
 */
export function slider(name, label, [min, max, step], value, act) {
  const input = element("input", { type: "range", name, min, max, step, value });
  listen(input, { input: () => act(Number(input.value)) });
  return element("label", { class: "slider" }, element("span", {}, label), input);
}

/**
 * @param {Element} made
 * @param {boolean} isOn
 */
export function switched(made, isOn) {
  made.setAttribute("aria-pressed", String(isOn));
}

/**
 * @param {Panel} panel
 * @returns {Parts}
 */
export function panelElement(panel) {
  const title = element("strong");
  const canvas = element("canvas", { class: "film", role: "img" });
  const scale = element("canvas", { class: "scale" });
  const evidence = element("dl");
  const words = element("p", { class: "words" });
  const chips = element("div", { class: "chips" });
  const strip = element("div", { class: "own-strip" });
  const caption = element("figcaption", {}, title);
  const figure = element(
    "figure",
    { data: { panel: panel.name } },
    caption,
    canvas,
    chips,
    words,
    scale,
    strip,
    evidence,
  );
  return { figure, canvas, scale, title, evidence, words, chips, strip };
}

/**
 * @param {Parts} parts
 * @param {Panel} panel
 * @param {string} caption
 * @param {(what: string, value: string) => void} pick
 */
export function fillPanel(parts, panel, caption, pick) {
  parts.title.textContent = panel.title;
  const own = button("Own scale", "", "Scale every map to its own strongest value", () => pick("scale", "own"));
  parts.words.replaceChildren(panel.words, ...(panel.is_weak ? [" ", own] : []));
  parts.chips.replaceChildren(
    ...panel.chips.map(({ words, tone }) => element("span", { class: `chip ${tone}` }, words)),
  );
  parts.canvas.setAttribute("aria-label", `${caption}: ${panel.title}`);
  const lines = panel.lines.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
  parts.evidence.replaceChildren(...lines);
  parts.scale.hidden = !panel.map;
}

/**
 * The colours of a map from 0 to the top of its scale, as they look on a mid-grey film.
 * @param {HTMLCanvasElement} canvas
 * @param {ViewedMap} map
 * @param {Look} look
 * @param {Uint8Array} table
 * @param {string} ink
 */
export function paintScale(canvas, map, look, table, ink) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth || 200;
  canvas.width = width * ratio;
  canvas.height = 26 * ratio;
  const context = pen(canvas);
  context.scale(ratio, ratio);
  drawScale(context, width, map, look, table, ink, 11);
}

/**
 * The same from (0, 0) on.
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {ViewedMap} map
 * @param {Look} look
 * @param {Uint8Array} table
 * @param {string} ink
 * @param {number} size of the letters below it, in pixels
 */
export function drawScale(context, width, map, look, table, ink, size) {
  context.fillStyle = "#6e6e6e";
  context.fillRect(0, 0, width, 9);
  for (let x = 0; x < width; x += 1) {
    const [red, green, blue, alpha] = colourOf(x / (width - 1), table);
    context.fillStyle = `rgba(${red}, ${green}, ${blue}, ${(look.opacity * alpha) / 255})`;
    context.fillRect(x, 0, 1, 9);
  }
  context.fillStyle = ink;
  context.font = `${size}px sans-serif`;
  context.textAlign = "left";
  context.fillText("0", 0, 11 + size);
  context.textAlign = "right";
  context.fillText(shortNumber(map.top), width, 11 + size);
  context.textAlign = "left";
  if (look.showContour) context.fillRect(look.contour * width - 1, 0, 2, 12);
}

/** @param {number} value */
export function shortNumber(value) {
  const isFar = value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 10000);
  return isFar ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

/**
 * @param {import("./types.js").Strip} strip
 * @param {(strip: string, value: string) => void} pick
 */
export function stripElement(strip, pick) {
  const thumbs = strip.items.map((item) => {
    const made = element(
      "button",
      { type: "button", class: "thumb", title: item.label, on: { click: () => pick(strip.name, item.value) } },
      element("canvas", { width: 184, height: 184 }),
      element("span", {}, item.label),
      element("small", {}, item.note),
    );
    switched(made, item.is_chosen);
    return made;
  });
  const row = element("div", { class: "strip", data: { strip: strip.name } }, ...thumbs);
  return element("section", {}, element("h2", {}, strip.title), row);
}
