// All panels side by side as one picture that can be read without the app: what each shows, on which scale, by which
// method and layer, whose outlines, and what the figures below it are.

import { pen } from "../../shared/components/elements.js";
import { drawScale } from "./layout.js";
import { blankCanvas, paintPanel, place, READER_COLOURS, READER_DASHES, strokeTwice } from "./painting.js";

const PICTURE = { side: 640, gap: 16, title: 40, line: 22, ink: "#15202b" };

/**
 * @param {import("./types.js").Scene} scene
 * @param {import("./types.js").View} view
 * @param {Uint8Array} table
 * @param {number} least pixels of its width
 */
export function pictureOf(scene, view, table, least) {
  const { side, gap, title, line } = PICTURE;
  const { film, panels, look } = scene;
  const height = Math.round(side * Math.min(Math.max(film.height / film.width, 0.6), 1.3));
  const width = panels.length * (side + gap) + gap;
  const ruler = pen(blankCanvas(1, 1));
  ruler.font = "16px sans-serif";
  const said = panels.map((panel) => saidOf(panel).flatMap((text) => wrapped(ruler, text, side)));
  const below = [...scene.about, lookWords(scene), scene.footer].flatMap((text) =>
    wrapped(ruler, text, width - 2 * gap),
  );
  const readers = readersShown(scene);
  const scaleTop = title + height + 12;
  const textTop = scaleTop + (panels.some((panel) => panel.map) ? 46 : 14);
  const legendTop = textTop + line * Math.max(...said.map((lines) => lines.length)) + 8;
  const belowTop = legendTop + (readers.length ? line + 8 : 0);
  const whole = belowTop + line * below.length + gap;
  const scale = Math.max(1, least / width);
  const canvas = blankCanvas(Math.ceil(width * scale), Math.ceil(whole * scale));
  const context = pen(canvas);
  context.scale(scale, scale);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, whole);
  panels.forEach((panel, rank) => {
    const left = gap + rank * (side + gap);
    drawClipped(context, [left, title, side, height], () =>
      paintPanel(context, side, height, place(film, view, side, height), scene, panel),
    );
    const { map } = panel;
    if (map) drawAt(context, left, scaleTop, () => drawScale(context, side, map, look, table, PICTURE.ink, 15));
    context.fillStyle = PICTURE.ink;
    context.font = "bold 20px sans-serif";
    context.fillText(panel.title, left, 26, side);
    context.font = "16px sans-serif";
    said[rank].forEach((text, row) => context.fillText(text, left, textTop + line * row + 12));
  });
  drawReaders(context, readers, scene, gap, legendTop + 12);
  context.fillStyle = PICTURE.ink;
  below.forEach((text, row) => context.fillText(text, gap, belowTop + line * row + 12));
  return canvas;
}

/**
 * @param {import("./types.js").Panel} panel
 */
function saidOf(panel) {
  return [...panel.chips.map(({ words }) => words), ...panel.lines.map((line) => line.join(": ")), panel.words].filter(
    Boolean,
  );
}

/**
 * How the reader has set the picture.
 * @param {import("./types.js").Scene} scene
 */
function lookWords({ look, panels, colour_maps }) {
  if (!panels.some((panel) => panel.map)) return "";
  const words = look.showMap
    ? [
        `Colours ${colour_maps[look.colours].title}, ${Math.round(100 * look.opacity)} % opaque, from 0 to the number at the end of the bar`,
      ]
    : ["Maps hidden"];
  if (look.showContour) words.push(`line at ${Math.round(100 * look.contour)} % of the scale`);
  return `${words.join("; ")}.`;
}

/**
 * @param {import("./types.js").Scene} scene
 */
function readersShown({ look, outlines }) {
  if (!look.showOutlines) return [];
  return [...new Set(outlines.map((outline) => outline.reader))].filter((reader) => !look.hiddenReaders.has(reader));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string[]} readers
 * @param {import("./types.js").Scene} scene
 * @param {number} left
 * @param {number} middle
 */
function drawReaders(context, readers, scene, left, middle) {
  if (!readers.length) return;
  context.fillStyle = PICTURE.ink;
  context.fillText("Outlines:", left, middle);
  let x = left + context.measureText("Outlines:").width + 14;
  for (const reader of readers) {
    const rank = Math.max(scene.readers.indexOf(reader), 0);
    const path = new Path2D();
    path.moveTo(x, middle - 5);
    path.lineTo(x + 34, middle - 5);
    strokeTwice(
      context,
      path,
      READER_COLOURS[rank % READER_COLOURS.length],
      3,
      READER_DASHES[rank % READER_DASHES.length],
    );
    context.fillText(reader, x + 42, middle);
    x += 42 + context.measureText(reader).width + 22;
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} left
 * @param {number} top
 * @param {() => void} draw
 */
function drawAt(context, left, top, draw) {
  context.save();
  context.translate(left, top);
  draw();
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} box left, top, width, height
 * @param {() => void} draw
 */
function drawClipped(context, [left, top, width, height], draw) {
  drawAt(context, left, top, () => {
    context.beginPath();
    context.rect(0, 0, width, height);
    context.clip();
    draw();
  });
}

/**
 * A text in lines that are not wider than this.
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} width
 */
function wrapped(context, text, width) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ").filter(Boolean)) {
    const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length && context.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
