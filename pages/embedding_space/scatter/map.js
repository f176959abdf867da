// The map of films: panels that share one view, one selection and one chosen film.
// Python sends everything in one block of bytes; the map sends back what was opened and what was selected.

const TOO_MANY = 60000; // films in view, beyond which cells stand for markers
const FAR = 60, NEAR = 0.6; // most and least magnification
const TOOLS = ["Move", "Lasso", "Box"];
const RING = "#e5226b";
const maps = new WeakMap();
const views = new Map(); // where each map was looked at, for when its page is opened again

export default function (component) {
  const root = component.parentElement.querySelector(".film-map");
  if (!root || !component.data) return;
  if (!maps.has(root)) maps.set(root, new FilmMap(root));
  const map = maps.get(root);
  map.update(component);
  return () => map.close();
}

class FilmMap {
  constructor(root) {
    this.root = root;
    this.part = name => root.querySelector(name);
    this.tool = "Move";
    this.sent = 0;
    this.selected = null;
    this.hovered = -1;
    this.frames = [];
    this.known = new Map();
    this.panels = [];
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(root);
    root.filmMap = this; // for the tests of this project: where(row), frames
    this.makeTools();
  }

  close() {
    this.watcher.disconnect();
  }

  update(component) {
    this.send = component.setTriggerValue;
    const before = this.data && this.data.view_key;
    this.data = unpack(component.data);
    const { n, selection, seq, view_key } = this.data;
    if (before !== view_key) this.view = views.get(view_key) || this.wholeView();
    if (seq >= this.sent) {
      this.sent = seq;
      this.selected = selection ? fromBits(selection, n) : null;
    }
    this.makePanels();
    this.recolour();
    this.resize();
  }

  wholeView() {
    const [width, height] = this.data.extent;
    return { x: width / 2, y: height / 2, scale: 0.93, yaw: 0.6, pitch: 0.35 };
  }

  // --- what is drawn ---

  recolour() {
    const style = getComputedStyle(this.root), colour = text => this.colour(text);
    this.ground = colour(style.getPropertyValue("--st-background-color") || "#ffffff");
    this.ink = style.getPropertyValue("--st-text-color") || "#000000";
    this.grey = colour("#8291a1");
    this.radius = this.data.n > 20000 ? 1.7 : this.data.n > 5000 ? 2.4 : 3.2;
    for (const colours of this.data.colours) {
      if (colours.kind === "scale") {
        const steps = colours.stops.map(colour);
        colours.palette = Array.from({ length: UNDEFINED }, (_, value) => between(steps, value / (UNDEFINED - 1)));
      } else for (const group of colours.groups) group.rgb = colour(group.colour);
      colours.order = drawingOrder(colours, this.data.n, this.selected);
      colours.stamps = new Map();
    }
    this.makeLegend();
    this.paintSoon();
  }

  colour(text) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.fillStyle = text.trim();
    return [1, 3, 5].map(at => parseInt(pen.fillStyle.slice(at, at + 2), 16));
  }

  reorder() {
    for (const colours of this.data.colours) colours.order = drawingOrder(colours, this.data.n, this.selected);
    this.paintSoon();
  }

  stampOf(colours, row) {
    const code = colours.values[row], dim = this.selected && !this.selected[row];
    const key = 2 * code + (dim ? 1 : 0);
    if (!colours.stamps.has(key)) colours.stamps.set(key, this.newStamp(colours, code, dim));
    return colours.stamps.get(key);
  }

  newStamp(colours, code, dim) {
    const size = this.radius * this.ratio;
    if (colours.kind === "scale") {
      const there = code !== UNDEFINED;
      return makeStamp([there ? colours.palette[code] : this.grey], "circle", size * (there ? 1 : 0.7), dim ? 0.13 : 0.9);
    }
    const groups = colours.groups.filter((_, index) => code & (1 << index)), ground = groups.every(group => group.ground);
    const shape = groups.length > 1 ? "circle" : groups[0].shape;
    const radius = size * (ground ? 0.72 : groups.length > 1 ? 1.35 : 1.1);
    return makeStamp(groups.map(group => group.rgb), shape, radius, dim ? 0.13 : ground ? 0.5 : 0.92);
  }

  paintSoon() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.paint();
    });
  }

  paint() {
    if (!this.ratio || !this.panels.length) return;
    let dense = false, shown = 0;
    for (const panel of this.panels) {
      const { base, width, height } = panel, context = base.getContext("2d", { alpha: false });
      const picture = panel.picture || (panel.picture = context.createImageData(width, height));
      new Uint32Array(picture.data.buffer).fill(
        (255 << 24) | (this.ground[2] << 16) | (this.ground[1] << 8) | this.ground[0],
      );
      const points = this.data.points[panel.points], colours = this.data.colours[panel.colours], { order } = colours;
      panel.placed = place(points, this.data.n, this.view, this.data.extent, width, height, panel.placed);
      panel.inView = countInView(panel.placed, order, width, height);
      panel.dense = panel.inView > TOO_MANY;
      dense = dense || panel.dense;
      shown = Math.max(shown, order.length);
      const [data, side] = [picture.data, Math.round(CELL * this.ratio)];
      if (panel.dense) drawDensity(data, width, height, panel.placed, order, colours, this.selected, side, this.grey);
      else drawPoints(data, width, height, panel.placed, order, row => this.stampOf(colours, row));
      context.putImageData(picture, 0, 0);
    }
    this.paintOver();
    this.saySo(dense, shown);
    if (!this.frames.length) performance.mark("film-map-painted");
    this.frames.push(performance.now());
    if (this.frames.length > 2000) this.frames.splice(0, 1000);
    this.root.dataset.painted = String(this.data.n);
    this.root.dataset.drawnAs = dense ? "density" : "points";
  }

  paintOver() {
    for (const panel of this.panels) {
      const context = panel.over.getContext("2d");
      context.clearRect(0, 0, panel.width, panel.height);
      const marks = this.data.marks.filter(mark => mark.panel === panel.index);
      drawMarks(context, marks, (x, y) => this.spot(panel, x, y), this.ratio, this.ink, cssOf(this.ground));
      if (this.data.chosen >= 0) this.ring(context, panel, this.data.chosen, 9, 3, RING);
      if (this.hovered >= 0) this.ring(context, panel, this.hovered, 7, 2, this.ink);
      if (this.drawn && this.drawn.panel === panel) this.outline(context, this.drawn.spots);
    }
  }

  spot(panel, x, y) {
    const scale = unit(this.view, this.data.extent, panel.width, panel.height);
    return [panel.width / 2 + (x - this.view.x) * scale, panel.height / 2 - (y - this.view.y) * scale];
  }

  ring(context, panel, row, radius, wide, colour) {
    context.beginPath();
    context.arc(panel.placed[2 * row], panel.placed[2 * row + 1], radius * this.ratio, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = wide * this.ratio;
    context.stroke();
  }

  outline(context, spots) {
    context.beginPath();
    spots.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.strokeStyle = this.ink;
    context.setLineDash([5 * this.ratio, 4 * this.ratio]);
    context.lineWidth = 1.5 * this.ratio;
    context.stroke();
    context.setLineDash([]);
  }

  saySo(dense, shown) {
    const count = value => value.toLocaleString("en");
    const films = shown === this.data.n ? `All ${count(shown)} films` : `${count(shown)} of ${count(this.data.n)} films`;
    const how = dense
      ? `${films}, as cells of ${CELL} pixels: the colour of a cell's most frequent group, stronger with more films. ` +
        `Zoom in to fewer than ${count(TOO_MANY)} films in view for one point a film.`
      : `${films}, one point a film; none is sampled.`;
    const number = this.selected ? this.selected.reduce((sum, flag) => sum + flag, 0) : 0;
    this.part(".foot").textContent = number ? `${how} ${count(number)} selected.` : how;
    this.part(".tools [data-act=clear]").disabled = !number;
  }

  // --- panels, tools, legend ---

  makePanels() {
    const holder = this.part(".panels"), wanted = this.data.panels;
    while (this.panels.length > wanted.length) this.panels.pop().box.remove();
    while (this.panels.length < wanted.length) this.panels.push(this.newPanel(holder, this.panels.length));
    this.panels.forEach((panel, index) => {
      Object.assign(panel, wanted[index], { index });
      panel.name.textContent = wanted[index].title;
      panel.name.hidden = !wanted[index].title;
      const note = document.createElement("small");
      note.textContent = wanted[index].note ? ` ${wanted[index].note}` : "";
      panel.name.append(note);
      panel.over.setAttribute("aria-label", `Map of ${this.data.n} films. ${wanted[index].title} ${this.data.about}`);
    });
  }

  newPanel(holder, index) {
    const make = (kind, name, parent) => {
      const made = document.createElement(kind);
      made.className = name;
      parent.append(made);
      return made;
    };
    const box = make("div", "panel", holder), name = make("p", "title", box), frame = make("div", "frame", box);
    const panel = { index, box, name, frame, base: make("canvas", "base", frame), over: make("canvas", "over", frame) };
    panel.over.tabIndex = 0;
    panel.over.setAttribute("role", "img");
    panel.over.dataset.tool = this.tool;
    this.listen(panel);
    return panel;
  }

  resize() {
    if (!this.data) return;
    const wide = this.root.clientWidth, number = this.panels.length;
    if (!wide) return;
    const least = this.data.min_width, columns = Math.max(1, Math.min(number, Math.floor((wide + 8) / (least + 8))));
    this.part(".panels").style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    const across = (wide - 8 * (columns - 1)) / columns - 2, ratio = Math.min(2, window.devicePixelRatio || 1);
    const [east, north] = this.data.extent, shape = Math.min(0.95, Math.max(0.62, north / east + 0.04));
    const high = Math.round(Math.max(220, Math.min(this.data.height, across * (number > 1 ? shape : 0.95))));
    for (const panel of this.panels) {
      const width = Math.round(across * ratio), height = Math.round(high * ratio);
      panel.frame.style.height = `${high}px`;
      if (panel.width === width && panel.height === height && panel.placed.length === 2 * this.data.n) continue;
      Object.assign(panel, { width, height, picture: null, placed: new Float32Array(2 * this.data.n) });
      for (const canvas of [panel.base, panel.over]) Object.assign(canvas, { width, height });
    }
    if (this.ratio !== ratio) for (const colours of this.data.colours) colours.stamps.clear();
    this.ratio = ratio;
    this.paintSoon();
  }

  makeTools() {
    const holder = this.part(".tools");
    const button = (text, about, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = text;
      made.title = about;
      made.setAttribute("aria-label", about);
      made.onclick = act;
      holder.append(made);
      return made;
    };
    const about = {
      Move: "Move: drag to move the map",
      Lasso: "Lasso: draw round films to select them; with Shift, to add them",
      Box: "Box: drag a box over films to select them; with Shift, to add them",
    };
    for (const tool of TOOLS) button(tool, about[tool], () => this.take(tool)).dataset.tool = tool;
    button("+", "Zoom in", () => this.zoom(1.5));
    button("−", "Zoom out", () => this.zoom(1 / 1.5));
    button("Whole map", "Show the whole map", () => this.lookAt(this.wholeView()));
    button("Clear", "Clear the selection", () => this.select(null)).dataset.act = "clear";
    this.take(this.tool);
  }

  take(tool) {
    this.tool = tool;
    for (const made of this.root.querySelectorAll(".tools [data-tool]")) {
      made.setAttribute("aria-pressed", String(made.dataset.tool === tool));
    }
    for (const panel of this.panels) panel.over.dataset.tool = tool;
  }

  makeLegend() {
    const holder = this.part(".legend"), colours = this.data.colours[0];
    holder.replaceChildren();
    const entry = (...parts) => {
      const made = document.createElement("span");
      made.append(...parts);
      holder.append(made);
    };
    if (colours.kind === "scale") {
      const bar = document.createElement("i");
      bar.className = "scale";
      bar.style.background = `linear-gradient(to right, ${colours.stops.join(", ")})`;
      entry(`${colours.title}: ${colours.low}`, bar, colours.high);
      if (colours.undefined) entry(this.sample([this.grey], "circle"), `no value (${colours.undefined})`);
      return;
    }
    for (const group of this.data.legend || colours.groups) {
      entry(this.sample([this.colour(group.colour)], group.shape), group.title);
    }
    if (colours.shares) {
      const two = colours.groups.filter(group => !group.ground).slice(0, 2).map(group => group.rgb);
      entry(this.sample(two, "circle"), "several: a slice of each colour");
    }
  }

  sample(rgb, shape) {
    const made = document.createElement("canvas"), stamp = makeStamp(rgb, shape, 5.5, 1);
    made.width = made.height = stamp.side;
    made.getContext("2d").putImageData(new ImageData(stamp.pixels, stamp.side, stamp.side), 0, 0);
    return made;
  }

  // --- hands on the map ---

  listen(panel) {
    const over = panel.over;
    over.onpointerdown = event => this.begin(panel, event);
    over.onpointermove = event => (this.drag ? this.go(panel, event) : this.hover(panel, event));
    over.onpointerup = event => this.end(panel, event);
    over.onpointercancel = () => this.forget();
    over.onpointerleave = () => this.drag || this.hoverAt(-1);
    over.onwheel = event => {
      event.preventDefault();
      const [x, y] = this.at(panel, event);
      this.zoom(Math.exp(-event.deltaY * 0.0016), panel, x, y);
    };
    over.onkeydown = event => this.press(panel, event);
  }

  at(panel, event) {
    const box = panel.over.getBoundingClientRect();
    return [(event.clientX - box.left) * this.ratio, (event.clientY - box.top) * this.ratio];
  }

  begin(panel, event) {
    if (event.button !== 0) return;
    panel.over.setPointerCapture(event.pointerId);
    const [x, y] = this.at(panel, event);
    this.drag = { x, y, startX: x, startY: y, moved: false };
    if (this.tool !== "Move") this.drawn = { panel, spots: [[x, y]] };
    this.hoverAt(-1);
  }

  go(panel, event) {
    const [x, y] = this.at(panel, event), drag = this.drag;
    drag.moved = drag.moved || Math.hypot(x - drag.startX, y - drag.startY) > 4 * this.ratio;
    if (!drag.moved) return;
    if (this.tool === "Move") this.moveBy(panel, x - drag.x, y - drag.y);
    else if (this.tool === "Lasso") this.drawn.spots.push([x, y]);
    else this.drawn.spots = [[drag.startX, drag.startY], [x, drag.startY], [x, y], [drag.startX, y]];
    Object.assign(drag, { x, y });
    if (this.tool !== "Move") this.paintOver();
  }

  end(panel, event) {
    const { drag, drawn } = this;
    this.forget();
    if (!drag) return;
    const order = this.data.colours[panel.colours].order;
    if (!drag.moved) {
      const row = nearestFilm(panel.placed, order, drag.startX, drag.startY, 10 * this.ratio);
      if (row >= 0) this.open(row);
    } else if (drawn) {
      const before = event.shiftKey ? this.selected : null;
      this.select(filmsInside(panel.placed, order, drawn.spots, this.data.n, before));
    }
  }

  forget() {
    this.drag = this.drawn = null;
    this.paintOver();
  }

  open(row) {
    this.data.chosen = row;
    this.paintOver();
    this.send("opened", row);
  }

  select(flags) {
    this.selected = flags && flags.some(flag => flag) ? flags : null;
    this.sent += 1;
    performance.mark("film-map-selected");
    this.reorder();
    this.send("selected", { seq: this.sent, bits: this.selected ? toBits(this.selected) : "" });
  }

  moveBy(panel, dx, dy) {
    const scale = unit(this.view, this.data.extent, panel.width, panel.height), view = { ...this.view };
    if (this.data.points[panel.points].dims === 3) {
      view.yaw += dx / (120 * this.ratio);
      view.pitch += dy / (120 * this.ratio);
    } else {
      view.x -= dx / scale;
      view.y += dy / scale;
    }
    this.lookAt(view);
  }

  zoom(by, panel = this.panels[0], x = panel.width / 2, y = panel.height / 2) {
    const view = { ...this.view, scale: Math.min(FAR, Math.max(NEAR, this.view.scale * by)) };
    const [before, after] = [this.view, view].map(one => unit(one, this.data.extent, panel.width, panel.height));
    const change = 1 / before - 1 / after;
    view.x += (x - panel.width / 2) * change;
    view.y -= (y - panel.height / 2) * change;
    this.lookAt(view);
  }

  lookAt(view) {
    this.view = view;
    views.set(this.data.view_key, view);
    this.paintSoon();
  }

  press(panel, event) {
    const step = 40 * this.ratio;
    const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (moves[event.key]) this.moveBy(panel, ...moves[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoom(1.3);
    else if (event.key === "-") this.zoom(1 / 1.3);
    else if (event.key === "Escape") this.select(null);
    else return;
    event.preventDefault();
  }

  // --- the film under the pointer ---

  hover(panel, event) {
    if (event.pointerType === "touch") return;
    const [x, y] = this.at(panel, event);
    const row = nearestFilm(panel.placed, this.data.colours[panel.colours].order, x, y, 9 * this.ratio);
    this.hoverAt(row, panel);
  }

  hoverAt(row, panel) {
    if (row === this.hovered) return;
    this.hovered = row;
    this.paintOver();
    const card = this.part(".card");
    card.hidden = row < 0;
    clearTimeout(this.asking);
    if (row < 0) return;
    this.fill(card, this.known.get(row) || { title: this.groupsOf(panel, row) });
    this.beside(card, panel, row);
    if (!this.data.films || this.known.has(row)) return;
    this.asking = setTimeout(() => this.ask(card, panel, row), 40);
  }

  groupsOf(panel, row) {
    const colours = this.data.colours[panel.colours], code = colours.values[row];
    if (colours.kind === "scale") return "";
    return colours.groups.filter((_, index) => code & (1 << index)).map(group => group.title.replace(/ \([\d,]+\)$/, "")).join(", ");
  }

  async ask(card, panel, row) {
    const answer = await fetch(`${this.data.films}${row}`);
    if (!answer.ok) return;
    const film = await answer.json();
    if (this.known.size > 500) this.known.clear();
    this.known.set(row, film);
    if (this.hovered !== row) return;
    this.fill(card, film);
    this.beside(card, panel, row);
  }

  fill(card, film) {
    const make = (kind, text, parent = card) => {
      const made = document.createElement(kind);
      made.textContent = text;
      parent.append(made);
      return made;
    };
    card.replaceChildren();
    make("b", film.title);
    if (film.picture) Object.assign(make("img", ""), { src: film.picture, alt: film.title });
    if (film.findings) make("div", film.findings);
    if (!film.scores || !film.scores.rows.length) return;
    const table = make("table", "");
    for (const [kind, cells] of [["th", film.scores.heads], ...film.scores.rows.map(row => ["td", row])]) {
      const line = make("tr", "", table);
      for (const cell of cells) make(kind, cell, line);
    }
  }

  beside(card, panel, row) {
    const whole = this.root.getBoundingClientRect(), frame = panel.frame.getBoundingClientRect();
    const x = frame.left - whole.left + panel.placed[2 * row] / this.ratio;
    const y = frame.top - whole.top + panel.placed[2 * row + 1] / this.ratio;
    const left = x + 16 + card.offsetWidth > whole.width ? x - 16 - card.offsetWidth : x + 16;
    card.style.left = `${Math.max(0, left)}px`;
    const lowest = Math.min(whole.height, window.innerHeight - whole.top - 6) - card.offsetHeight;
    card.style.top = `${Math.max(0, -whole.top, Math.min(y - 20, lowest))}px`;
  }

  /** Where a film lies in the window, in pixels of the page. */
  where(row, panel = this.panels[0]) {
    const box = panel.over.getBoundingClientRect();
    return [box.left + panel.placed[2 * row] / this.ratio, box.top + panel.placed[2 * row + 1] / this.ratio];
  }
}

function between(steps, share) {
  const at = share * (steps.length - 1), low = Math.min(steps.length - 2, Math.floor(at)), rest = at - low;
  return steps[low].map((value, index) => value + (steps[low + 1][index] - value) * rest);
}

function cssOf(rgb) {
  return `rgb(${rgb.join(", ")})`;
}
