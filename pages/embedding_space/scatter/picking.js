// From a place on the screen to films, and from films to the text that goes to the server.

/** The film nearest to a spot, at most `reach` away; -1 where there is none. */
function nearestFilm(placed, order, x, y, reach) {
  let best = -1, least = reach * reach;
  for (let k = order.length - 1; k >= 0; k--) {
    const i = order[k], dx = placed[2 * i] - x, dy = placed[2 * i + 1] - y, far = dx * dx + dy * dy;
    if (far < least) [best, least] = [i, far];
  }
  return best;
}

function isInside(polygon, x, y) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [ax, ay] = polygon[i], [bx, by] = polygon[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** One byte a film, 1 for those that are drawn and lie in the polygon; before : films that stay selected. */
function filmsInside(placed, order, polygon, n, before) {
  const found = before ? before.slice() : new Uint8Array(n);
  const xs = polygon.map(spot => spot[0]), ys = polygon.map(spot => spot[1]);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  for (const i of order) {
    const x = placed[2 * i], y = placed[2 * i + 1];
    if (x >= left && x <= right && y >= top && y <= bottom && isInside(polygon, x, y)) found[i] = 1;
  }
  return found;
}

/** One bit a film, the first film in the lowest bit, as base64. */
function toBits(flags) {
  const bytes = new Uint8Array(Math.ceil(flags.length / 8));
  for (let i = 0; i < flags.length; i++) if (flags[i]) bytes[i >> 3] |= 1 << (i & 7);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

function fromBits(bytes, n) {
  const flags = new Uint8Array(n);
  for (let i = 0; i < n; i++) flags[i] = (bytes[i >> 3] >> (i & 7)) & 1;
  return flags;
}

/** What Python packed: a length, a JSON header, then arrays one after the other, each from a multiple of 4. */
function unpack(bytes) {
  const whole = bytes.slice(), length = new DataView(whole.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(whole.subarray(4, 4 + length)));
  const kinds = { uint8: Uint8Array, uint16: Uint16Array };
  for (const [name, kind, start, size] of header.arrays) {
    const values = new kinds[kind](whole.buffer, 4 + length + start, size);
    const [where, index] = name.split(":");
    if (where === "selection") header.selection = values;
    else header[where][Number(index)].values = values;
  }
  return header;
}
