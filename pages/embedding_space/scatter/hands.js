// Hands on a panel of the map: drag, lasso, box, click, wheel, keys, and the film under the pointer.

import { listen } from "../../shared/components/elements.js";
import { filmsInside, nearestFilm } from "./picking.js";

/**
 * @typedef {import("./map.js").FilmMap} FilmMap
 * @typedef {import("./types.js").Panel} Panel
 * @typedef {import("./types.js").Spot} Spot
 */

export class Hands {
  /** @param {FilmMap} map */
  constructor(map) {
    this.map = map;
    this.tool = "Move";
    this.hovered = -1;
    /** @type {{ x: number, y: number, startX: number, startY: number, moved: boolean } | null} */
    this.drag = null;
    /** @type {{ panel: Panel, spots: Spot[] } | null} */
    this.drawn = null; // the lasso or the box
  }

  /** @param {Panel} panel */
  listen(panel) {
    listen(panel.over, {
      pointerdown: (/** @type {PointerEvent} */ event) => this.begin(panel, event),
      pointermove: (/** @type {PointerEvent} */ event) =>
        this.drag ? this.go(panel, event) : this.hover(panel, event),
      pointerup: (/** @type {PointerEvent} */ event) => this.end(panel, event),
      pointercancel: () => this.forget(),
      pointerleave: () => this.drag || this.hoverAt(panel, -1),
      keydown: (/** @type {KeyboardEvent} */ event) => this.press(panel, event),
    });
    panel.over.addEventListener("wheel", (event) => this.turn(panel, event), { passive: false });
  }

  /**
   * Where an event is on a panel, in device pixels.
   * @param {Panel} panel
   * @param {MouseEvent} event
   * @returns {Spot}
   */
  at(panel, event) {
    const box = panel.over.getBoundingClientRect();
    return [(event.clientX - box.left) * this.map.ratio, (event.clientY - box.top) * this.map.ratio];
  }

  /**
   * @param {Panel} panel
   * @param {PointerEvent} event
   */
  begin(panel, event) {
    if (event.button !== 0) return;
    panel.over.setPointerCapture(event.pointerId);
    const [x, y] = this.at(panel, event);
    this.drag = { x, y, startX: x, startY: y, moved: false };
    if (this.tool !== "Move") this.drawn = { panel, spots: [[x, y]] };
    this.hoverAt(panel, -1);
  }

  /**
   * @param {Panel} panel
   * @param {PointerEvent} event
   */
  go(panel, event) {
    const { drag, drawn, map } = this;
    if (!drag) return;
    const [x, y] = this.at(panel, event);
    drag.moved ||= Math.hypot(x - drag.startX, y - drag.startY) > 4 * map.ratio;
    if (!drag.moved) return;
    if (this.tool === "Lasso") drawn?.spots.push([x, y]);
    else if (drawn) drawn.spots = cornersOf(drag.startX, drag.startY, x, y);
    else map.moveBy(panel, x - drag.x, y - drag.y);
    Object.assign(drag, { x, y });
    if (drawn) map.paintOver();
  }

  /**
   * @param {Panel} panel
   * @param {PointerEvent} event
   */
  end(panel, event) {
    const { drag, drawn, map } = this;
    this.forget();
    if (!drag) return;
    const { order } = map.shadeOf(panel);
    if (!drag.moved) {
      const row = nearestFilm(panel.placed, order, drag.startX, drag.startY, 10 * map.ratio);
      if (row >= 0) map.open(row);
    } else if (drawn) {
      const kept = event.shiftKey ? map.picked : null;
      map.pick(filmsInside(panel.placed, order, drawn.spots, map.n, kept));
    }
  }

  forget() {
    this.drag = null;
    this.drawn = null;
    this.map.paintOver();
  }

  /**
   * @param {Panel} panel
   * @param {WheelEvent} event
   */
  turn(panel, event) {
    event.preventDefault();
    this.map.zoom(Math.exp(-event.deltaY * 0.0016), panel, ...this.at(panel, event));
  }

  /**
   * @param {Panel} panel
   * @param {KeyboardEvent} event
   */
  press(panel, event) {
    const { map } = this;
    const step = 40 * map.ratio;
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowLeft: () => map.moveBy(panel, step, 0),
      ArrowRight: () => map.moveBy(panel, -step, 0),
      ArrowUp: () => map.moveBy(panel, 0, step),
      ArrowDown: () => map.moveBy(panel, 0, -step),
      "+": () => map.zoom(1.3),
      "=": () => map.zoom(1.3),
      "-": () => map.zoom(1 / 1.3),
      Escape: () => map.takeOff(),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(acts, event.key)) return;
    acts[event.key]();
    event.preventDefault();
  }

  /**
   * @param {Panel} panel
   * @param {PointerEvent} event
   */
  hover(panel, event) {
    if (event.pointerType === "touch") return;
    const [x, y] = this.at(panel, event);
    this.hoverAt(panel, nearestFilm(panel.placed, this.map.shadeOf(panel).order, x, y, 9 * this.map.ratio));
  }

  /**
   * @param {Panel} panel
   * @param {number} row -1 for none
   */
  hoverAt(panel, row) {
    if (row === this.hovered) return;
    this.hovered = row;
    this.map.paintOver();
    this.map.showCard(panel, row);
  }
}

/**
 * @param {number} left
 * @param {number} top
 * @param {number} right
 * @param {number} bottom
 * @returns {Spot[]}
 */
function cornersOf(left, top, right, bottom) {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}
