// A figure as one picture with its title above and its caption below, as SVG and as PNG at twice its size or more.

import { element, pen } from "../components/elements.js";
import { escaped, seenWithin, within } from "./sheet.js";

/**
 * @typedef {import("./types.js").Picture} Picture
 * @typedef {import("./types.js").Told} Told
 */

const SCALE = 2;
const WIDE = 1600; // pixels: a slide is as wide
const LEGEND = ".st-key-legend-of-figures";
const PAD = 16;
const LEAST = 420; // pixels: below, a caption would be a column of words
const TITLE = { size: 16, line: 22, weight: 600 };
const CAPTION = { size: 12, line: 17, weight: 400 };
/** @type {Map<string, Promise<string>>} fonts as addresses that hold them */
const fonts = new Map();

/**
 * @param {Element} place where the figure is
 * @param {Told} told
 * @returns {Promise<Picture>}
 */
export async function pictureOf(place, told) {
  const owners = [...within(place)].filter((one) => one.figure);
  const own = owners.find((one) => one.figure?.picture)?.figure?.picture?.();
  if (own) return framed(told, place, own.width / SCALE, own.height / SCALE, imageOf(own));
  const stills = await stillsOf(place);
  for (const one of owners) one.figure?.finer?.(SCALE);
  const table = told.rows && tableOf(place, told.rows);
  const root = table ?? place;
  const legend = told.legend ? document.querySelector(LEGEND) : null;
  try {
    const { width, height } = root.getBoundingClientRect();
    const above = Math.ceil(legend?.getBoundingClientRect().height ?? 0);
    const body = `<g transform="translate(0 ${above})">${seenWithin(root, stills)}</g>`;
    const wide = Math.max(width, legend?.getBoundingClientRect().width ?? 0);
    return framed(told, place, wide, height + above, legend ? seenWithin(legend, stills) + body : body);
  } finally {
    table?.remove();
    for (const one of owners) one.figure?.finer?.(0);
  }
}

/**
 * Charts of many points, which the graphics card drew and the screen does not give back.
 * @param {Element} place
 * @returns {Promise<Map<Element, string>>}
 */
async function stillsOf(place) {
  const found = new Map();
  const { Plotly: plotly } = globalThis;
  if (!plotly) return found;
  for (const chart of place.querySelectorAll(".js-plotly-plot")) {
    if (!(/** @type {any} */ (chart)._fullLayout?._has?.("gl2d"))) continue;
    const { width, height } = chart.getBoundingClientRect();
    found.set(chart, await plotly.toImage(chart, { format: "png", width, height, scale: SCALE }));
  }
  return found;
}

/** @param {HTMLCanvasElement} canvas */
function imageOf(canvas) {
  const size = `width="${canvas.width / SCALE}" height="${canvas.height / SCALE}"`;
  return `<image ${size} href="${canvas.toDataURL("image/png")}"/>`;
}

/**
 * @param {Told} told
 * @param {Element} place
 * @param {number} width of what is drawn
 * @param {number} height
 * @param {string} body
 * @returns {Picture}
 */
function framed(told, place, width, height, body) {
  const style = getComputedStyle(place);
  const ground = getComputedStyle(document.querySelector('[data-testid="stApp"]') ?? document.body).backgroundColor;
  const whole = Math.ceil(Math.max(width, LEAST)) + 2 * PAD;
  const family = style.fontFamily;
  const title = wrapped(told.title, TITLE, family, whole - 2 * PAD);
  const caption = [told.note ?? "", told.caption].flatMap((text) => wrapped(text, CAPTION, family, whole - 2 * PAD));
  const top = PAD + TITLE.line * title.length + 6;
  const below = top + Math.ceil(height) + 10;
  const high = below + CAPTION.line * caption.length + PAD;
  const font = `font-family="${escaped(family)}" fill="${style.color}"`;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${whole}" height="${high}" viewBox="0 0 ${whole} ${high}">` +
    `<title>${escaped(told.title)}</title><desc>${escaped(told.caption)}</desc>` +
    `<rect width="${whole}" height="${high}" fill="${ground}"/>` +
    `<g ${font}>${lines(title, TITLE, PAD)}${lines(caption, CAPTION, below)}</g>` +
    `<g transform="translate(${PAD} ${top})">${body}</g></svg>`;
  return { svg, width: whole, height: high };
}

/**
 * @param {string[]} texts
 * @param {{ size: number, line: number, weight: number }} look
 * @param {number} top
 */
function lines(texts, { size, line, weight }, top) {
  const start = `<text x="${PAD}" font-size="${size}" font-weight="${weight}"`;
  return texts.map((text, rank) => `${start} y="${top + size + rank * line}">${escaped(text)}</text>`).join("");
}

/**
 * @param {string} text
 * @param {{ size: number, weight: number }} look
 * @param {string} family
 * @param {number} width
 * @returns {string[]}
 */
function wrapped(text, { size, weight }, family, width) {
  const ruler = pen(element("canvas"));
  ruler.font = `${weight} ${size}px ${family}`;
  /** @type {string[]} */
  const found = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = found.length ? `${found[found.length - 1]} ${word}` : word;
    if (found.length && ruler.measureText(longer).width <= width) found[found.length - 1] = longer;
    else found.push(word);
  }
  return found;
}

/**
 * A table of what a grid holds, which draws only what is in view; out of sight.
 * @param {Element} place
 * @param {string[][]} rows
 */
function tableOf(place, rows) {
  const cell = (/** @type {string} */ text, /** @type {number} */ rank, /** @type {boolean} */ isHead) => {
    const made = element(isHead ? "th" : "td", {}, text);
    const isNumber = /^[\d.,%\u2212\s-]*$/.test(text) && rank > 0;
    made.style.cssText = `padding: 4px 10px; border-bottom: 1px solid #9aa9b888; text-align: ${isNumber ? "right" : "left"}; max-width: 420px`;
    return made;
  };
  const made = rows.map((row, at) => element("tr", {}, ...row.map((text, rank) => cell(text, rank, !at))));
  const table = element("table", { "aria-hidden": "true" }, element("tbody", {}, ...made));
  table.style.cssText = "position: fixed; left: -99999px; top: 0; border-collapse: collapse; font-size: 14px";
  table.style.minWidth = `${place.getBoundingClientRect().width}px`;
  place.append(table);
  return table;
}

/**
 * The picture as PNG.
 * @param {Picture} picture
 * @returns {Promise<Blob>}
 */
export async function pngOf({ svg, width, height }) {
  const styled = svg.replace("<title>", `<style>${await fontRules(svg)}</style><title>`);
  const address = URL.createObjectURL(new Blob([styled], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const scale = Math.max(SCALE, Math.ceil(WIDE / width));
    const canvas = element("canvas", { width: width * scale, height: height * scale });
    pen(canvas).drawImage(image, 0, 0, canvas.width, canvas.height);
    return await blobOf(canvas);
  } finally {
    URL.revokeObjectURL(address);
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Blob>}
 */
function blobOf(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("This picture is too large."))), "image/png");
  });
}

/**
 * The page's own fonts that a picture uses, for a picture reaches nothing outside itself.
 * @param {string} svg
 * @returns {Promise<string>}
 */
async function fontRules(svg) {
  const found = [...document.styleSheets].flatMap((sheet) => rulesOf(sheet));
  const isSlanted = svg.includes('font-style="italic"') || svg.includes("font-style: italic");
  const used = found.filter(
    (rule) => svg.includes(familyOf(rule)) && (isSlanted || rule.style.getPropertyValue("font-style") !== "italic"),
  );
  return (await Promise.all(used.map(embedded))).join("\n");
}

/** @param {CSSFontFaceRule} rule */
function familyOf(rule) {
  return rule.style.getPropertyValue("font-family").replaceAll(/["']/g, "");
}

/**
 * @param {CSSStyleSheet} sheet
 * @returns {CSSFontFaceRule[]}
 */
function rulesOf(sheet) {
  try {
    return [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule);
  } catch {
    return []; // another host's
  }
}

/**
 * @param {CSSFontFaceRule} rule
 * @returns {Promise<string>}
 */
async function embedded(rule) {
  const address = rule.cssText.match(/url\("([^"]+)"\)/)?.[1];
  if (!address) return "";
  const whole = new URL(address, rule.parentStyleSheet?.href ?? document.baseURI).href;
  if (!fonts.has(whole)) fonts.set(whole, fetched(whole));
  return rule.cssText.replace(/url\("[^"]+"\)/, `url("${await fonts.get(whole)}")`);
}

/**
 * @param {string} address
 * @returns {Promise<string>} the file as an address that holds it; "" where it cannot be had
 */
async function fetched(address) {
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return "";
  const blob = await answer.blob();
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result)));
    reader.readAsDataURL(blob);
  });
}
