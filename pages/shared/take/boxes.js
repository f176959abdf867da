// Boxes of the screen as SVG: their grounds, borders and gradients, and what is cut off.

import { element, pen } from "../components/elements.js";

/** @typedef {import("./types.js").Sheet} Sheet */

const dot = pen(element("canvas", { width: 1, height: 1 }), { willReadFrequently: true });

/**
 * Begins a group that is cut off at a box.
 * @param {DOMRect} box
 * @param {Sheet} sheet
 */
export function beginCut(box, sheet) {
  const name = `cut-${sheet.id}-${(sheet.names += 1)}`;
  sheet.parts.push(`<clipPath id="${name}"><rect ${placed(box, sheet)}/></clipPath><g clip-path="url(#${name})">`);
}

/**
 * What `clip-path: inset(…)` leaves of a box; null where nothing is cut off.
 * @param {CSSStyleDeclaration} style
 * @param {DOMRect} box
 * @returns {DOMRect | null}
 */
export function insetOf(style, box) {
  const words = /^inset\(([^)]*)\)$/.exec(style.clipPath)?.[1]?.split(/\s+/);
  if (!words) return null;
  const [top, right = top, bottom = top, left = right] = words;
  const [up, down] = [top, bottom].map((one) => lengthOf(one, box.height));
  const [before, behind] = [left, right].map((one) => lengthOf(one, box.width));
  return new DOMRect(box.x + before, box.y + up, box.width - before - behind, box.height - up - down);
}

/**
 * @param {string} text such as "3px" or "50%"
 * @param {number} whole what 100 % are
 */
function lengthOf(text, whole) {
  const number = Number.parseFloat(text) || 0;
  return text.endsWith("%") ? (number / 100) * whole : number;
}

/**
 * A box that the style adds to an element; of those that are placed within it.
 * @param {CSSStyleDeclaration} style
 * @param {DOMRect} box
 * @param {Sheet} sheet
 */
export function paintPseudo(style, box, sheet) {
  if (style.content === "none" || style.position !== "absolute" || style.display === "none") return;
  const [left, top, width, height] = [style.left, style.top, style.width, style.height].map(Number.parseFloat);
  if ([left, top, width, height].some(Number.isNaN)) return;
  const own = new DOMRect(box.x + left, box.y + top, width, height);
  const inset = insetOf(style, own);
  if (inset) beginCut(inset, sheet);
  paintBox(own, style, sheet);
  if (inset) sheet.parts.push("</g>");
}

/**
 * @param {DOMRect} box
 * @param {CSSStyleDeclaration} style
 * @param {Sheet} sheet
 */
export function paintBox(box, style, sheet) {
  if (!box.width || !box.height) return;
  const fill = gradient(style.backgroundImage, box, sheet) || painted("fill", style.backgroundColor);
  const round = Math.min(Number.parseFloat(style.borderTopLeftRadius) || 0, box.width / 2, box.height / 2);
  const rounded = style.borderTopLeftRadius.endsWith("%") ? Math.min(box.width, box.height) / 2 : round;
  const sides = ["Top", "Right", "Bottom", "Left"].map((side) => sideOf(style, side));
  const [first] = sides;
  const isEven = first.width > 0 && sides.every((one) => one.width === first.width && one.colour === first.colour);
  if (fill || isEven) {
    const inset = isEven ? first.width / 2 : 0;
    const inner = new DOMRect(box.x + inset, box.y + inset, box.width - 2 * inset, box.height - 2 * inset);
    const line = isEven ? `${painted("stroke", first.colour)} stroke-width="${first.width}"${first.dash}` : "";
    sheet.parts.push(`<rect ${placed(inner, sheet)} rx="${short(rounded)}" ${fill || 'fill="none"'} ${line}/>`);
  }
  if (!isEven) sides.forEach((side, rank) => paintSide(side, rank, box, sheet));
}

/**
 * A gradient from left to right as a fill; "" where there is none.
 * @param {string} image
 * @param {DOMRect} box
 * @param {Sheet} sheet
 */
function gradient(image, box, sheet) {
  const found = /^(repeating-)?linear-gradient\((?:to right|90deg), (.*)\)$/.exec(image);
  if (!found) return "";
  const stops = [...found[2].matchAll(/((?:rgba?|color)\([^)]*\)) ([\d.]+(?:px|%))/g)];
  const ends = stops.map(([, , place]) => lengthOf(place, box.width));
  const long = found[1] ? Math.max(...ends) : box.width;
  if (!stops.length || !long) return "";
  const name = `gradient-${sheet.id}-${(sheet.names += 1)}`;
  const left = box.left - sheet.left;
  const inner = stops.map(([, colour], rank) => {
    const fill = painted("fill", colour).replace("fill=", "stop-color=").replace("fill-opacity", "stop-opacity");
    return `<stop offset="${ends[rank] / long}" ${fill || 'stop-opacity="0"'}/>`;
  });
  const span = `x1="${short(left)}" x2="${short(left + long)}" y1="0" y2="0" gradientUnits="userSpaceOnUse"`;
  const repeat = found[1] ? ' spreadMethod="repeat"' : "";
  sheet.parts.push(`<linearGradient id="${name}" ${span}${repeat}>${inner.join("")}</linearGradient>`);
  return `fill="url(#${name})"`;
}

/**
 * @param {CSSStyleDeclaration} style
 * @param {string} side
 */
function sideOf(style, side) {
  const name = side.toLowerCase();
  const kind = style.getPropertyValue(`border-${name}-style`);
  const width = kind === "none" ? 0 : Number.parseFloat(style.getPropertyValue(`border-${name}-width`));
  const dash = kind === "dashed" ? ' stroke-dasharray="4 3"' : "";
  return { width, colour: style.getPropertyValue(`border-${name}-color`), dash };
}

/**
 * @param {{ width: number, colour: string, dash: string }} side
 * @param {number} rank clockwise from the top
 * @param {DOMRect} box
 * @param {Sheet} sheet
 */
function paintSide({ width, colour, dash }, rank, box, sheet) {
  const line = width && painted("stroke", colour);
  if (!line) return;
  const half = width / 2;
  const [left, right] = [box.left - sheet.left + half, box.right - sheet.left - half];
  const [top, bottom] = [box.top - sheet.top + half, box.bottom - sheet.top - half];
  const ends = [
    [left, top, right, top],
    [right, top, right, bottom],
    [left, bottom, right, bottom],
    [left, top, left, bottom],
  ][rank].map(short);
  const [x1, y1, x2, y2] = ends;
  sheet.parts.push(`<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" ${line} stroke-width="${width}"${dash}/>`);
}

/**
 * A colour as attributes that every program reads; nothing for one that cannot be seen.
 * @param {"fill" | "stroke"} name
 * @param {string} colour
 * @returns {string}
 */
export function painted(name, colour) {
  const [red, green, blue, alpha = 1] = (/^rgba?\(/.test(colour) ? colour : mixed(colour)).match(/[\d.]+/g) ?? [];
  if (Number(alpha) === 0) return "";
  const opacity = Number(alpha) < 1 ? ` ${name}-opacity="${alpha}"` : "";
  return `${name}="rgb(${red}, ${green}, ${blue})"${opacity}`;
}

/**
 * A colour of a newer notation in the older one.
 * @param {string} colour
 */
function mixed(colour) {
  dot.clearRect(0, 0, 1, 1);
  dot.fillStyle = colour;
  dot.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = dot.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`;
}

/**
 * @param {DOMRect} box
 * @param {Sheet} sheet
 */
export function placed(box, sheet) {
  const [x, y, width, height] = [box.x - sheet.left, box.y - sheet.top, box.width, box.height].map(short);
  return `x="${x}" y="${y}" width="${width}" height="${height}"`;
}

/** @param {number} value */
export function short(value) {
  return String(Math.round(100 * value) / 100);
}
