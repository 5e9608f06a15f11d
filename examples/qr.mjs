// Draws a QR code into every element with data-qr: what a payer scans is the
// order_url. The shops serve this file as it is; only a browser runs it.

// Of the sizes 1 to 20 at error correction level L: bytes of error correction
// per block, and blocks.
const ECC = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28];
const BLOCKS = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8];
const MASKS = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2, (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

// Of a size, how many bytes fit, error correction included.
function capacity(version) {
  let bits = (16 * version + 128) * version + 64;
  if (version > 1) {
    const marks = Math.floor(version / 7) + 2;
    bits -= (25 * marks - 10) * marks - 55;
    if (version > 6) bits -= 36;
  }
  return Math.floor(bits / 8);
}

// The product of two elements of the field of 256.
function times(a, b) {
  let z = 0;
  for (let i = 7; i >= 0; i--) z = (z << 1) ^ ((z >> 7) * 0x11d) ^ (((b >> i) & 1) * a);
  return z;
}

function remainder(data, length) {
  const divisor = new Array(length).fill(0);
  divisor[length - 1] = 1;
  for (let i = 0, root = 1; i < length; i++, root = times(root, 2)) {
    for (let j = 0; j < length; j++) divisor[j] = times(divisor[j], root) ^ (divisor[j + 1] ?? 0);
  }
  const rest = new Array(length).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((d, i) => (rest[i] ^= times(d, factor)));
  }
  return rest;
}

// The bytes of a text with their error correction, in the order of drawing.
function codewords(text, version) {
  const bytes = [...new TextEncoder().encode(text)];
  const room = capacity(version) - ECC[version - 1] * BLOCKS[version - 1];
  let bits = "0100" + bytes.length.toString(2).padStart(version < 10 ? 8 : 16, "0");
  bits += bytes.map((b) => b.toString(2).padStart(8, "0")).join("") + "0000";
  const data = bits.slice(0, room * 8).match(/.{1,8}/g).map((b) => parseInt(b.padEnd(8, "0"), 2));
  for (let pad = 0xec; data.length < room; pad ^= 0xec ^ 0x11) data.push(pad);

  const blocks = [], count = BLOCKS[version - 1], short = Math.floor(room / count);
  for (let i = 0, at = 0; i < count; i++) {
    const length = short + (i >= count - (room % count) ? 1 : 0);
    blocks.push(data.slice(at, (at += length)));
  }
  const checks = blocks.map((block) => remainder(block, ECC[version - 1]));
  const woven = (rows) => rows.at(-1).flatMap((_, i) => rows.map((row) => row[i]).filter((b) => b !== undefined));
  return [...woven(blocks), ...woven(checks)];
}

// qr returns the rows of a code, true where it is dark.
export function qr(text, mask = 0) {
  const length = new TextEncoder().encode(text).length;
  let version = 1;
  const fits = (v) => length + (v < 10 ? 2 : 3) <= capacity(v) - ECC[v - 1] * BLOCKS[v - 1];
  while (version <= 20 && !fits(version)) version++;
  if (version > 20) throw new Error("too long for a QR code: " + length + " bytes");
  const size = version * 4 + 17;
  const dark = Array.from({ length: size }, () => new Array(size)); // undefined where data will go
  const set = (x, y, v) => { if (y >= 0 && y < size && x >= 0 && x < size) dark[y][x] = Boolean(v); };

  // What does not depend on the data: finders, alignment, timing, version, format.
  const marks = [];
  if (version > 1) {
    const n = Math.floor(version / 7) + 2, step = Math.ceil((version * 4 + 4) / (n * 2 - 2)) * 2;
    for (let i = 0, at = size - 7; i < n - 1; i++, at -= step) marks.unshift(at);
    marks.unshift(6);
  }
  for (let i = 0; i < size; i++) set(6, i, i % 2 === 0), set(i, 6, i % 2 === 0);
  const finder = (cx, cy) => {
    for (let y = -4; y <= 4; y++) for (let x = -4; x <= 4; x++) {
      const ring = Math.max(Math.abs(x), Math.abs(y));
      set(cx + x, cy + y, ring !== 2 && ring !== 4);
    }
  };
  finder(3, 3), finder(size - 4, 3), finder(3, size - 4);
  const last = marks.length - 1;
  marks.forEach((cy, i) => marks.forEach((cx, j) => {
    if ((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)) return;
    for (let y = -2; y <= 2; y++) for (let x = -2; x <= 2; x++) set(cx + x, cy + y, Math.max(Math.abs(x), Math.abs(y)) !== 1);
  }));
  if (version > 6) {
    let rest = version;
    for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    const bits = (version << 12) | rest;
    for (let i = 0; i < 18; i++) {
      const a = size - 11 + (i % 3), b = Math.floor(i / 3);
      set(a, b, (bits >> i) & 1), set(b, a, (bits >> i) & 1);
    }
  }
  const format = (1 << 3) | mask; // 1 is level L
  let rest = format;
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  const bits = ((format << 10) | rest) ^ 0x5412, bit = (i) => (bits >> i) & 1;
  for (let i = 0; i < 15; i++) {
    set(8, i < 6 ? i : i < 8 ? i + 1 : size - 15 + i, bit(i));
    set(i < 8 ? size - 1 - i : i < 9 ? 7 : 14 - i, 8, bit(i));
  }
  set(8, size - 8, true);

  // The data, in a zigzag from the lower right corner.
  const stream = codewords(text, version);
  for (let right = size - 1, i = 0; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) for (const x of [right, right - 1]) {
      const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
      if (dark[y][x] !== undefined) continue;
      const value = (stream[i >> 3] >> (7 - (i & 7))) & 1;
      dark[y][x] = Boolean(value) !== (MASKS[mask](x, y) === 0);
      i++;
    }
  }
  return dark;
}

for (const place of globalThis.document?.querySelectorAll("[data-qr]") ?? []) {
  const rows = qr(place.dataset.qr), size = rows.length + 8; // with four modules of margin
  const path = rows.flatMap((row, y) => row.map((v, x) => (v ? `M${x + 4},${y + 4}h1v1h-1z` : ""))).join("");
  place.innerHTML = `<svg viewBox="0 0 ${size} ${size}" role="img" aria-label="QR"><path d="${path}"/></svg>`;
}
