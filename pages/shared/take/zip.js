// Files as one ZIP, stored as they are: pictures are packed already. (PKWARE's APPNOTE 6.3.10; no ZIP64.)

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});
const VERSION = 20;
const UTF8 = 0x0800;
const THE_FIRST = 0x0021; // 1 January 1980, the earliest day that there is: no time is told

/** @param {Uint8Array} bytes */
export function crc32(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = TABLE[(rest ^ byte) & 0xff] ^ (rest >>> 8);
  return (rest ^ 0xffffffff) >>> 0;
}

/**
 * @param {{ name: string, bytes: Uint8Array<ArrayBuffer> }[]} files
 * @returns {Uint8Array<ArrayBuffer>[]} the parts of the ZIP, one after the other
 */
export function zipOf(files) {
  const parts = [];
  const listed = [];
  let at = 0;
  for (const { name, bytes } of files) {
    const title = new TextEncoder().encode(name);
    const shared = [
      2,
      UTF8,
      2,
      0,
      2,
      0,
      2,
      THE_FIRST,
      4,
      crc32(bytes),
      4,
      bytes.length,
      4,
      bytes.length,
      2,
      title.length,
    ];
    const head = numbers([4, 0x04034b50, 2, VERSION, ...shared, 2, 0]);
    listed.push(
      numbers([4, 0x02014b50, 2, VERSION, 2, VERSION, ...shared, 2, 0, 2, 0, 2, 0, 2, 0, 4, 0, 4, at]),
      title,
    );
    parts.push(head, title, bytes);
    at += head.length + title.length + bytes.length;
  }
  const size = listed.reduce((sum, part) => sum + part.length, 0);
  const end = numbers([4, 0x06054b50, 2, 0, 2, 0, 2, files.length, 2, files.length, 4, size, 4, at, 2, 0]);
  return [...parts, ...listed, end];
}

/**
 * Whole numbers, the lowest byte first.
 * @param {number[]} told how many bytes, and the number, in turn
 */
function numbers(told) {
  const bytes = [];
  for (let place = 0; place < told.length; place += 2) {
    for (let byte = 0; byte < told[place]; byte += 1) bytes.push((told[place + 1] >>> (8 * byte)) & 0xff);
  }
  return Uint8Array.from(bytes);
}
