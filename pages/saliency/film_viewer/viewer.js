// The viewer itself: one state for all panels, so that they zoom, pan, window and hide together.

import { unpack } from "../../shared/components/bytes.js";
import { element, listen, part, pen } from "../../shared/components/elements.js";
import { Parcels } from "../../shared/components/parcels.js";
import { Turned, unusual } from "../../shared/components/turned.js";
import { lookButtons, penButtons } from "./bars.js";
import {
  beginShape,
  continueShape,
  draftKey,
  draftsElsewhere,
  endShape,
  onFilm,
  paintDraft,
  takeBack,
  TOOLS,
} from "./drawing.js";
import { sampled, valueAt } from "./fields.js";
import { fillPanel, panelElement, paintScale, shortNumber, stripElement } from "./layout.js";
import { cellsOf, fitted, paintedFilm, paintedMap, paintPanel, place } from "./painting.js";
import { pictureOf } from "./picture.js";

/**
 * @typedef {import("./types.js").Draft} Draft
 * @typedef {import("./types.js").Look} Look
 * @typedef {import("./types.js").Scene} Scene
 * @typedef {import("./types.js").Shown} Shown
 * @typedef {import("./types.js").Spot} Spot
 * @typedef {"showMap" | "showContour" | "showOutlines"} Switch
 */

const WHOLE = { window: 255, level: 127.5, opacity: 0.6, contour: 0.5, radius: 20 };
const MAX_ZOOM = 24;
const [DISPLAY, ALL_FILMS] = ["film_viewer_display", "film"]; // the parcel that says how a film is looked at; of what
const USUAL = { map: 1, line: 0, outlines: 1, hidden: 0, colours: 0, zoom: 1, x: 0.5, y: 0.5 };
const [LEAST_WIDTH, GAP] = [240, 12]; // of a panel, and between two, in pixels of the page
/** @type {WeakMap<Element, Viewer>} */
const viewers = new WeakMap();

export class Viewer {
  /** @type {Scene} from the first update on */
  scene;
  /** @type {import("../../shared/components/types.js").Component["setTriggerValue"]} from the first update on */
  send;
  /** @type {import("./types.js").View} from the first update on */
  view;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Look} */
    this.look = {
      ...WHOLE,
      showMap: true,
      showContour: false,
      showOutlines: true,
      hiddenReaders: new Set(),
      colours: 0,
    };
    /** @type {Record<string, Draft>} */
    this.drafts = {};
    this.refused = "";
    this.panelNames = "";
    /** @type {{ key: string, saved: number } | null} what was sent to be saved */
    this.sent = null;
    /** @type {{ x: number, y: number, kind: string, window: number, level: number } | null} */
    this.drag = null;
    /** @type {import("./types.js").Parts[]} */
    this.parts = [];
    /** @type {{ canvas: HTMLCanvasElement, item: Shown }[]} small pictures, as they stand on the page */
    this.thumbs = [];
    this.parcels = new Parcels([DISPLAY], () => this.turn());
    this.turned = new Turned(this.parcels, DISPLAY);
    this.tool = "pan";
    this.bar = element("div", { class: "bar" });
    this.pens = element("div", { class: "bar pens" });
    this.grid = element("div", { class: "panels" });
    this.status = element("div", { class: "status" });
    this.strips = element("div", { class: "strips" });
    this.unsaved = element("div", { class: "unsaved", role: "status" });
    root.replaceChildren(this.pens, this.unsaved, this.grid, this.status, this.bar, this.strips);
    root.figure = { picture: () => this.picture() };
    listen(root, { keydown: (/** @type {KeyboardEvent} */ event) => this.key(event) });
    new ResizeObserver(() => this.resize()).observe(this.grid);
  }

  /** What is drawn and not saved: of one film, one class and one reader. */
  get draft() {
    return (this.drafts[draftKey(this.scene)] ??= { shapes: [], open: null });
  }

  /**
   * Takes what Python sent; what the reader has set stays, but another film is shown whole.
   * @param {import("./types.js").FilmView} view
   * @param {import("../../shared/components/types.js").Component["setTriggerValue"]} send
   */
  update(view, send) {
    const before = this.scene;
    const scene = Object.assign(view, {
      look: this.look,
      filmCanvas: paintedFilm(view.film, this.look.window, this.look.level),
    });
    this.scene = scene;
    this.send = send;
    if (before?.film_id !== scene.film_id) this.reset();
    this.takeDisplay();
    if (this.sent && scene.drawing && this.sent.saved !== scene.drawing.saved) {
      delete this.drafts[this.sent.key];
      this.sent = null;
    }
    if (!scene.drawing) this.tool = "pan";
    this.buildBar();
    this.buildPens();
    this.buildPanels();
    this.buildStrips();
    this.colourMaps();
    this.paint();
  }

  /** Looks at the film as an address asks, where one does. */
  turn() {
    if (!this.scene || !this.takeDisplay()) return;
    this.buildBar();
    this.colourMaps();
    this.paint();
  }

  /** @returns {boolean} whether an address says how the film is looked at */
  takeDisplay() {
    const asked = this.turned.begin(ALL_FILMS);
    if (!asked) return false;
    const { window, level, opacity, contour, map, line, outlines, hidden, colours, zoom, x, y } = {
      ...WHOLE,
      ...USUAL,
      ...asked,
    };
    const { film, readers, colour_maps } = this.scene;
    Object.assign(this.look, { window, level, opacity, contour, colours: colour_maps[colours] ? colours : 0 });
    Object.assign(this.look, { showMap: map === 1, showContour: line === 1, showOutlines: outlines === 1 });
    this.look.hiddenReaders = new Set(readers.filter((_, place) => (hidden >> place) & 1));
    this.view = { zoom, x: x * film.width, y: y * film.height };
    this.rewindow();
    return true;
  }

  /** How the film is looked at, as numbers of an address. */
  display() {
    const { window, level, opacity, contour, showMap, showContour, showOutlines, hiddenReaders, colours } = this.look;
    const { film, readers } = this.scene;
    const hidden = readers.reduce((bits, reader, place) => bits | (hiddenReaders.has(reader) ? 1 << place : 0), 0);
    const shown = { map: Number(showMap), line: Number(showContour), outlines: Number(showOutlines), hidden, colours };
    const { zoom, x, y } = this.view;
    return { window, level, opacity, contour, ...shown, zoom, x: x / film.width, y: y / film.height };
  }

  reset() {
    this.view = { zoom: 1, x: this.scene.film.width / 2, y: this.scene.film.height / 2 };
  }

  rewindow() {
    this.scene.filmCanvas = paintedFilm(this.scene.film, this.look.window, this.look.level);
  }

  buildBar() {
    this.bar.replaceChildren(...lookButtons(this));
  }

  readersHere() {
    return [...new Set(this.scene.outlines.map((outline) => outline.reader))];
  }

  buildPens() {
    const { drawing } = this.scene;
    this.pens.hidden = this.unsaved.hidden = !drawing;
    if (!drawing) return;
    this.pens.replaceChildren(...penButtons(this, drawing));
    this.unsaved.textContent = [this.refused, draftsElsewhere(this.drafts, this.scene)].filter(Boolean).join(" ");
  }

  buildPanels() {
    const names = this.scene.panels.map((panel) => panel.name).join();
    if (names !== this.panelNames) {
      this.parts = this.scene.panels.map(panelElement);
      this.parts.forEach((parts) => this.listen(parts.canvas));
      this.grid.replaceChildren(...this.parts.map((parts) => parts.figure));
      this.panelNames = names;
    }
    const pick = (/** @type {string} */ strip, /** @type {string} */ value) => this.send("pick", { strip, value });
    this.parts.forEach((parts, rank) => fillPanel(parts, this.scene.panels[rank], this.scene.caption, pick));
    this.arrange();
  }

  /** Panels in one row where they have room; the plain film, where it would begin another row, is left out or last. */
  arrange() {
    const { panels } = this.scene;
    const fitting = Math.max(1, Math.floor((this.grid.clientWidth + GAP) / (LEAST_WIDTH + GAP)));
    const isCrowded = panels.length > fitting && panels.some((panel) => panel.map);
    this.parts.forEach(({ figure }, rank) => {
      const isInTheWay = isCrowded && !panels[rank].map && !panels[rank].seen;
      figure.hidden = isInTheWay && !this.scene.keeps_film;
      figure.style.order = isInTheWay ? "1" : "";
    });
    const shown = this.parts.filter(({ figure }) => !figure.hidden).length;
    const columns = Math.min(fitting, shown);
    this.grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  }

  resize() {
    if (!this.scene) return;
    this.arrange();
    this.paint();
  }

  /** Small pictures of a setting stand below its map, others below all. */
  buildStrips() {
    const pick = (/** @type {string} */ strip, /** @type {string} */ value) => this.send("pick", { strip, value });
    this.thumbs = [];
    this.strips.replaceChildren();
    for (const { strip } of this.parts) strip.replaceChildren();
    for (const strip of this.scene.strips) {
      const made = stripElement(strip, pick);
      const rank = this.scene.panels.findIndex(({ name }) => name === strip.below);
      (rank < 0 ? this.strips : this.parts[rank].strip).append(made);
      [...made.querySelectorAll("canvas")].forEach((canvas, place) =>
        this.thumbs.push({ canvas, item: { ...strip.items[place], seen: strip.seen } }),
      );
    }
  }

  colourMaps() {
    const { table } = this.scene.colour_maps[this.look.colours];
    /** @type {Shown[]} */
    const all = [...this.scene.panels, ...this.thumbs.map(({ item }) => item)];
    for (const shown of all) {
      if (!shown.map) continue;
      shown.values = shown.values ?? sampled(shown.map, cellsOf(shown.map));
      shown.canvas = paintedMap(shown.map, shown.values, table);
    }
  }

  paint() {
    if (!this.scene) return;
    const { table } = this.scene.colour_maps[this.look.colours];
    const ink = getComputedStyle(this.root).color;
    this.parts.forEach((parts, rank) => {
      const panel = this.scene.panels[rank];
      this.paintCanvas(parts.canvas, panel);
      if (panel.map) paintScale(parts.scale, panel.map, this.look, table, ink);
    });
    this.paintStrips();
    this.turned.tell(ALL_FILMS, unusual(this.display(), { ...WHOLE, ...USUAL }, 4));
    this.root.dataset.zoom = this.view.zoom.toFixed(3);
    this.root.dataset.shapes = String(this.draft.shapes.length);
    this.root.dataset.painted = this.scene.stamp;
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Shown} panel
   */
  paintCanvas(canvas, panel) {
    const { film } = this.scene;
    const fit = fitted(canvas, film);
    if (!fit) return;
    const { context, width, height } = fit;
    const at = place(film, this.view, width, height);
    paintPanel(context, width, height, at, this.scene, panel);
    paintDraft(context, at, this.draft);
    canvas.style.cursor = this.tool === "pan" ? "grab" : "crosshair";
    canvas.style.touchAction = this.tool === "pan" && this.view.zoom === 1 ? "pan-y" : "none";
  }

  paintStrips() {
    const look = { ...this.look, showContour: false, showMap: true };
    for (const { canvas, item } of this.thumbs) {
      if (!item.seen) continue;
      const at = middleOf(item.seen, canvas.width);
      paintPanel(pen(canvas), canvas.width, canvas.height, at, { ...this.scene, look }, item);
    }
  }

  /**
   * Pointer: what happens depends on the tool; shift or the right button sets the greys.
   * @param {HTMLCanvasElement} canvas
   */
  listen(canvas) {
    listen(canvas, {
      contextmenu: (/** @type {Event} */ event) => event.preventDefault(),
      pointerdown: (/** @type {PointerEvent} */ event) => this.press(event, canvas),
      pointermove: (/** @type {PointerEvent} */ event) => this.move(event, canvas),
      pointerup: () => this.release(),
      pointercancel: () => this.release(),
      dblclick: () => this.doubleClick(),
      pointerleave: () => this.say(""),
    });
    canvas.addEventListener("wheel", (event) => this.wheel(event, canvas), { passive: false });
  }

  /** @param {string} words about what is under the pointer */
  say(words) {
    this.status.textContent = words;
  }

  /**
   * Original pixels below the pointer.
   * @param {MouseEvent} event
   * @param {HTMLCanvasElement} canvas
   * @returns {Spot}
   */
  point(event, canvas) {
    const box = canvas.getBoundingClientRect();
    const at = place(this.scene.film, this.view, box.width, box.height);
    return [(event.clientX - box.left - at.left) / at.scale, (event.clientY - box.top - at.top) / at.scale];
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLCanvasElement} canvas
   */
  press(event, canvas) {
    this.root.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    const greys = event.button === 2 || event.shiftKey;
    this.drag = {
      x: event.clientX,
      y: event.clientY,
      kind: greys ? "greys" : this.tool,
      window: this.look.window,
      level: this.look.level,
    };
    if (greys || this.tool === "pan") return;
    this.refused = "";
    beginShape(this.draft, this.tool, onFilm(this.scene.film, this.point(event, canvas)), this.look.radius);
    this.paint();
    this.buildPens();
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLCanvasElement} canvas
   */
  move(event, canvas) {
    const point = this.point(event, canvas);
    this.tell(point, canvas);
    if (!this.drag) return;
    const dx = event.clientX - this.drag.x;
    const dy = event.clientY - this.drag.y;
    if (this.drag.kind === "greys") this.setGreys(this.drag.window + dx, this.drag.level + dy);
    else if (this.drag.kind === "pan") this.panBy(dx, dy, event, canvas);
    else continueShape(this.draft, onFilm(this.scene.film, point));
    this.paint();
  }

  release() {
    const kind = this.drag?.kind ?? "";
    this.drag = null;
    if (["box", "brush", "eraser"].includes(kind)) this.closeShape();
    if (kind === "greys") this.buildBar();
  }

  doubleClick() {
    if (this.tool === "pan") this.zoomBy(2);
    if (this.tool !== "polygon" || !this.draft.open) return;
    this.draft.open.points.pop(); // the second click of the two
    this.closeShape();
  }

  /**
   * @param {WheelEvent} event
   * @param {HTMLCanvasElement} canvas
   */
  wheel(event, canvas) {
    const { activeElement } = /** @type {Document | ShadowRoot} */ (this.root.getRootNode());
    if (!event.ctrlKey && activeElement !== this.root) return;
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY / 400), this.point(event, canvas));
  }

  /**
   * @param {number} dx
   * @param {number} dy
   * @param {PointerEvent} event
   * @param {HTMLCanvasElement} canvas
   */
  panBy(dx, dy, event, canvas) {
    const { scale } = place(this.scene.film, this.view, canvas.clientWidth, canvas.clientHeight);
    this.centre(this.view.x - dx / scale, this.view.y - dy / scale);
    if (this.drag) Object.assign(this.drag, { x: event.clientX, y: event.clientY });
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  centre(x, y) {
    [this.view.x, this.view.y] = onFilm(this.scene.film, [x, y]);
  }

  /**
   * @param {number} factor
   * @param {Spot} [point] what stays where it is
   */
  zoomBy(factor, point = [this.view.x, this.view.y]) {
    const zoom = Math.min(Math.max(this.view.zoom * factor, 1), MAX_ZOOM);
    const kept = this.view.zoom / zoom;
    this.view.zoom = zoom;
    if (zoom === 1) this.reset();
    else this.centre(point[0] + (this.view.x - point[0]) * kept, point[1] + (this.view.y - point[1]) * kept);
    this.paint();
  }

  /**
   * @param {number} width
   * @param {number} centre
   */
  setGreys(width, centre) {
    this.look.window = Math.min(Math.max(width, 8), 255);
    this.look.level = Math.min(Math.max(centre, 0), 255);
    this.rewindow();
  }

  /**
   * Says what is under the pointer.
   * @param {Spot} spot in original pixels
   * @param {HTMLCanvasElement} canvas
   */
  tell([x, y], canvas) {
    const { film } = this.scene;
    const inside = x >= 0 && y >= 0 && x < film.width && y < film.height;
    if (!inside) {
      this.say("");
      return;
    }
    const column = Math.floor((x / film.width) * film.columns);
    const row = Math.floor((y / film.height) * film.rows);
    const said = [`column ${Math.floor(x)}, row ${Math.floor(y)}`, `grey ${film.grey[row * film.columns + column]}`];
    const panel = this.scene.panels[this.parts.findIndex((parts) => parts.canvas === canvas)];
    if (panel?.map && panel.seen) {
      const { left, top, width, height } = panel.seen;
      const [u, v] = [(x - left) / width, (y - top) / height];
      const isSeen = u >= 0 && v >= 0 && u < 1 && v < 1;
      said.push(isSeen ? `map ${shortNumber(valueAt(panel.map, u, v))}` : "map undefined: not seen by the model");
    }
    this.say(said.join(" · "));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
    const action = this.actions(event.key);
    if (!action) return;
    event.preventDefault();
    action();
  }

  /**
   * What a key does; undefined where it does nothing.
   * @param {string} key
   * @returns {(() => void) | undefined}
   */
  actions(key) {
    const tool = this.scene.drawing && TOOLS.find((one) => one.key === key.toLowerCase());
    if (tool) return () => this.take(tool.name);
    const reader = this.readersHere()[Number(key) - 1];
    if (reader) return () => this.toggleReader(reader);
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      m: () => this.toggle("showMap"),
      c: () => this.toggle("showContour"),
      o: () => this.toggle("showOutlines"),
      "+": () => this.zoomBy(1.5),
      "-": () => this.zoomBy(1 / 1.5),
      0: () => this.restore(),
      s: () => this.download(),
      ...(this.scene.drawing && {
        Enter: () => this.closeShape(),
        Escape: () => this.cancel(),
        Backspace: () => this.undo(),
      }),
    };
    return acts[key.length === 1 ? key.toLowerCase() : key];
  }

  /** @param {-1 | 1} by */
  step(by) {
    if (this.scene.can_step[by < 0 ? 0 : 1]) this.send("step", by);
  }

  /** @param {Switch} name */
  toggle(name) {
    this.look[name] = !this.look[name];
    this.buildBar();
    this.paint();
  }

  /** @param {string} reader */
  toggleReader(reader) {
    const { hiddenReaders } = this.look;
    if (!hiddenReaders.delete(reader)) hiddenReaders.add(reader);
    this.buildBar();
    this.paint();
  }

  restore() {
    this.reset();
    this.setGreys(WHOLE.window, WHOLE.level);
    this.buildBar();
    this.paint();
  }

  /** @param {string} tool */
  take(tool) {
    this.draft.open = null;
    this.tool = tool;
    this.buildPens();
    this.paint();
  }

  closeShape() {
    endShape(this.draft);
    this.buildPens();
    this.paint();
  }

  cancel() {
    this.draft.open = null;
    this.buildPens();
    this.paint();
  }

  undo() {
    this.refused = "";
    takeBack(this.draft);
    this.buildPens();
    this.paint();
  }

  /** An open polygon is closed and saved with the rest; one that encloses nothing is refused, in words. */
  save() {
    const { film_id, drawing } = this.scene;
    if (!drawing) return;
    const { open } = this.draft;
    this.refused =
      open?.kind === "polygon" && open.points.length < 3
        ? "Not saved: the polygon that is begun needs three points or more. Go on, or take it back."
        : "";
    if (!this.refused) {
      if (open) endShape(this.draft);
      this.sent = { key: draftKey(this.scene), saved: drawing.saved };
      const { finding, reader } = drawing;
      this.send("marks", { film: film_id, finding, reader, shapes: this.draft.shapes });
    }
    this.buildPens();
    this.paint();
  }

  /** As the menu beside the viewer would. */
  download() {
    this.root.dispatchEvent(new CustomEvent("take-png", { bubbles: true, composed: true }));
  }

  picture() {
    const { table } = this.scene.colour_maps[this.look.colours];
    const shown = Math.max(...this.parts.map(({ canvas }) => canvas.clientWidth));
    return pictureOf(this.scene, this.view, table, 2 * shown * this.scene.panels.length);
  }
}

/**
 * What a model sees of a film, in the middle of a square of side pixels.
 * @param {import("./types.js").Seen} seen
 * @param {number} side
 * @returns {import("./types.js").Place}
 */
function middleOf({ left, top, width, height }, side) {
  const scale = side / Math.max(width, height);
  return { scale, left: side / 2 - (left + width / 2) * scale, top: side / 2 - (top + height / 2) * scale };
}

/** @param {import("../../shared/components/types.js").Component} component */
export default function filmViewer({ data, parentElement, setTriggerValue }) {
  const root = part(parentElement, ".viewer");
  const viewer = viewers.get(root) ?? new Viewer(root);
  viewers.set(root, viewer);
  viewer.update(unpack(data), setTriggerValue);
  return () => viewer.parcels.close();
}
