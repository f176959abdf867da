// The map of films: panels that share one view, one selection and one chosen film.
// Python sends where films lie with the map itself, and as parcels what changes more often: how they are coloured, which
// are selected, which is chosen. The map sends back what was selected, and through the last parcel what was opened.

import { unpack } from "../../shared/components/bytes.js";
import { element, part, pen } from "../../shared/components/elements.js";
import { once, Parcels } from "../../shared/components/parcels.js";
import { Turned, unusual } from "../../shared/components/turned.js";
import { Card } from "./card.js";
import { combined, filmsNamed, numberOf } from "./choosing.js";
import { CELL, countInView, drawMarks, place, rgbOf, unit } from "./drawing.js";
import { Hands } from "./hands.js";
import { legendOf } from "./legend.js";
import { fromBits, toBits } from "./picking.js";
import { Shade } from "./shade.js";

/**
 * @typedef {import("./types.js").Layout} Layout
 * @typedef {import("./types.js").Look} Look
 * @typedef {import("./types.js").Panel} Panel
 * @typedef {import("./types.js").Selection} Selection
 * @typedef {import("./types.js").Spot} Spot
 * @typedef {import("./types.js").View} View
 */

const [LOOK, SELECTION, FILM] = ["film_map_look", "film_map_selection", "film_map_film"]; // the parcels
const CAMERA = "film_map_camera"; // the parcel that says from where the map is looked at
const TOO_MANY = 60000; // films in view, beyond which cells stand for markers
const FAR = 60; // most magnification
const NEAR = 0.6; // least magnification
const TURN = 2 * Math.PI;
const TOOLS = {
  Move: "Move: drag to move the map",
  Lasso: "Lasso: draw round films to select them; with Shift, to add them",
  Box: "Box: drag a box over films to select them; with Shift, to add them",
};
const RING = "#e5226b";
/** @type {WeakMap<Element, FilmMap>} */
const maps = new WeakMap();
const readLayout = once((bytes) => /** @type {Layout} */ (unpack(bytes)));
const readLook = once((bytes) => /** @type {Look} */ (unpack(bytes)));
const readFilm = once((bytes) => /** @type {{ row: number }} */ (unpack(bytes)));
const readSelection = once((bytes) => /** @type {Selection} */ (unpack(bytes)));

export class FilmMap {
  /** @type {Layout} from `receive` on */
  layout;
  /** @type {Look} from the first parcel on */
  look;
  /** @type {View} from the first layout on */
  view;
  /** @type {Selection | undefined} what Python said last */
  taken;
  /** @type {HTMLButtonElement[]} */
  tools;
  /** @type {HTMLButtonElement} */
  letGo;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.send = (/** @type {string} */ _event, /** @type {unknown} */ _value) => {};
    this.sent = 0; // number of the newest selection that is known here
    this.chosen = -1;
    this.ratio = 0;
    this.finest = 0; // pixels of the canvas for one of the page, while a picture is taken
    this.waiting = 0;
    /** @type {Uint8Array | null} one byte per film: those that a hand picked */
    this.picked = null;
    this.within = ""; // the group of the legend that is looked at alone
    /** @type {Uint8Array | null} one byte per film: what the two make together */
    this.selected = null;
    /** @type {number[]} when each frame was painted */
    this.frames = [];
    /** @type {Panel[]} */
    this.panels = [];
    /** @type {Shade[]} */
    this.shades = [];
    this.ground = [255, 255, 255];
    this.ink = "#000000";
    this.card = new Card(part(root, ".card"), root);
    this.hands = new Hands(this);
    this.parcels = new Parcels([LOOK, SELECTION, FILM, CAMERA], () => this.show());
    this.turned = new Turned(this.parcels, CAMERA);
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(root);
    Object.assign(root, { filmMap: this }); // for the tests of this project: where(row), frames
    root.figure = { finer: (ratio) => this.paintAt(ratio), rows: () => this.rows() };
    this.makeTools();
  }

  get n() {
    return this.layout.n;
  }

  close() {
    this.watcher.disconnect();
    this.parcels.close();
    this.card.hide();
  }

  /**
   * Takes what Python sends with the map itself; also called when the theme has changed.
   * @param {import("../../shared/components/types.js").Component} component
   */
  receive({ data, setTriggerValue }) {
    this.send = setTriggerValue;
    const layout = readLayout(data);
    const before = this.layout;
    this.layout = layout;
    if (before?.n !== layout.n) this.picked = this.selected = null;
    this.shades = [];
    this.show();
  }

  /** Shows what has come, once where films lie and how they are coloured belong together. */
  show() {
    const [bytes, marked] = [this.parcels.data(LOOK), this.parcels.data(SELECTION)];
    const look = bytes && readLook(bytes);
    if (!this.layout || look?.of !== this.layout.token || !this.turned.isThere(this.layout.view_key)) return;
    const isTurned = this.takeCamera();
    this.takeFilm();
    const isSelectionNew = this.takeSelection(marked && readSelection(marked));
    if (look === this.look && this.shades.length) {
      if (isSelectionNew) this.reorder();
      else if (isTurned) this.paintSoon();
      else this.paintOver();
      return;
    }
    this.look = look;
    this.combine();
    this.makePanels();
    this.recolour();
    this.resize();
  }

  /** @returns {boolean} whether the map is looked at from elsewhere than before */
  takeCamera() {
    const asked = this.turned.begin(this.layout.view_key);
    if (!asked) return false;
    const { x, y, zoom, yaw, pitch } = { ...this.usualCamera(), ...asked };
    const side = Math.max(...this.layout.extent);
    this.view = { x: x * side, y: y * side, scale: zoom, yaw, pitch };
    return true;
  }

  /** The whole map, as numbers of an address: `x` and `y` are of the longest side. */
  usualCamera() {
    return this.camera(this.wholeView());
  }

  /** @param {View} view */
  camera({ x, y, scale, yaw, pitch }) {
    const side = Math.max(...this.layout.extent);
    const isFlat = this.layout.points[0].dims === 2;
    const turns = isFlat ? { yaw: 0, pitch: 0 } : { yaw: yaw % TURN, pitch: pitch % TURN };
    return { x: x / side, y: y / side, zoom: scale, ...turns };
  }

  takeFilm() {
    const bytes = this.parcels.data(FILM);
    const row = bytes ? readFilm(bytes).row : -1;
    this.chosen = row < this.n ? row : -1;
  }

  /**
   * @param {Selection | undefined} selection
   * @returns {boolean} whether it is another one than before
   */
  takeSelection(selection) {
    if (!selection || selection === this.taken || selection.n !== this.n) return false;
    const isOfThisRow = selection.of === this.taken?.of; // only then are both numbered in one
    if (isOfThisRow && selection.seq < this.sent) return false;
    this.taken = selection;
    this.sent = selection.seq;
    this.picked = selection.bits && fromBits(selection.bits, this.n);
    this.within = selection.within;
    if (this.within && this.hands.tool === "Move") this.take("Lasso");
    if (this.look) this.combine();
    return true;
  }

  combine() {
    this.selected = combined(this.picked, filmsNamed(this.look, this.within));
  }

  /** @returns {View} */
  wholeView() {
    const [width, height] = this.layout.extent;
    return { x: width / 2, y: height / 2, scale: 0.93, yaw: 0.6, pitch: 0.35 };
  }

  // --- what is drawn ---

  recolour() {
    const style = getComputedStyle(this.root);
    const grey = rgbOf("#8291a1");
    this.ground = rgbOf(style.getPropertyValue("--st-background-color") || "#ffffff");
    this.ink = style.getPropertyValue("--st-text-color") || "#000000";
    this.shades = this.look.colours.map((colours) => new Shade(colours, this.n, grey, rgbOf(this.ink)));
    const isolate = (/** @type {string} */ name) => this.isolate(name);
    part(this.root, ".legend").replaceChildren(
      ...legendOf(this.look.colours[0], this.look.legend, [grey, rgbOf(this.ink)], isolate),
    );
    this.reorder();
  }

  reorder() {
    for (const shade of this.shades) shade.select(this.selected);
    for (const entry of part(this.root, ".legend").querySelectorAll("button[data-name]")) {
      entry.setAttribute("aria-pressed", String(entry.getAttribute("data-name") === this.within));
    }
    this.letGo.hidden = !this.picked;
    this.letGo.textContent = `Picked (${numberOf(this.picked).toLocaleString("en")})`;
    this.paintSoon();
  }

  /** @param {Panel} panel */
  shadeOf(panel) {
    return this.shades[panel.colours];
  }

  paintSoon() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.paint();
    });
  }

  paint() {
    if (!this.ratio || !this.panels.length || !this.shades.length) return;
    const dense = this.panels.map((panel) => this.paintPanel(panel)).includes(true);
    this.paintOver();
    this.saySo(dense, Math.max(...this.panels.map((panel) => this.shadeOf(panel).order.length)));
    if (!this.frames.length) performance.mark("film-map-painted");
    this.frames.push(performance.now());
    if (this.frames.length > 2000) this.frames.splice(0, 1000);
    this.root.dataset.painted = String(this.n);
    this.root.dataset.drawnAs = dense ? "density" : "points";
  }

  /**
   * @param {Panel} panel
   * @returns {boolean} whether cells stand for markers
   */
  paintPanel(panel) {
    const { width, height } = panel;
    const context = pen(panel.base, { alpha: false });
    const picture = (panel.picture ??= context.createImageData(width, height));
    const [red, green, blue] = this.ground;
    new Uint32Array(picture.data.buffer).fill((255 << 24) | (blue << 16) | (green << 8) | red);
    const { points, extent } = this.layout;
    const shade = this.shadeOf(panel);
    panel.placed = place(points[panel.points], this.n, this.view, extent, width, height, panel.placed);
    const isDense = countInView(panel.placed, shade.order, width, height) > TOO_MANY;
    shade.paint(picture, panel.placed, isDense);
    context.putImageData(picture, 0, 0);
    return isDense;
  }

  paintOver() {
    const { hovered, drawn } = this.hands;
    for (const panel of this.panels) {
      const context = pen(panel.over);
      context.clearRect(0, 0, panel.width, panel.height);
      const marks = this.look.marks.filter((mark) => mark.panel === panel.index);
      const ground = `rgb(${this.ground.join(", ")})`;
      drawMarks(context, marks, (x, y) => this.spot(panel, x, y), this.ratio, this.ink, ground);
      if (this.chosen >= 0) this.ring(context, panel, this.chosen, 9, 3, RING);
      if (hovered >= 0) this.ring(context, panel, hovered, 7, 2, this.ink);
      if (drawn?.panel === panel) this.outline(context, drawn.spots);
    }
  }

  /**
   * @param {Panel} panel
   * @param {number} x
   * @param {number} y
   * @returns {Spot}
   */
  spot(panel, x, y) {
    const scale = unit(this.view, this.layout.extent, panel.width, panel.height);
    return [panel.width / 2 + (x - this.view.x) * scale, panel.height / 2 - (y - this.view.y) * scale];
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Panel} panel
   * @param {number} row
   * @param {number} radius
   * @param {number} wide
   * @param {string} colour
   */
  ring(context, panel, row, radius, wide, colour) {
    context.beginPath();
    context.arc(panel.placed[2 * row], panel.placed[2 * row + 1], radius * this.ratio, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = wide * this.ratio;
    context.stroke();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Spot[]} spots
   */
  outline(context, spots) {
    context.beginPath();
    for (const [x, y] of spots) context.lineTo(x, y);
    context.closePath();
    context.strokeStyle = this.ink;
    context.setLineDash([5 * this.ratio, 4 * this.ratio]);
    context.lineWidth = 1.5 * this.ratio;
    context.stroke();
    context.setLineDash([]);
  }

  /**
   * @param {boolean} dense
   * @param {number} shown
   */
  saySo(dense, shown) {
    const count = (/** @type {number} */ value) => value.toLocaleString("en");
    const films = shown === this.n ? `All ${count(shown)} films` : `${count(shown)} of ${count(this.n)} films`;
    const how = dense
      ? `${films}, as cells of ${CELL} pixels: the colour of a cell's most frequent group, stronger with more films. ` +
        `Zoom in to fewer than ${count(TOO_MANY)} films in view for one point per film.`
      : `${films}, all shown, one point per film.`;
    const isBoth = this.picked && this.selected !== this.picked;
    const which = isBoth ? `: ${this.within}, of the ${count(numberOf(this.picked))} picked` : "";
    const selected = `${how} ${count(numberOf(this.selected))} selected${which}.`;
    part(this.root, ".foot").textContent = this.selected ? selected : how;
  }

  // --- what is taken along ---

  /** @param {number} ratio pixels of the canvas for one of the page; 0 : as the screen has */
  paintAt(ratio) {
    this.finest = ratio;
    this.resize();
    this.paint();
  }

  /** Every film that is drawn, once a map: its row in the study, where it lies, and its groups or value. */
  rows() {
    const { points, extent } = this.layout;
    const axes = ["x", "y", "z"].slice(0, Math.max(...points.map(({ dims }) => dims)));
    const most = Math.max(...extent);
    const rows = this.panels.flatMap((panel) => {
      const { dims, values } = points[panel.points];
      const shade = this.shadeOf(panel);
      return [...shade.order]
        .sort((one, other) => one - other)
        .map((row) => [
          panel.title,
          row,
          ...axes.map((_, axis) => (values[dims * row + axis] / most).toFixed(5)),
          shade.wordsOf(row) || shade.colours.values[row],
          this.selected?.[row] ? 1 : 0,
        ]);
    });
    return [["map", "film_row", ...axes, "colour", "selected"], ...rows];
  }

  // --- panels and tools ---

  makePanels() {
    const wanted = this.look.panels;
    while (this.panels.length > wanted.length) this.panels.pop()?.box.remove();
    while (this.panels.length < wanted.length) this.panels.push(this.newPanel(this.panels.length));
    this.panels.forEach((panel, index) => {
      const { title, note } = Object.assign(panel, wanted[index]);
      panel.name.hidden = !title;
      panel.name.replaceChildren(title, element("small", {}, note ? ` ${note}` : ""));
      panel.over.setAttribute("aria-label", `Map of ${this.n} films. ${title} ${this.look.about}`);
    });
  }

  /**
   * @param {number} index
   * @returns {Panel}
   */
  newPanel(index) {
    const base = element("canvas", { class: "base" });
    const over = element("canvas", { class: "over", tabindex: 0, role: "img", data: { tool: this.hands.tool } });
    const name = element("p", { class: "title" });
    const frame = element("div", { class: "frame" }, base, over);
    const box = element("div", { class: "panel" }, name, frame);
    part(this.root, ".panels").append(box);
    const size = { width: 0, height: 0, picture: null, placed: new Float32Array() };
    const panel = { index, box, name, frame, base, over, ...size, ...this.look.panels[index] };
    this.hands.listen(panel);
    return panel;
  }

  resize() {
    const wide = this.root.clientWidth;
    const number = this.panels.length;
    if (!wide || !number) return;
    const least = this.look.min_width;
    const columns = Math.max(1, Math.min(number, Math.floor((wide + 8) / (least + 8))));
    part(this.root, ".panels").style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    const across = (wide - 8 * (columns - 1)) / columns - 2;
    const ratio = this.finest || Math.min(2, window.devicePixelRatio || 1);
    const [east, north] = this.layout.extent;
    const shape = number > 1 ? Math.min(0.95, Math.max(0.62, north / east + 0.04)) : 0.95;
    const high = Math.round(Math.max(220, Math.min(this.look.height, across * shape)));
    for (const panel of this.panels) this.size(panel, Math.round(across * ratio), Math.round(high * ratio), high);
    for (const shade of this.shades) shade.magnify(ratio);
    this.ratio = ratio;
    this.paintSoon();
  }

  /**
   * @param {Panel} panel
   * @param {number} width in device pixels
   * @param {number} height in device pixels
   * @param {number} high in pixels of the page
   */
  size(panel, width, height, high) {
    panel.frame.style.height = `${high}px`;
    if (panel.width === width && panel.height === height && panel.placed.length === 2 * this.n) return;
    Object.assign(panel, { width, height, picture: null, placed: new Float32Array(2 * this.n) });
    for (const canvas of [panel.base, panel.over]) Object.assign(canvas, { width, height });
  }

  makeTools() {
    const button = (/** @type {string} */ text, /** @type {string} */ about, /** @type {() => void} */ act) =>
      element("button", { type: "button", title: about, "aria-label": about, on: { click: act } }, text);
    this.tools = Object.entries(TOOLS).map(([tool, about]) => button(tool, about, () => this.take(tool)));
    this.letGo = button("", "Let these films go again", () => this.pick(null));
    this.letGo.removeAttribute("aria-label"); // its name is what it says: how many are picked
    this.letGo.classList.add("picked");
    this.letGo.hidden = true;
    part(this.root, ".tools").append(
      ...this.tools,
      button("+", "Zoom in", () => this.zoom(1.5)),
      button("−", "Zoom out", () => this.zoom(1 / 1.5)),
      button("Whole map", "Show the whole map", () => this.lookAt(this.wholeView())),
      this.letGo,
    );
    this.take("Move");
  }

  /** @param {string} tool */
  take(tool) {
    this.hands.tool = tool;
    for (const made of this.tools) made.setAttribute("aria-pressed", String(made.textContent === tool));
    for (const panel of this.panels) panel.over.dataset.tool = tool;
  }

  // --- what hands do ---

  /** @param {number} row */
  open(row) {
    this.chosen = row;
    this.paintOver();
    this.parcels.send(FILM, "opened", row);
  }

  /**
   * Picks films; those of a group that is looked at alone are selected.
   * @param {Uint8Array | null} flags
   */
  pick(flags) {
    this.picked = flags?.some((flag) => flag) ? flags : null;
    this.tell();
  }

  /**
   * Looks at a group alone, and gives the hand a lasso to draw round films of it; at all, where it is the one.
   * @param {string} name
   */
  isolate(name) {
    this.within = name === this.within ? "" : name;
    if (this.within && this.hands.tool === "Move") this.take("Lasso");
    this.tell();
  }

  /** Takes off what a hand picked, else the group. */
  takeOff() {
    if (this.picked) this.pick(null);
    else this.isolate(this.within);
  }

  tell() {
    this.combine();
    this.sent += 1;
    performance.mark("film-map-selected");
    this.reorder();
    const bits = this.picked ? toBits(this.picked) : "";
    this.send("selected", { of: this.taken?.of, seq: this.sent, bits, within: this.within });
  }

  /**
   * @param {Panel} panel
   * @param {number} dx in device pixels
   * @param {number} dy in device pixels
   */
  moveBy(panel, dx, dy) {
    const scale = unit(this.view, this.layout.extent, panel.width, panel.height);
    const view = { ...this.view };
    if (this.layout.points[panel.points].dims === 3) {
      view.yaw += dx / (120 * this.ratio);
      view.pitch += dy / (120 * this.ratio);
    } else {
      view.x -= dx / scale;
      view.y += dy / scale;
    }
    this.lookAt(view);
  }

  /**
   * @param {number} by
   * @param {Panel} [panel]
   * @param {number} [x] what stays where it is
   * @param {number} [y]
   */
  zoom(by, panel = this.panels[0], x = panel.width / 2, y = panel.height / 2) {
    const view = { ...this.view, scale: Math.min(FAR, Math.max(NEAR, this.view.scale * by)) };
    const [before, after] = [this.view, view].map((one) => unit(one, this.layout.extent, panel.width, panel.height));
    const change = 1 / before - 1 / after;
    view.x += (x - panel.width / 2) * change;
    view.y -= (y - panel.height / 2) * change;
    this.lookAt(view);
  }

  /** @param {View} view */
  lookAt(view) {
    this.view = view;
    this.turned.tell(this.layout.view_key, unusual(this.camera(view), this.usualCamera(), 4));
    this.paintSoon();
  }

  /**
   * The card of the film under the pointer.
   * @param {Panel} panel
   * @param {number} row -1 for none
   */
  showCard(panel, row) {
    if (row < 0) {
      this.card.hide();
      return;
    }
    const whole = this.root.getBoundingClientRect();
    const [x, y] = this.where(row, panel);
    const { films } = this.look;
    const spot = /** @type {Spot} */ ([x - whole.left, y - whole.top]);
    this.card.show(spot, this.shadeOf(panel).wordsOf(row), films && `${films}${row}`);
  }

  /**
   * Where a film lies in the window, in pixels of the page.
   * @param {number} row
   * @param {Panel} [panel]
   * @returns {Spot}
   */
  where(row, panel = this.panels[0]) {
    const box = panel.over.getBoundingClientRect();
    return [box.left + panel.placed[2 * row] / this.ratio, box.top + panel.placed[2 * row + 1] / this.ratio];
  }
}

/** @param {import("../../shared/components/types.js").Component} component */
export default function filmMap(component) {
  const root = part(component.parentElement, ".film-map");
  const map = maps.get(root) ?? new FilmMap(root);
  maps.set(root, map);
  map.receive(component);
  return () => map.close();
}
