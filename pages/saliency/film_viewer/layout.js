// The viewer's elements: toolbar, panels, strips. Built with the DOM, so that text from files stays text.

function element(tag, properties = {}, ...children) {
  const { dataset, ...others } = properties
  const made = Object.assign(document.createElement(tag), others)
  Object.assign(made.dataset, dataset ?? {})
  made.append(...children)
  return made
}

function button(label, key, title, onclick) {
  const made = element("button", { type: "button", textContent: label, title, onclick, dataset: key ? { key } : {} })
  if (key) made.setAttribute("aria-keyshortcuts", key)
  return made
}

function slider(name, label, [low, high, step], value, oninput) {
  const input = element("input", { type: "range", name, min: low, max: high, step, value })
  input.oninput = () => oninput(Number(input.value))
  return element("label", { className: "slider" }, element("span", { textContent: label }), input)
}

function switched(made, isOn) {
  made.setAttribute("aria-pressed", String(isOn))
}

function panelElement(panel) {
  const canvas = element("canvas", { className: "film" })
  canvas.setAttribute("role", "img")
  const evidence = element("dl")
  const figure = element(
    "figure", { dataset: { panel: panel.name } },
    element("figcaption", {}, element("strong")), canvas, element("canvas", { className: "scale" }), evidence,
    element("p", { className: "words" }))
  return { figure, canvas, evidence }
}

function fillPanel(parts, panel, caption) {
  parts.figure.querySelector("strong").textContent = panel.title
  parts.figure.querySelector(".words").textContent = panel.words
  parts.canvas.setAttribute("aria-label", `${caption}: ${panel.title}`)
  parts.evidence.replaceChildren(
    ...panel.lines.flatMap(([name, value]) => [
      element("dt", { textContent: name }), element("dd", { textContent: value })]))
  parts.figure.querySelector(".scale").hidden = !panel.map
}

// The colours of a map from 0 to the top of its scale, as they look on a mid-grey film.
function paintScale(canvas, map, look, table, ink) {
  const ratio = window.devicePixelRatio || 1
  const width = canvas.clientWidth || 200, height = 26
  canvas.width = width * ratio
  canvas.height = height * ratio
  const context = canvas.getContext("2d")
  context.scale(ratio, ratio)
  drawScale(context, width, map, look, table, ink, 11)
}

// The same from (0, 0) on; size : of the letters below it, in pixels.
function drawScale(context, width, map, look, table, ink, size) {
  context.fillStyle = "#6e6e6e"
  context.fillRect(0, 0, width, 9)
  for (let x = 0; x < width; x++) {
    const [red, green, blue, alpha] = colourOf(x / (width - 1), table)
    context.fillStyle = `rgba(${red}, ${green}, ${blue}, ${(look.opacity * alpha) / 255})`
    context.fillRect(x, 0, 1, 9)
  }
  context.fillStyle = ink
  context.font = `${size}px sans-serif`
  context.textAlign = "left"
  context.fillText("0", 0, 11 + size)
  context.textAlign = "right"
  context.fillText(shortNumber(map.top), width, 11 + size)
  context.textAlign = "left"
  if (look.showContour) context.fillRect(look.contour * width - 1, 0, 2, 12)
}

function shortNumber(value) {
  return value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 10000) ? value.toExponential(1) : String(Number(value.toPrecision(3)))
}

function stripElement(strip, onpick) {
  const row = element("div", { className: "strip", dataset: { strip: strip.name } })
  for (const item of strip.items) {
    const made = element(
      "button", { type: "button", className: "thumb", title: item.label, onclick: () => onpick(strip.name, item.value) },
      element("canvas", { width: 184, height: 184 }),
      element("span", { textContent: item.label }), element("small", { textContent: item.note }))
    switched(made, item.is_chosen)
    row.append(made)
  }
  return element("section", {}, element("h4", { textContent: strip.title }), row)
}
