// The two bars above the film: how it is looked at, and what it is drawn on with.

import { element, listen } from "../../shared/components/elements.js";
import { counted, TOOLS } from "./drawing.js";
import { button, slider, switched } from "./layout.js";
import { READER_COLOURS } from "./painting.js";

/**
 * @typedef {import("./viewer.js").Viewer} Viewer
 * @typedef {import("./viewer.js").Switch} Switch
 */

/**
 * How the film is looked at.
 * @param {Viewer} viewer
 * @returns {HTMLElement[]}
 */
export function lookButtons(viewer) {
  const { scene } = viewer;
  const toggle = (/** @type {string} */ label, /** @type {string} */ key, /** @type {Switch} */ name, title = "") => {
    const made = button(label, key, `${title} (key ${key.toUpperCase()})`, () => viewer.toggle(name));
    switched(made, viewer.look[name]);
    return made;
  };
  const maps = scene.panels.some((panel) => panel.map)
    ? [
        toggle("Map", "m", "showMap", "Maps on or off"),
        setting(viewer, "opacity", "Opacity", [0, 1, 0.05]),
        toggle("Contour", "c", "showContour", "Line at a level of the scale"),
        setting(viewer, "contour", "Level", [0.05, 0.95, 0.05]),
        colourChoice(viewer),
      ]
    : [];
  const outlines = scene.outlines.length
    ? [toggle("Outlines", "o", "showOutlines", "What readers drew, on or off"), ...readerButtons(viewer)]
    : [];
  return [
    ...maps,
    ...outlines,
    setting(viewer, "window", "Window width", [8, 255, 1]),
    setting(viewer, "level", "Window level", [0, 255, 0.5]),
    button("+", "+", "Closer (key +, or the wheel once the film is clicked)", () => viewer.zoomBy(1.5)),
    button("−", "-", "Further away (key -)", () => viewer.zoomBy(1 / 1.5)),
    button("Whole film", "0", "Whole film, usual greys (key 0)", () => viewer.restore()),
    button("PNG", "s", "Save the panels as a picture (key S)", () => viewer.download()),
  ];
}

/**
 * A slider of one of the settings.
 * @param {Viewer} viewer
 * @param {"opacity" | "contour" | "window" | "level"} name
 * @param {string} label
 * @param {[number, number, number]} range
 */
function setting(viewer, name, label, range) {
  return slider(name, label, range, viewer.look[name], (value) => {
    viewer.look[name] = value;
    if (name === "window" || name === "level") viewer.rewindow();
    viewer.paint();
  });
}

/** @param {Viewer} viewer */
function colourChoice(viewer) {
  const label = "Colours of the maps";
  const made = element("select", { title: label, "aria-label": label });
  made.append(...viewer.scene.colour_maps.map((one, rank) => element("option", { value: rank }, one.title)));
  made.value = String(viewer.look.colours);
  listen(made, {
    change: () => {
      viewer.look.colours = Number(made.value);
      viewer.colourMaps();
      viewer.paint();
    },
  });
  return made;
}

/** @param {Viewer} viewer */
function readerButtons(viewer) {
  const { readers } = viewer.scene;
  return viewer.readersHere().map((reader, rank) => {
    const title = `Outlines of ${reader} (key ${rank + 1})`;
    const made = button(reader, String(rank + 1), title, () => viewer.toggleReader(reader));
    made.classList.add("reader");
    const colour = READER_COLOURS[Math.max(readers.indexOf(reader), 0) % READER_COLOURS.length];
    made.style.setProperty("--reader", colour);
    switched(made, !viewer.look.hiddenReaders.has(reader));
    return made;
  });
}

/**
 * What is drawn with.
 * @param {Viewer} viewer
 * @param {import("./types.js").Drawing} drawing
 * @returns {HTMLElement[]}
 */
export function penButtons(viewer, drawing) {
  const { draft, look, scene } = viewer;
  const tools = TOOLS.map((tool) => {
    const title = `${tool.title} (key ${tool.key.toUpperCase()})`;
    const made = button(tool.title, tool.key, title, () => viewer.take(tool.name));
    switched(made, viewer.tool === tool.name);
    return made;
  });
  const n = draft.shapes.length;
  const save = button("Save marks", "", "Save what is drawn of this class", () => viewer.save());
  const back = button("Undo", "Backspace", "Take back the last point or shape (Backspace)", () => viewer.undo());
  save.disabled = back.disabled = !n && !draft.open;
  save.classList.add("primary");
  const longest = Math.max(scene.film.width, scene.film.height);
  const size = slider("radius", "Brush size", [1, Math.round(longest / 12), 1], look.radius, (value) => {
    look.radius = value;
  });
  const words = `${drawing.finding}, drawn by ${drawing.reader}: ${counted(n)} not saved`;
  return [...tools, size, back, save, element("span", { class: "words" }, words)];
}
