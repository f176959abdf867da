import assert from "node:assert/strict";
import { test } from "node:test";

import {
  beginShape,
  continueShape,
  draftKey,
  draftsElsewhere,
  endShape,
  onFilm,
  takeBack,
} from "../../pages/saliency/film_viewer/drawing.js";

const empty = () => ({ shapes: [], open: null });

test("a polygon of two points, and a box of no area, enclose nothing and are dropped", () => {
  const draft = empty();
  for (const point of [
    [1, 1],
    [5, 1],
  ])
    beginShape(draft, "polygon", point, 20);
  endShape(draft);
  beginShape(draft, "box", [3, 3], 20);
  continueShape(draft, [3, 9]);
  endShape(draft);
  assert.deepEqual(draft, empty());
});

test("a polygon of three points, a box and a stroke stay, and are taken back one by one", () => {
  const draft = empty();
  for (const point of [
    [1, 1],
    [5, 1],
    [5, 5],
  ])
    beginShape(draft, "polygon", point, 20);
  endShape(draft);
  beginShape(draft, "box", [3, 3], 20);
  continueShape(draft, [8, 9]);
  endShape(draft);
  beginShape(draft, "eraser", [1, 1], 7);
  continueShape(draft, [2, 2]);
  endShape(draft);
  assert.deepEqual(
    draft.shapes.map(({ kind, points }) => [kind, points.length]),
    [
      ["polygon", 3],
      ["box", 2],
      ["brush", 2],
    ],
  );
  assert.deepEqual([draft.shapes[2].radius, draft.shapes[2].erases], [7, true]);
  takeBack(draft);
  takeBack(draft);
  assert.deepEqual(
    draft.shapes.map(({ kind }) => kind),
    ["polygon"],
  );
});

test("taking back an open polygon takes its points first", () => {
  const draft = empty();
  beginShape(draft, "polygon", [1, 1], 20);
  beginShape(draft, "polygon", [2, 2], 20);
  takeBack(draft);
  assert.deepEqual(draft.open.points, [[1, 1]]);
  takeBack(draft);
  assert.deepEqual(draft, empty());
});

test("marks stay on the film", () => {
  assert.deepEqual(onFilm({ width: 10, height: 5 }, [-3, 9]), [0, 5]);
});

test("what is drawn of another class or by another reader is said, of another film not", () => {
  const scene = { film_id: "a", drawing: { finding: "Edema", reader: "R", saved: 0 } };
  const key = (film_id, finding, reader) => draftKey({ film_id, drawing: { finding, reader } });
  const drawn = { shapes: [{}], open: null };
  const drafts = {
    [key("a", "Edema", "R")]: drawn,
    [key("a", "Mass", "R")]: drawn,
    [key("a", "Mass", "S")]: { shapes: [{}], open: {} },
    [key("b", "Mass", "R")]: drawn,
  };
  assert.equal(draftsElsewhere(drafts, scene), "Also not saved: 1 shape of Mass, 2 shapes of Mass by S.");
  assert.equal(draftsElsewhere({ [key("a", "Edema", "R")]: drawn }, scene), "");
});
