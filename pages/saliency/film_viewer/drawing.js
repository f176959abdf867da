// Drafts: regions that a reader draws, in original pixels. A shape is {kind: "polygon", points: [[x, y], ...]},
// {kind: "box", points: [corner, corner]} or {kind: "brush", points: [...], radius, erases}.

import { DRAFT_COLOUR, strokeTwice } from "./painting.js";

export const TOOLS = [
  { name: "pan", title: "Move", key: "v" },
  { name: "polygon", title: "Polygon", key: "p" },
  { name: "box", title: "Box", key: "b" },
  { name: "brush", title: "Brush", key: "r" },
  { name: "eraser", title: "Eraser", key: "e" },
];

/**
 * A film's draft of one class by one reader: another class, or another reader, begins with nothing.
 * @param {{ film_id: string, drawing: import("./types.js").Drawing | null }} scene
 */
export function draftKey({ film_id, drawing }) {
  return JSON.stringify([film_id, drawing?.finding ?? "", drawing?.reader ?? ""]);
}

/**
 * What else is drawn on this film and not saved, in words; "" where nothing is.
 * @param {Record<string, import("./types.js").Draft>} drafts
 * @param {import("./types.js").Scene} scene
 */
export function draftsElsewhere(drafts, scene) {
  const words = Object.entries(drafts).flatMap(([key, draft]) => {
    const [film, finding, reader] = JSON.parse(key);
    const n = draft.shapes.length + (draft.open ? 1 : 0);
    const isElsewhere = film === scene.film_id && key !== draftKey(scene) && n > 0;
    return isElsewhere ? [`${counted(n)} of ${finding}${reader === scene.drawing?.reader ? "" : ` by ${reader}`}`] : [];
  });
  return words.length ? `Also not saved: ${words.join(", ")}.` : "";
}

/**
 * @param {number} n
 */
export function counted(n) {
  return `${n} ${n === 1 ? "shape" : "shapes"}`;
}

/**
 * @param {import("./types.js").Film} film
 * @param {import("./types.js").Spot} spot
 * @returns {import("./types.js").Spot}
 */
export function onFilm(film, [x, y]) {
  return [Math.min(Math.max(x, 0), film.width), Math.min(Math.max(y, 0), film.height)];
}

/**
 * @param {import("./types.js").Draft} draft
 * @param {string} tool
 * @param {import("./types.js").Spot} point
 * @param {number} radius
 */
export function beginShape(draft, tool, point, radius) {
  if (tool === "polygon") {
    draft.open = draft.open ?? { kind: "polygon", points: [] };
    draft.open.points.push(point);
  } else if (tool === "box") {
    draft.open = { kind: "box", points: [point, point] };
  } else {
    draft.open = { kind: "brush", points: [point], radius, erases: tool === "eraser" };
  }
}

/**
 * @param {import("./types.js").Draft} draft
 * @param {import("./types.js").Spot} point
 */
export function continueShape(draft, point) {
  if (draft.open?.kind === "box") draft.open.points[1] = point;
  if (draft.open?.kind === "brush") draft.open.points.push(point);
}

/**
 * Ends what is being drawn; what encloses nothing is dropped.
 * @param {import("./types.js").Draft} draft
 */
export function endShape(draft) {
  const shape = draft.open;
  draft.open = null;
  if (!shape) return;
  const [first, last] = [shape.points[0], shape.points[shape.points.length - 1]];
  const isArea = Math.abs(first[0] - last[0]) >= 1 && Math.abs(first[1] - last[1]) >= 1;
  const fine = shape.kind === "polygon" ? shape.points.length > 2 : shape.kind !== "box" || isArea;
  if (fine) draft.shapes.push(shape);
}

/**
 * Takes back the last point of an open polygon, or else the last shape.
 * @param {import("./types.js").Draft} draft
 */
export function takeBack(draft) {
  if (draft.open?.kind === "polygon") {
    draft.open.points.pop();
    if (!draft.open.points.length) draft.open = null;
  } else {
    draft.shapes.pop();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").Place} at
 * @param {import("./types.js").Draft} draft
 */
export function paintDraft(context, at, draft) {
  /** @type {(spot: import("./types.js").Spot) => import("./types.js").Spot} */
  const to = ([x, y]) => [at.left + x * at.scale, at.top + y * at.scale];
  for (const shape of [...draft.shapes, ...(draft.open ? [draft.open] : [])]) {
    const path = new Path2D();
    if (shape.kind === "box") {
      const [[x0, y0], [x1, y1]] = shape.points.map(to);
      path.rect(Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0));
    } else {
      for (const point of shape.points.map(to)) path.lineTo(...point);
      if (shape.kind === "polygon" && shape !== draft.open) path.closePath();
      if (shape.points.length === 1) path.lineTo(...nudged(to(shape.points[0])));
    }
    if (shape.kind === "brush") paintStroke(context, path, shape, at.scale);
    else strokeTwice(context, path, DRAFT_COLOUR, 2, [4, 3]);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} path
 * @param {import("./types.js").Shape} shape
 * @param {number} scale
 */
function paintStroke(context, path, shape, scale) {
  context.save();
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = 2 * (shape.radius ?? 1) * scale;
  context.strokeStyle = shape.erases ? "rgba(0, 0, 0, 0.55)" : "rgba(255, 255, 255, 0.45)";
  context.stroke(path);
  context.restore();
}

/**
 * A spot beside another, so that a stroke between the two can be seen.
 * @param {import("./types.js").Spot} spot
 * @returns {import("./types.js").Spot}
 */
function nudged([x, y]) {
  return [x + 0.1, y + 0.1];
}
