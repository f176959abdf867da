// Films onto pixels: every film its own marker, or, where there are too many, a grid of cells (density).
// A film's mask has one bit for each group that it belongs to; 0 is a film that is not drawn.

import { pen } from "../../shared/components/elements.js";

/**
 * @typedef {import("./types.js").Colours} Colours
 * @typedef {import("./types.js").Mark} Mark
 * @typedef {import("./types.js").Rgb} Rgb
 * @typedef {import("./types.js").Stamp} Stamp
 * @typedef {import("./types.js").View} View
 */

export const UNDEFINED = 254; // of a continuous colour: this film has no value
export const HIDDEN = 255; // of a continuous colour: this film is not drawn
export const CELL = 3; // side of a density cell, in pixels of the page

/**
 * Device pixels for one step of a coordinate: at scale 1 the whole map just fits.
 * @param {View} view
 * @param {number[]} extent
 * @param {number} width
 * @param {number} height
 */
export function unit(view, extent, width, height) {
  const long = Math.max(...extent);
  if (extent.length > 2) return (view.scale * Math.min(width, height)) / long;
  return view.scale * Math.min(width / Math.max(extent[0], long / 9), height / Math.max(extent[1], long / 9));
}

/**
 * Where every film lies in the frame, in device pixels: x and y by turns.
 * @param {import("./types.js").Points} points
 * @param {number} n
 * @param {View} view
 * @param {number[]} extent
 * @param {number} width
 * @param {number} height
 * @param {Float32Array} out
 */
export function place(points, n, view, extent, width, height, out) {
  const scale = unit(view, extent, width, height);
  const left = width / 2,
    top = height / 2;
  if (points.dims === 2) {
    for (let i = 0; i < n; i++) {
      out[2 * i] = left + (points.values[2 * i] - view.x) * scale;
      out[2 * i + 1] = top - (points.values[2 * i + 1] - view.y) * scale;
    }
    return out;
  }
  const [mx, my, mz] = extent.map((side) => side / 2); // turned about the middle
  const [cy, sy, cp, sp] = [Math.cos(view.yaw), Math.sin(view.yaw), Math.cos(view.pitch), Math.sin(view.pitch)];
  for (let i = 0; i < n; i++) {
    const u = points.values[3 * i] - mx,
      v = points.values[3 * i + 1] - my,
      w = points.values[3 * i + 2] - mz;
    const depth = w * cy - u * sy;
    out[2 * i] = left + (u * cy + w * sy + mx - view.x) * scale;
    out[2 * i + 1] = top - (v * cp - depth * sp + my - view.y) * scale;
  }
  return out;
}

/**
 * How much of a marker covers a spot; x and y from -1 to 1 over the marker.
 * @param {string} shape
 * @param {number} x
 * @param {number} y
 */
function covers(shape, x, y) {
  const ax = Math.abs(x),
    ay = Math.abs(y);
  if (shape === "square") return ax <= 0.82 && ay <= 0.82;
  if (shape === "diamond") return ax + ay <= 1.1;
  if (shape === "triangle") return y <= 0.75 && ax <= (y + 1) * 0.57;
  if (shape === "cross") return (ax <= 0.36 || ay <= 0.36) && ax <= 1 && ay <= 1;
  if (shape === "ring") return x * x + y * y <= 1 && x * x + y * y >= 0.3;
  return x * x + y * y <= 1;
}

/**
 * A marker as RGBA pixels.
 * @param {Rgb[]} colours one, or several that share it like the slices of a pie
 * @param {string} shape
 * @param {number} radius
 * @param {number} opacity
 * @param {Rgb | null} edge the colour of its outer third, if that is another
 * @returns {Stamp}
 */
export function makeStamp(colours, shape, radius, opacity, edge = null) {
  const half = Math.ceil(radius),
    side = 2 * half + 1,
    pixels = new Uint8ClampedArray(4 * side * side),
    fine = 4;
  for (let py = -half; py <= half; py++) {
    for (let px = -half; px <= half; px++) {
      let inside = 0,
        within = 0;
      for (let k = 0; k < fine * fine; k++) {
        const x = px + ((k % fine) + 0.5) / fine - 0.5,
          y = py + (Math.floor(k / fine) + 0.5) / fine - 0.5;
        if (covers(shape, x / radius, y / radius)) inside++;
        if (covers(shape, (1.5 * x) / radius, (1.5 * y) / radius)) within++;
      }
      const turn = (Math.atan2(px, -py) / (2 * Math.PI) + 1) % 1;
      const colour = colours[Math.min(colours.length - 1, Math.floor(turn * colours.length))];
      const drawn = edge && 2 * within < inside ? edge : colour;
      pixels.set([...drawn, (255 * opacity * inside) / (fine * fine)], 4 * ((py + half) * side + px + half));
    }
  }
  return { half, side, pixels };
}

/**
 * Lays a marker over an opaque picture.
 * @param {Uint8ClampedArray} data
 * @param {number} width
 * @param {number} height
 * @param {Stamp} stamp
 * @param {number} x
 * @param {number} y
 */
function press(data, width, height, stamp, x, y) {
  const left = Math.round(x) - stamp.half,
    top = Math.round(y) - stamp.half,
    { side, pixels } = stamp;
  if (left >= width || top >= height || left + side <= 0 || top + side <= 0) return false;
  const first = Math.max(0, -left),
    last = Math.min(side, width - left);
  for (let row = Math.max(0, -top); row < Math.min(side, height - top); row++) {
    let from = 4 * (row * side + first),
      to = 4 * ((top + row) * width + left + first);
    for (let column = first; column < last; column++, from += 4, to += 4) {
      const share = pixels[from + 3] / 255;
      if (share === 0) continue;
      data[to] += (pixels[from] - data[to]) * share;
      data[to + 1] += (pixels[from + 1] - data[to + 1]) * share;
      data[to + 2] += (pixels[from + 2] - data[to + 2]) * share;
    }
  }
  return true;
}

/**
 * The rows to draw, those to be on top last: unselected first, then the common groups, then the rare ones.
 * @param {Colours} colours
 * @param {number} n
 * @param {Uint8Array | null} selected
 */
export function drawingOrder(colours, n, selected) {
  const layers = 18,
    keys = new Uint8Array(n),
    starts = new Uint32Array(2 * layers + 2);
  const isScale = colours.kind === "scale";
  for (let i = 0; i < n; i++) {
    const code = colours.values[i];
    const layer = isScale ? (code === HIDDEN ? 0 : code === UNDEFINED ? 1 : 2) : 32 - Math.clz32(code);
    keys[i] = layer === 0 ? 0 : layer + (selected && selected[i] ? layers : 0);
    starts[keys[i] + 1]++;
  }
  for (let key = 1; key < starts.length; key++) starts[key] += starts[key - 1];
  const hidden = starts[1],
    order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[starts[keys[i]]++] = i;
  return order.subarray(hidden);
}

/**
 * How many of the rows to draw lie in the frame.
 * @param {Float32Array} placed
 * @param {Uint32Array} order
 * @param {number} width
 * @param {number} height
 */
export function countInView(placed, order, width, height) {
  let number = 0;
  for (const i of order) {
    const x = placed[2 * i],
      y = placed[2 * i + 1];
    if (x >= 0 && y >= 0 && x < width && y < height) number++;
  }
  return number;
}

/**
 * Every film its own marker.
 * @param {Uint8ClampedArray} data
 * @param {number} width
 * @param {number} height
 * @param {Float32Array} placed
 * @param {Uint32Array} order
 * @param {(row: number) => Stamp} stampOf
 */
export function drawPoints(data, width, height, placed, order, stampOf) {
  for (const i of order) press(data, width, height, stampOf(i), placed[2 * i], placed[2 * i + 1]);
}

/**
 * @param {Uint8ClampedArray} data
 * @param {number} at
 * @param {Rgb} colour
 * @param {number} share
 */
function blend(data, at, colour, share) {
  for (let c = 0; c < 3; c++) data[at + c] += (colour[c] - data[at + c]) * share;
}

/**
 * @typedef {{ columns: number, rows: number, side: number, slots: number }} Grid
 */

/**
 * The number of films in every cell, by group; films outside a selection count to the ground (the last column).
 * @param {Colours} colours
 * @param {Uint32Array} order
 * @param {Float32Array} placed
 * @param {Grid} grid
 * @param {Uint8Array | null} selected
 */
function countCells(colours, order, placed, grid, selected) {
  const { columns, rows, side, slots } = grid,
    counts = new Float32Array(columns * rows * slots);
  for (const i of order) {
    const x = Math.floor(placed[2 * i] / side),
      y = Math.floor(placed[2 * i + 1] / side);
    if (x < 0 || y < 0 || x >= columns || y >= rows) continue;
    const at = (y * columns + x) * slots,
      code = colours.values[i];
    if ((selected && !selected[i]) || (colours.kind === "scale" && code === UNDEFINED)) counts[at + slots - 1]++;
    else if (colours.kind === "scale") {
      counts[at]++;
      counts[at + 1] += code;
    } else for (let left = code; left; left &= left - 1) counts[at + 31 - Math.clz32(left & -left)]++;
  }
  return counts;
}

/**
 * A cell's number of grey films, of coloured ones, and their colour: of the most frequent group, or of the mean.
 * @param {Colours} colours
 * @param {Rgb[]} inks of each group, or of each step of the scale
 * @param {Float32Array} counts
 * @param {number} at
 * @param {number} slots
 * @returns {[number, number, Rgb | null]}
 */
function cellContent(colours, inks, counts, at, slots) {
  let grey = counts[at + slots - 1];
  if (colours.kind === "scale") {
    const number = counts[at];
    return [grey, number, number ? inks[Math.round(counts[at + 1] / number)] : null];
  }
  let most = 0;
  let colour = null;
  for (let group = 0; group < slots - 1; group++) {
    const number = counts[at + group];
    if (colours.groups[group].ground) grey += number;
    else if (number > most) [most, colour] = [number, inks[group]];
  }
  return [grey, most, colour];
}

/**
 * Cells instead of markers: grey by the films of the ground, over it the colour of the most frequent group.
 * @param {Uint8ClampedArray} data
 * @param {number} width
 * @param {number} height
 * @param {Float32Array} placed
 * @param {Uint32Array} order
 * @param {Colours} colours
 * @param {Rgb[]} inks
 * @param {Uint8Array | null} selected
 * @param {number} side
 * @param {Rgb} grey
 */
export function drawDensity(data, width, height, placed, order, colours, inks, selected, side, grey) {
  const slots = colours.kind === "scale" ? 3 : colours.groups.length + 1;
  const grid = { columns: Math.ceil(width / side), rows: Math.ceil(height / side), side, slots };
  const counts = countCells(colours, order, placed, grid, selected),
    cells = grid.columns * grid.rows;
  let mostGrey = 1,
    mostColour = 1;
  for (let cell = 0; cell < cells; cell++) {
    const [below, above] = cellContent(colours, inks, counts, cell * slots, slots);
    mostGrey = Math.max(mostGrey, below);
    mostColour = Math.max(mostColour, above);
  }
  for (let cell = 0; cell < cells; cell++) {
    const [below, above, colour] = cellContent(colours, inks, counts, cell * slots, slots);
    if (!below && !above) continue;
    const shareBelow = below ? 0.12 + (0.5 * Math.log1p(below)) / Math.log1p(mostGrey) : 0;
    const shareAbove = above ? 0.3 + (0.7 * Math.log1p(above)) / Math.log1p(mostColour) : 0;
    const x0 = (cell % grid.columns) * side,
      y0 = Math.floor(cell / grid.columns) * side;
    for (let y = y0; y < Math.min(y0 + side, height); y++) {
      for (let x = x0; x < Math.min(x0 + side, width); x++) {
        const at = 4 * (y * width + x);
        if (shareBelow) blend(data, at, grey, shareBelow);
        if (colour) blend(data, at, colour, shareAbove);
      }
    }
  }
}

/**
 * Names beside their marks, in the overlay; a name that finds no free place is left out.
 * @param {CanvasRenderingContext2D} context
 * @param {Mark[]} marks
 * @param {(x: number, y: number) => import("./types.js").Spot} where
 * @param {number} ratio
 * @param {string} ink
 * @param {string} ground
 */
export function drawMarks(context, marks, where, ratio, ink, ground) {
  /** @type {number[][]} */
  const taken = [];
  context.font = `${12 * ratio}px sans-serif`;
  for (const mark of marks) {
    const [x, y] = where(mark.x, mark.y);
    context.strokeStyle = context.fillStyle = ink;
    context.lineWidth = 1.5 * ratio;
    const end = mark.x2 === undefined || mark.y2 === undefined ? null : where(mark.x2, mark.y2);
    if (end) drawArrow(context, x, y, ...end, ratio);
    else context.strokeRect(x - 4 * ratio, y - 4 * ratio, 8 * ratio, 8 * ratio);
    const [tx, ty] = end ?? [x, y];
    writeName(context, mark.label, tx, ty, ratio, taken, ink, ground);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} toX
 * @param {number} toY
 * @param {number} ratio
 */
function drawArrow(context, x, y, toX, toY, ratio) {
  const turn = Math.atan2(toY - y, toX - x),
    head = 8 * ratio;
  context.beginPath();
  context.arc(x, y, 3 * ratio, 0, 2 * Math.PI);
  context.fill();
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(toX, toY);
  for (const side of [-0.45, 0.45]) {
    context.moveTo(toX, toY);
    context.lineTo(toX - head * Math.cos(turn + side), toY - head * Math.sin(turn + side));
  }
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} name
 * @param {number} x
 * @param {number} y
 * @param {number} ratio
 * @param {number[][]} taken
 * @param {string} ink
 * @param {string} ground
 */
function writeName(context, name, x, y, ratio, taken, ink, ground) {
  const wide = context.measureText(name).width,
    high = 14 * ratio,
    gap = 8 * ratio;
  const spots = [
    [gap, 4 * ratio],
    [-gap - wide, 4 * ratio],
    [-wide / 2, -gap],
    [-wide / 2, gap + high],
  ];
  for (const far of [1, 2.6, 4.2]) {
    for (const [dx, dy] of spots) {
      const box = [x + dx, y + dy * far - high, x + dx + wide, y + dy * far + 3 * ratio];
      const { width, height } = context.canvas;
      if (box[0] < 0 || box[1] < 0 || box[2] > width || box[3] > height) continue;
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]))
        continue;
      taken.push(box);
      context.lineWidth = 4 * ratio;
      context.strokeStyle = ground;
      context.strokeText(name, x + dx, y + dy * far);
      context.fillStyle = ink;
      context.fillText(name, x + dx, y + dy * far);
      return;
    }
  }
}

/**
 * A marker as it stands in a legend.
 * @param {Rgb[]} colours
 * @param {string} shape
 * @param {Rgb | null} edge
 */
export function sample(colours, shape, edge = null) {
  const made = document.createElement("canvas");
  const stamp = makeStamp(colours, shape, edge ? 7 : 5.5, 1, edge);
  made.width = made.height = stamp.side;
  pen(made).putImageData(new ImageData(stamp.pixels, stamp.side, stamp.side), 0, 0);
  return made;
}

/**
 * A colour of CSS as red, green and blue, 0..255.
 * @param {string} text
 * @returns {Rgb}
 */
export function rgbOf(text) {
  const context = pen(document.createElement("canvas"));
  context.fillStyle = text.trim();
  return [1, 3, 5].map((at) => parseInt(String(context.fillStyle).slice(at, at + 2), 16));
}

/**
 * What films are painted with: the colour of each group, or of each step of a scale.
 * @param {Colours} colours
 * @returns {Rgb[]}
 */
export function inksOf(colours) {
  if (colours.kind === "groups") return colours.groups.map((group) => rgbOf(group.colour));
  const stops = colours.stops.map(rgbOf);
  return Array.from({ length: UNDEFINED }, (_, value) => between(stops, value / (UNDEFINED - 1)));
}

/**
 * @param {Rgb[]} steps
 * @param {number} share
 */
function between(steps, share) {
  const at = share * (steps.length - 1);
  const low = Math.min(steps.length - 2, Math.floor(at));
  return steps[low].map((value, index) => value + (steps[low + 1][index] - value) * (at - low));
}
