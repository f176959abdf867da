// The viewer itself: one state for all panels, so that they zoom, pan, window and hide together.

const WHOLE = { window: 255, level: 127.5, opacity: 0.6, contour: 0.5, radius: 20 }
const MAX_ZOOM = 24
const viewers = new WeakMap()

class Viewer {
  constructor(root) {
    this.root = root
    this.look = {
      ...WHOLE, showMap: true, showContour: false, showOutlines: true, hiddenReaders: new Set(), colours: 0 }
    this.drafts = {}
    this.tool = "pan"
    this.parts = []
    this.bar = element("div", { className: "bar" })
    this.pens = element("div", { className: "bar pens" })
    this.grid = element("div", { className: "panels" })
    this.status = element("div", { className: "status" })
    this.strips = element("div", { className: "strips" })
    this.unsaved = element("div", { className: "unsaved", role: "status" })
    root.replaceChildren(this.bar, this.pens, this.grid, this.status, this.unsaved, this.strips)
    root.onkeydown = event => this.key(event)
    new ResizeObserver(() => this.paint()).observe(this.grid)
  }

  // What is drawn and not saved: of one film, one class and one reader.
  get draft() {
    return (this.drafts[draftKey(this.scene)] ??= { shapes: [], open: null })
  }

  // Takes what Python sent; what the reader has set stays, but another film is shown whole.
  update(scene, triggers) {
    const before = this.scene
    this.scene = Object.assign(scene, { look: this.look })
    this.triggers = triggers
    if (before?.film_id !== scene.film_id) this.reset()
    if (this.sent && scene.drawing && this.sent.saved !== scene.drawing.saved) {
      delete this.drafts[this.sent.key]
      this.sent = null
    }
    if (!scene.drawing) this.tool = "pan"
    this.rewindow()
    this.buildBar()
    this.buildPens()
    this.buildPanels()
    this.buildStrips()
    this.paint()
  }

  reset() {
    this.view = { zoom: 1, x: this.scene.film.width / 2, y: this.scene.film.height / 2 }
  }

  rewindow() {
    this.scene.filmCanvas = paintedFilm(this.scene.film, this.look.window, this.look.level)
  }

  buildBar() {
    const { look } = this
    const toggle = (label, key, name, title) => {
      const made = button(label, key, `${title} (key ${key.toUpperCase()})`, () => this.toggle(name))
      switched(made, look[name])
      return made
    }
    const set = (name, after = () => {}) => value => {
      look[name] = value
      after()
      this.paint()
    }
    const maps = this.scene.panels.some(panel => panel.map)
    const colours = element("select", { title: "Colours of the maps", ariaLabel: "Colours of the maps" })
    this.scene.colour_maps.forEach((one, rank) => colours.append(element("option", { value: rank, textContent: one.title })))
    colours.value = look.colours
    colours.onchange = () => {
      look.colours = Number(colours.value)
      this.colourMaps()
      this.paint()
    }
    const rewindow = () => this.rewindow()
    this.bar.replaceChildren(
      ...(maps ? [
        toggle("Map", "m", "showMap", "Maps on or off"),
        slider("opacity", "Opacity", [0, 1, 0.05], look.opacity, set("opacity")),
        toggle("Contour", "c", "showContour", "Line at a level of the scale"),
        slider("contour", "Level", [0.05, 0.95, 0.05], look.contour, set("contour")), colours] : []),
      ...(this.scene.outlines.length ? [
        toggle("Outlines", "o", "showOutlines", "What readers drew, on or off"), ...this.readerButtons()] : []),
      slider("window", "Grey width", [8, 255, 1], look.window, set("window", rewindow)),
      slider("level", "Grey centre", [0, 255, 0.5], look.level, set("level", rewindow)),
      button("+", "+", "Closer (key +, or the wheel once the film is clicked)", () => this.zoomBy(1.5)),
      button("−", "-", "Further away (key -)", () => this.zoomBy(1 / 1.5)),
      button("Whole film", "0", "Whole film, usual greys (key 0)", () => this.restore()),
      button("PNG", "s", "Save the panels as a picture (key S)", () => this.download()))
  }

  readerButtons() {
    return this.readersHere().map((reader, rank) => {
      const made = button(reader, String(rank + 1), `Outlines of ${reader} (key ${rank + 1})`, () => this.toggleReader(reader))
      made.classList.add("reader")
      made.style.setProperty("--reader", READER_COLOURS[Math.max(this.scene.readers.indexOf(reader), 0) % READER_COLOURS.length])
      switched(made, !this.look.hiddenReaders.has(reader))
      return made
    })
  }

  readersHere() {
    return [...new Set(this.scene.outlines.map(outline => outline.reader))]
  }

  buildPens() {
    const { drawing } = this.scene
    this.pens.hidden = this.unsaved.hidden = !drawing
    if (!drawing) return
    const tools = TOOLS.map(tool => {
      const made = button(tool.title, tool.key, `${tool.title} (key ${tool.key.toUpperCase()})`, () => this.take(tool.name))
      switched(made, this.tool === tool.name)
      return made
    })
    const n = this.draft.shapes.length
    const save = button("Save marks", "", "Save what is drawn of this class", () => this.save())
    save.disabled = !n && !this.draft.open
    save.classList.add("primary")
    const back = button("Undo", "Backspace", "Take back the last point or shape (Backspace)", () => this.undo())
    back.disabled = !n && !this.draft.open
    const longest = Math.max(this.scene.film.width, this.scene.film.height)
    const size = slider("radius", "Brush size", [1, Math.round(longest / 12), 1], this.look.radius, value => (this.look.radius = value))
    const words = `${drawing.finding}, drawn by ${drawing.reader}: ${counted(n)} not saved`
    this.pens.replaceChildren(...tools, size, back, save, element("span", { className: "words", textContent: words }))
    this.unsaved.textContent = [this.refused, draftsElsewhere(this.drafts, this.scene)].filter(Boolean).join(" ")
  }

  buildPanels() {
    const names = this.scene.panels.map(panel => panel.name).join()
    if (names !== this.panelNames) {
      this.parts = this.scene.panels.map(panelElement)
      this.parts.forEach(parts => this.listen(parts.canvas))
      this.grid.replaceChildren(...this.parts.map(parts => parts.figure))
      this.panelNames = names
    }
    this.parts.forEach((parts, rank) => fillPanel(parts, this.scene.panels[rank], this.scene.caption))
    this.colourMaps()
  }

  buildStrips() {
    const pick = (strip, value) => this.triggers.setTriggerValue("pick", { strip, value })
    this.strips.replaceChildren(...this.scene.strips.map(strip => stripElement(strip, pick)))
  }

  colourMaps() {
    const { table } = this.scene.colour_maps[this.look.colours]
    for (const shown of [...this.scene.panels, ...this.scene.strips.flatMap(strip => strip.items)]) {
      if (!shown.map) continue
      shown.values = shown.values ?? sampled(shown.map, SIDE)
      shown.canvas = paintedMap(shown.map, shown.values, table)
    }
  }

  paint() {
    if (!this.scene) return
    const { table } = this.scene.colour_maps[this.look.colours]
    const ink = getComputedStyle(this.root).color
    this.parts.forEach((parts, rank) => {
      const panel = this.scene.panels[rank]
      this.paintCanvas(parts.canvas, panel)
      if (panel.map) paintScale(parts.figure.querySelector(".scale"), panel.map, this.look, table, ink)
    })
    this.paintStrips()
    this.root.dataset.zoom = this.view.zoom.toFixed(3)
    this.root.dataset.shapes = this.draft.shapes.length
    this.root.dataset.painted = this.scene.stamp
  }

  paintCanvas(canvas, panel) {
    const width = canvas.clientWidth
    if (!width) return
    const { film } = this.scene
    const height = Math.round(width * Math.min(Math.max(film.height / film.width, 0.6), 1.3))
    const ratio = window.devicePixelRatio || 1
    canvas.style.height = `${height}px`
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    const context = canvas.getContext("2d")
    context.scale(ratio, ratio)
    const at = place(film, this.view, width, height)
    paintPanel(context, width, height, at, this.scene, panel)
    paintDraft(context, at, this.draft)
    canvas.style.cursor = this.tool === "pan" ? "grab" : "crosshair"
    canvas.style.touchAction = this.tool === "pan" && this.view.zoom === 1 ? "pan-y" : "none"
  }

  paintStrips() {
    const { film, crop } = this.scene
    const view = { x: crop.left + crop.width / 2, y: crop.top + crop.height / 2 }
    const look = { ...this.look, showOutlines: false, showContour: false, showMap: true }
    const canvases = this.strips.querySelectorAll("canvas")
    this.scene.strips.flatMap(strip => strip.items).forEach((item, rank) => {
      const canvas = canvases[rank]
      const scale = canvas.width / crop.width
      const at = { scale, left: canvas.width / 2 - view.x * scale, top: canvas.height / 2 - view.y * scale }
      paintPanel(canvas.getContext("2d"), canvas.width, canvas.height, at, { ...this.scene, film, look }, item)
    })
  }

  // Pointer: what happens depends on the tool; shift or the right button sets the greys.
  listen(canvas) {
    canvas.oncontextmenu = event => event.preventDefault()
    canvas.onpointerdown = event => this.press(event, canvas)
    canvas.onpointermove = event => this.move(event, canvas)
    canvas.onpointerup = canvas.onpointercancel = event => this.release(event)
    canvas.ondblclick = () => this.doubleClick()
    canvas.onpointerleave = () => (this.status.textContent = "")
    canvas.addEventListener("wheel", event => this.wheel(event, canvas), { passive: false })
  }

  // Original pixels below the pointer.
  point(event, canvas) {
    const box = canvas.getBoundingClientRect()
    const at = place(this.scene.film, this.view, box.width, box.height)
    return [(event.clientX - box.left - at.left) / at.scale, (event.clientY - box.top - at.top) / at.scale]
  }

  press(event, canvas) {
    this.root.focus({ preventScroll: true })
    canvas.setPointerCapture(event.pointerId)
    const greys = event.button === 2 || event.shiftKey
    this.drag = { x: event.clientX, y: event.clientY, kind: greys ? "greys" : this.tool, window: this.look.window, level: this.look.level }
    if (greys || this.tool === "pan") return
    this.refused = ""
    beginShape(this.draft, this.tool, onFilm(this.scene.film, this.point(event, canvas)), this.look.radius)
    this.paint()
    this.buildPens()
  }

  move(event, canvas) {
    const point = this.point(event, canvas)
    this.tell(point, canvas)
    if (!this.drag) return
    const dx = event.clientX - this.drag.x, dy = event.clientY - this.drag.y
    if (this.drag.kind === "greys") this.setGreys(this.drag.window + dx, this.drag.level + dy)
    else if (this.drag.kind === "pan") this.panBy(dx, dy, event, canvas)
    else continueShape(this.draft, onFilm(this.scene.film, point))
    this.paint()
  }

  release() {
    const kind = this.drag?.kind
    this.drag = null
    if (["box", "brush", "eraser"].includes(kind)) this.closeShape()
    if (kind === "greys") this.buildBar()
  }

  doubleClick() {
    if (this.tool === "pan") return this.zoomBy(2)
    if (this.tool !== "polygon" || !this.draft.open) return
    this.draft.open.points.pop() // the second click of the two
    this.closeShape()
  }

  wheel(event, canvas) {
    if (!event.ctrlKey && this.root.getRootNode().activeElement !== this.root) return
    event.preventDefault()
    this.zoomBy(Math.exp(-event.deltaY / 400), this.point(event, canvas))
  }

  panBy(dx, dy, event, canvas) {
    const { scale } = place(this.scene.film, this.view, canvas.clientWidth, canvas.clientHeight)
    this.centre(this.view.x - dx / scale, this.view.y - dy / scale)
    Object.assign(this.drag, { x: event.clientX, y: event.clientY })
  }

  centre(x, y) {
    ;[this.view.x, this.view.y] = onFilm(this.scene.film, [x, y])
  }

  // What is under `point` stays there.
  zoomBy(factor, point = [this.view.x, this.view.y]) {
    const zoom = Math.min(Math.max(this.view.zoom * factor, 1), MAX_ZOOM)
    const kept = this.view.zoom / zoom
    this.view.zoom = zoom
    if (zoom === 1) this.reset()
    else this.centre(point[0] + (this.view.x - point[0]) * kept, point[1] + (this.view.y - point[1]) * kept)
    this.paint()
  }

  setGreys(width, centre) {
    this.look.window = Math.min(Math.max(width, 8), 255)
    this.look.level = Math.min(Math.max(centre, 0), 255)
    this.rewindow()
  }

  tell([x, y], canvas) {
    const { film, crop } = this.scene
    const inside = x >= 0 && y >= 0 && x < film.width && y < film.height
    if (!inside) return (this.status.textContent = "")
    const column = Math.floor((x / film.width) * film.columns), row = Math.floor((y / film.height) * film.rows)
    const said = [`column ${Math.floor(x)}, row ${Math.floor(y)}`, `grey ${film.grey[row * film.columns + column]}`]
    const panel = this.scene.panels[this.parts.findIndex(parts => parts.canvas === canvas)]
    const [u, v] = [(x - crop.left) / crop.width, (y - crop.top) / crop.height]
    const seen = u >= 0 && v >= 0 && u < 1 && v < 1
    if (panel?.map) said.push(seen ? `map ${shortNumber(valueAt(panel.map, u, v))}` : "map undefined: not seen by the model")
    this.status.textContent = said.join(" · ")
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || ["INPUT", "SELECT"].includes(event.target.tagName)) return
    const action = this.actions(event.key)
    if (!action) return
    event.preventDefault()
    action()
  }

  actions(key) {
    const tool = this.scene.drawing && TOOLS.find(one => one.key === key.toLowerCase())
    if (tool) return () => this.take(tool.name)
    const reader = this.readersHere()[Number(key) - 1]
    if (reader) return () => this.toggleReader(reader)
    return {
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      m: () => this.toggle("showMap"),
      c: () => this.toggle("showContour"),
      o: () => this.toggle("showOutlines"),
      "+": () => this.zoomBy(1.5),
      "-": () => this.zoomBy(1 / 1.5),
      0: () => this.restore(),
      s: () => this.download(),
      ...(this.scene.drawing && { Enter: () => this.closeShape(), Escape: () => this.cancel(), Backspace: () => this.undo() }),
    }[key.length === 1 ? key.toLowerCase() : key]
  }

  step(by) {
    if (this.scene.can_step[by < 0 ? 0 : 1]) this.triggers.setTriggerValue("step", by)
  }

  toggle(name) {
    this.look[name] = !this.look[name]
    this.buildBar()
    this.paint()
  }

  toggleReader(reader) {
    const { hiddenReaders } = this.look
    if (!hiddenReaders.delete(reader)) hiddenReaders.add(reader)
    this.buildBar()
    this.paint()
  }

  restore() {
    this.reset()
    this.setGreys(WHOLE.window, WHOLE.level)
    this.buildBar()
    this.paint()
  }

  take(tool) {
    this.draft.open = null
    this.tool = tool
    this.buildPens()
    this.paint()
  }

  closeShape() {
    endShape(this.draft)
    this.buildPens()
    this.paint()
  }

  cancel() {
    this.draft.open = null
    this.buildPens()
    this.paint()
  }

  undo() {
    this.refused = ""
    undo(this.draft)
    this.buildPens()
    this.paint()
  }

  // An open polygon is closed and saved with the rest; one that encloses nothing is refused, in words.
  save() {
    const { film_id, drawing } = this.scene
    const { open } = this.draft
    this.refused = open?.kind === "polygon" && open.points.length < 3
      ? "Not saved: the polygon that is begun needs three points or more. Go on, or take it back." : ""
    if (!this.refused) {
      if (open) endShape(this.draft)
      this.sent = { key: draftKey(this.scene), saved: drawing.saved }
      const { finding, reader } = drawing
      this.triggers.setTriggerValue("marks", { film: film_id, finding, reader, shapes: this.draft.shapes })
    }
    this.buildPens()
    this.paint()
  }

  download() {
    const { table } = this.scene.colour_maps[this.look.colours]
    pictureOf(this.scene, this.view, table).toBlob(blob => {
      const link = element("a", { href: URL.createObjectURL(blob), download: `${this.scene.film_id}.png` })
      link.click()
      setTimeout(() => URL.revokeObjectURL(link.href), 1000)
    })
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".viewer")
  if (!viewers.has(root)) viewers.set(root, new Viewer(root))
  viewers.get(root).update(decode(data), { setTriggerValue })
}
