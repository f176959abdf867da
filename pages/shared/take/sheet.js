// What is on the screen within an element, written as SVG: text, canvases, pictures and SVG, whoever drew them.

import { element, pen } from "../components/elements.js";
import { beginCut, insetOf, painted, paintBox, paintPseudo, placed, short } from "./boxes.js";

/**
 * @typedef {import("./types.js").Line} Line
 * @typedef {import("./types.js").Sheet} Sheet
 */

/** Tools, which are no part of the figure; a component's own say so. */
const LEFT_OUT =
  ".take-figure, .take-kinds, .modebar-container, [data-aside], " +
  '[data-testid="stElementToolbar"], [data-testid="stTooltipIcon"]';
const ICONS = "Material Symbols"; // their text is a name, not words
const SHAPES = /^(path|rect|circle|ellipse|line|polyline|polygon|text|tspan)$/;
const STROKES = ["stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap", "stroke-linejoin"];
const FONTS = ["font-family", "font-size", "font-weight", "font-style", "text-anchor", "dominant-baseline"];
const ruler = pen(element("canvas"));

/**
 * The elements within one, those of components too.
 * @param {Element} root
 * @returns {Generator<Element>}
 */
export function* within(root) {
  yield root;
  for (const child of (root.shadowRoot ?? root).children) yield* within(child);
}

let sheets = 0; // names within one picture are told apart by the sheet that they are of

/**
 * What is seen within an element, as parts of an SVG whose corner is the element's.
 * @param {Element} root
 * @param {Map<Element, string>} stills pictures that stand for what cannot be read from the screen
 * @returns {string}
 */
export function seenWithin(root, stills) {
  const { left, top } = root.getBoundingClientRect();
  /** @type {Sheet} */
  const sheet = { id: (sheets += 1), parts: [], names: 0, left, top, stills };
  walk(root, sheet);
  return sheet.parts.join("");
}

/**
 * @param {Node} node
 * @param {Sheet} sheet
 */
function walk(node, sheet) {
  if (node instanceof Text) writeText(node, sheet);
  if (!(node instanceof Element) || node.matches(LEFT_OUT)) return;
  const style = getComputedStyle(node);
  const opacity = Number(style.opacity);
  if (style.display === "none" || opacity === 0) return;
  if (opacity < 1) sheet.parts.push(`<g opacity="${opacity}">`);
  const box = node.getBoundingClientRect();
  const still = sheet.stills.get(node);
  if (still) {
    sheet.parts.push(`<image ${placed(box, sheet)} href="${still}"/>`);
    return;
  }
  const isSeen = style.visibility === "visible";
  const inset = insetOf(style, box);
  if (inset) beginCut(inset, sheet);
  if (isSeen && style.display !== "contents") {
    paintBox(box, style, sheet);
    for (const name of ["::before", "::after"]) paintPseudo(getComputedStyle(node, name), box, sheet);
  }
  if (node instanceof SVGSVGElement) sheet.parts.push(copyOf(node, box, sheet));
  else if (node instanceof HTMLCanvasElement || node instanceof HTMLImageElement) paintImage(node, box, sheet, isSeen);
  else if (node instanceof HTMLInputElement) writeValue(isTyped(node) ? node.value : "", box, style, sheet);
  else if (node instanceof HTMLSelectElement) writeValue(node.selectedOptions[0]?.text ?? "", box, style, sheet);
  else walkChildren(node, style, box, sheet);
  if (inset) sheet.parts.push("</g>");
  if (opacity < 1) sheet.parts.push("</g>");
}

/**
 * Children, cut off where the screen cuts them off.
 * @param {Element} node
 * @param {CSSStyleDeclaration} style
 * @param {DOMRect} box
 * @param {Sheet} sheet
 */
function walkChildren(node, style, box, sheet) {
  const isFull = node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1;
  const isKeptIn = style.overflow !== "visible" || /strict|content|paint/.test(style.contain);
  const isCut = isKeptIn && isFull && box.width > 0;
  if (isCut) beginCut(box, sheet);
  const isClosed = node instanceof HTMLDetailsElement && !node.open;
  const children = isClosed ? node.querySelectorAll(":scope > summary") : (node.shadowRoot ?? node).childNodes;
  for (const child of children) walk(child, sheet);
  if (isCut) sheet.parts.push("</g>");
}

/**
 * @param {HTMLCanvasElement | HTMLImageElement} source
 * @param {DOMRect} box
 * @param {Sheet} sheet
 * @param {boolean} isSeen
 */
function paintImage(source, box, sheet, isSeen) {
  if (!isSeen || !box.width || !box.height) return;
  let canvas = source;
  if (source instanceof HTMLImageElement) {
    if (!source.naturalWidth) return;
    canvas = document.createElement("canvas");
    Object.assign(canvas, { width: source.naturalWidth, height: source.naturalHeight });
    canvas.getContext("2d")?.drawImage(source, 0, 0);
  }
  if (!(canvas instanceof HTMLCanvasElement) || !canvas.width || !canvas.height) return;
  const href = canvas.toDataURL("image/png");
  sheet.parts.push(`<image ${placed(box, sheet)} preserveAspectRatio="none" href="${href}"/>`);
}

/**
 * SVG of the page with the styles that the page gives it.
 * @param {SVGSVGElement} svg
 * @param {DOMRect} box
 * @param {Sheet} sheet
 * @returns {string}
 */
function copyOf(svg, box, sheet) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const originals = [...svg.querySelectorAll("*")];
  [...copy.querySelectorAll("*")].forEach((one, rank) => {
    const style = getComputedStyle(originals[rank]);
    if (style.display === "none" && !one.closest("defs")) one.remove();
    else if (one instanceof SVGElement && SHAPES.test(one.localName)) carryStyle(one, style);
  });
  const place = { x: box.left - sheet.left, y: box.top - sheet.top, width: box.width, height: box.height };
  for (const [name, value] of Object.entries(place)) copy.setAttribute(name, short(value));
  copy.removeAttribute("class");
  copy.removeAttribute("style");
  copy.setAttribute("overflow", getComputedStyle(svg).overflow === "visible" ? "visible" : "hidden");
  return new XMLSerializer().serializeToString(copy);
}

/**
 * @param {SVGElement} one
 * @param {CSSStyleDeclaration} style
 */
function carryStyle(one, style) {
  const names = ["fill", "fill-opacity", "stroke", "opacity", "visibility"];
  if (style.stroke !== "none") names.push(...STROKES);
  if (/^t/.test(one.localName)) names.push(...FONTS);
  for (const name of names) one.style.setProperty(name, style.getPropertyValue(name));
}

/** @param {HTMLInputElement} input */
function isTyped(input) {
  return /^(text|number|search)$/.test(input.type);
}

/**
 * @param {string} text
 * @param {DOMRect} box
 * @param {CSSStyleDeclaration} style
 * @param {Sheet} sheet
 */
function writeValue(text, box, style, sheet) {
  if (!text || style.visibility !== "visible") return;
  ruler.font = fontOf(style);
  const width = ruler.measureText(text).width;
  const inner = Number.parseFloat(style.paddingLeft) + Number.parseFloat(style.borderLeftWidth);
  const isRight = style.textAlign === "right" || style.textAlign === "end";
  const left = isRight ? box.right - inner - width : box.left + inner;
  writeLine({ text, left, right: left + width, top: box.top, bottom: box.bottom }, style, sheet);
}

/**
 * @param {Text} node
 * @param {Sheet} sheet
 */
function writeText(node, sheet) {
  const parent = node.parentElement ?? (node.parentNode instanceof ShadowRoot ? node.parentNode.host : null);
  if (!parent || !node.data.trim()) return;
  const style = getComputedStyle(parent);
  if (style.visibility !== "visible" || style.fontFamily.includes(ICONS)) return;
  for (const line of linesOf(node)) writeLine(line, style, sheet);
}

/**
 * A text by the lines in which it stands.
 * @param {Text} node
 * @returns {Line[]}
 */
function linesOf(node) {
  /** @type {Line[]} */
  const lines = [];
  const range = document.createRange();
  for (const found of node.data.matchAll(/\S+/g)) {
    range.setStart(node, found.index);
    range.setEnd(node, found.index + found[0].length);
    const rects = range.getClientRects();
    if (rects.length === 1) extend(lines, found[0], rects[0], " ");
    else {
      for (let at = found.index; at < found.index + found[0].length; at += 1) {
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const rect = range.getClientRects()[0];
        if (rect) extend(lines, node.data[at], rect, at === found.index ? " " : "");
      }
    }
  }
  return lines;
}

/**
 * @param {Line[]} lines
 * @param {string} text
 * @param {DOMRect} rect
 * @param {string} between
 */
function extend(lines, text, rect, between) {
  const last = lines.at(-1);
  if (!last || Math.abs(last.top - rect.top) > 2) {
    lines.push({ text, left: rect.left, right: rect.right, top: rect.top, bottom: rect.bottom });
  } else Object.assign(last, { text: `${last.text}${between}${text}`, right: rect.right });
}

/**
 * @param {Line} line
 * @param {CSSStyleDeclaration} style
 * @param {Sheet} sheet
 */
function writeLine(line, style, sheet) {
  const width = line.right - line.left;
  if (width < 0.5) return;
  ruler.font = fontOf(style);
  const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = ruler.measureText("x");
  const base = line.top + (line.bottom - line.top - ascent - descent) / 2 + ascent;
  const text = style.textTransform === "uppercase" ? line.text.toUpperCase() : line.text;
  const font = `font-family="${escaped(style.fontFamily)}" font-size="${style.fontSize}" font-weight="${style.fontWeight}"`;
  const slant = style.fontStyle === "normal" ? "" : ` font-style="${style.fontStyle}"`;
  const long = `textLength="${short(width)}" lengthAdjust="spacingAndGlyphs"`;
  const place = `x="${short(line.left - sheet.left)}" y="${short(base - sheet.top)}"`;
  sheet.parts.push(`<text ${place} ${painted("fill", style.color)} ${font}${slant} ${long}>${escaped(text)}</text>`);
}

/** @param {CSSStyleDeclaration} style */
function fontOf(style) {
  return `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
}

/** @param {string} text */
export function escaped(text) {
  const named = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return [...text].map((sign) => named[/** @type {keyof typeof named} */ (sign)] ?? sign).join("");
}
