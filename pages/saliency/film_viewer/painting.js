// Painting: a film under window and level, a map in colours, contours, outlines. Positions are original pixels; a pixel
// in column c covers c..c + 1. `place` turns them into pixels of the canvas: x * scale + left, y * scale + top.

import { pen } from "../../shared/components/elements.js";
import { contourOf } from "./fields.js";

/** @typedef {[number, number, number, number]} Box left, top, width, height on the canvas */

const CELLS = [160, 640]; // fewest and most of what a model sees, along one side, in which a map is coloured
const FADE = 0.3; // below this share of the scale a map fades out, so that the film shows
export const READER_COLOURS = ["#56b4e9", "#f0e442", "#00c896", "#ff9ecf", "#ffb366", "#c9b3ff"];
export const READER_DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3], [12, 5], [4, 2]];
export const DRAFT_COLOUR = "#ffffff";

/**
 * @param {number} width
 * @param {number} height
 */
export function blankCanvas(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

/**
 * width and centre of the grey window, both in grey levels 0..255.
 * @param {import("./types.js").Film} film
 * @param {number} width
 * @param {number} centre
 */
export function paintedFilm(film, width, centre) {
  const canvas = blankCanvas(film.columns, film.rows);
  const image = new ImageData(film.columns, film.rows);
  const pixels = new Uint32Array(image.data.buffer);
  const shades = new Uint32Array(256);
  for (let grey = 0; grey < 256; grey++) {
    const shade = Math.round(255 * Math.min(Math.max((grey - centre) / width + 0.5, 0), 1));
    shades[grey] = (255 << 24) | (shade << 16) | (shade << 8) | shade;
  }
  for (let at = 0; at < pixels.length; at++) pixels[at] = shades[film.grey[at]];
  pen(canvas).putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param {number} share
 * @param {Uint8Array} table
 * @returns {[number, number, number, number]}
 */
export function colourOf(share, table) {
  const step = 3 * Math.round(255 * Math.min(Math.max(share, 0), 1));
  return [table[step], table[step + 1], table[step + 2], Math.round(255 * Math.min(share / FADE, 1))];
}

/**
 * Along one side: as many as a fine map has patches.
 * @param {import("./types.js").ViewedMap} map
 */
export function cellsOf(map) {
  return Math.min(Math.max(CELLS[0], map.rows, map.columns), CELLS[1]);
}

/**
 * @param {import("./types.js").ViewedMap} map
 * @param {Float32Array} values
 * @param {Uint8Array} table
 */
export function paintedMap(map, values, table) {
  const side = cellsOf(map);
  const canvas = blankCanvas(side, side);
  const image = new ImageData(side, side);
  for (let at = 0; at < values.length; at++) image.data.set(colourOf(values[at] / map.top, table), 4 * at);
  pen(canvas).putImageData(image, 0, 0);
  return canvas;
}

/**
 * Where the film lies on a canvas; `view` is {zoom, x, y}: the original pixel in the middle, zoom 1 = the whole film.
 * @param {{ width: number, height: number }} film
 * @param {import("./types.js").View} view
 * @param {number} width
 * @param {number} height
 * @returns {import("./types.js").Place}
 */
export function place(film, view, width, height) {
  const scale = Math.min(width / film.width, height / film.height) * view.zoom;
  return { scale, left: width / 2 - view.x * scale, top: height / 2 - view.y * scale };
}

/**
 * Fits a canvas to its place, as high as the film is there within bounds, on the pixels of the screen.
 * @param {HTMLCanvasElement} canvas
 * @param {{ width: number, height: number }} film
 * @returns {{ context: CanvasRenderingContext2D, width: number, height: number } | null} in CSS pixels; null without room
 */
export function fitted(canvas, film) {
  const width = canvas.clientWidth;
  if (!width) return null;
  const height = Math.round(width * Math.min(Math.max(film.height / film.width, 0.6), 1.3));
  const ratio = window.devicePixelRatio || 1;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = pen(canvas);
  context.scale(ratio, ratio);
  return { context, width, height };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 * @param {import("./types.js").Place} at
 * @param {import("./types.js").Scene} scene
 * @param {import("./types.js").Shown} panel
 */
export function paintPanel(context, width, height, at, scene, panel) {
  const { film, look } = scene;
  context.fillStyle = "#000";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(scene.filmCanvas, at.left, at.top, film.width * at.scale, film.height * at.scale);
  if (panel.seen) paintSeen(context, at, film, look, panel, panel.seen);
  if (look.showOutlines) for (const outline of scene.outlines) paintOutline(context, at, outline, scene);
}

/**
 * What a model sees, its map and contour over it, on the film alone: the filling beside a padded film is not shown.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").Place} at
 * @param {import("./types.js").Film} film
 * @param {import("./types.js").Look} look
 * @param {import("./types.js").Shown} panel
 * @param {import("./types.js").Seen} seen
 */
function paintSeen(context, at, film, look, panel, seen) {
  /** @type {Box} */
  const box = [
    at.left + seen.left * at.scale,
    at.top + seen.top * at.scale,
    seen.width * at.scale,
    seen.height * at.scale,
  ];
  context.save();
  context.beginPath();
  context.rect(at.left, at.top, film.width * at.scale, film.height * at.scale);
  context.clip();
  veilOutside(context, film, at, box);
  if (panel.canvas && look.showMap) {
    context.globalAlpha = look.opacity;
    context.drawImage(panel.canvas, ...box);
    context.globalAlpha = 1;
  }
  if (panel.map && look.showContour) paintContour(context, panel, look, box);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").Film} film
 * @param {import("./types.js").Place} at
 * @param {Box} box
 */
function veilOutside(context, film, at, [left, top, width, height]) {
  context.save();
  context.beginPath();
  context.rect(at.left, at.top, film.width * at.scale, film.height * at.scale);
  context.rect(left, top, width, height);
  context.fillStyle = "rgba(90, 110, 135, 0.55)";
  context.fill("evenodd");
  context.setLineDash([6, 4]);
  context.strokeStyle = "#fff";
  context.lineWidth = 1;
  context.strokeRect(left, top, width, height);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").Shown} panel
 * @param {import("./types.js").Look} look
 * @param {Box} box
 */
function paintContour(context, panel, look, [left, top, width, height]) {
  if (!panel.values || !panel.map) return;
  const path = new Path2D();
  for (const [x0, y0, x1, y1] of contourOf(panel.values, cellsOf(panel.map), look.contour * panel.map.top)) {
    path.moveTo(left + x0 * width, top + y0 * height);
    path.lineTo(left + x1 * width, top + y1 * height);
  }
  strokeTwice(context, path, "#ffffff", 1.5, []);
}

/**
 * A dark line under a bright one, so that it shows on any film.
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} path
 * @param {string} colour
 * @param {number} width
 * @param {number[]} dash
 */
export function strokeTwice(context, path, colour, width, dash) {
  context.save();
  context.lineJoin = "round";
  context.strokeStyle = "rgba(0, 0, 0, 0.65)";
  context.lineWidth = width + 1.5;
  context.stroke(path);
  context.setLineDash(dash);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").Place} at
 * @param {import("./types.js").Outline} outline
 * @param {import("./types.js").Scene} scene
 */
function paintOutline(context, at, outline, scene) {
  if (scene.look.hiddenReaders.has(outline.reader)) return;
  const rank = Math.max(scene.readers.indexOf(outline.reader), 0);
  const path = new Path2D();
  for (const ring of outline.rings) {
    for (let point = 0; point < ring.length; point += 2)
      path.lineTo(at.left + ring[point] * at.scale, at.top + ring[point + 1] * at.scale);
    path.closePath();
  }
  strokeTwice(
    context,
    path,
    READER_COLOURS[rank % READER_COLOURS.length],
    2,
    READER_DASHES[rank % READER_DASHES.length],
  );
}
