// From what Python sent to what can be painted: the header, raw pixels, raw maps, their values between patches.

function decode(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  const content = bytes.slice(4 + length) // a copy of its own, so that floats begin at a multiple of four
  const mapOf = map =>
    map && { ...map, values: new Float32Array(content.buffer, map.at, map.rows * map.columns) }
  header.film.grey = content.subarray(header.film.at, header.film.at + header.film.rows * header.film.columns)
  for (const panel of header.panels) panel.map = mapOf(panel.map)
  for (const strip of header.strips) for (const item of strip.items) item.map = mapOf(item.map)
  for (const colours of header.colour_maps) colours.table = content.subarray(colours.at, colours.at + 768)
  return header
}

// The value of a map at (u, v), each 0..1 across the crop: bilinear between the centres of patches, constant from the
// outermost centres to the edge.
function valueAt(map, u, v) {
  const x = Math.min(Math.max(u * map.columns - 0.5, 0), map.columns - 1)
  const y = Math.min(Math.max(v * map.rows - 0.5, 0), map.rows - 1)
  const left = Math.floor(x), top = Math.floor(y)
  const right = Math.min(left + 1, map.columns - 1), bottom = Math.min(top + 1, map.rows - 1)
  const at = (row, column) => map.values[row * map.columns + column]
  const upper = at(top, left) + (at(top, right) - at(top, left)) * (x - left)
  const lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * (x - left)
  return upper + (lower - upper) * (y - top)
}

// A map sampled at the centres of side x side cells of the crop.
function sampled(map, side) {
  const values = new Float32Array(side * side)
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      values[row * side + column] = valueAt(map, (column + 0.5) / side, (row + 0.5) / side)
  return values
}

// Marching squares: the pieces [x0, y0, x1, y1] of the line where a sampled map equals a level, in 0..1 of the crop.
function contourOf(values, side, level) {
  const pieces = []
  const between = (a, b) => (level - a) / (b - a)
  for (let row = 0; row + 1 < side; row++)
    for (let column = 0; column + 1 < side; column++) {
      const at = row * side + column
      const a = values[at], b = values[at + 1], c = values[at + side + 1], d = values[at + side]
      const above = [a >= level, b >= level, c >= level, d >= level]
      const ends = []
      if (above[0] !== above[1]) ends.push([column + between(a, b), row])
      if (above[1] !== above[2]) ends.push([column + 1, row + between(b, c)])
      if (above[2] !== above[3]) ends.push([column + between(d, c), row + 1])
      if (above[3] !== above[0]) ends.push([column, row + between(a, d)])
      for (let end = 0; end + 1 < ends.length; end += 2)
        pieces.push([...ends[end], ...ends[end + 1]].map(value => (value + 0.5) / side))
    }
  return pieces
}
