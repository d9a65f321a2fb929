/** Drawn pages as PNG and PDF, made of bytes alone: there is no canvas in Node. */

/** What a drawn page looks like. */
export interface Drawing {
  /** Written large in its corner, from 1. */
  readonly number: number;
  /** In quarters, clockwise. */
  readonly turns: number;
}

/** A tenth of an A4 sheet at 150 dpi along each side. */
const WIDTH_PX = 124;
const HEIGHT_PX = 175;
const PAPER = 255;
const INK = 40;
const MARGIN_PX = 12;
const LINE_STEP_PX = 9;
const DOT_PX = 4;

/** Digits of three by five dots, each row three bits. */
const DIGITS = [
  "75557",
  "26227",
  "71747",
  "71717",
  "55711",
  "74717",
  "74757",
  "71111",
  "75757",
  "75717",
];

/** Width and height in px of a drawing as it now looks. */
export function sizeOf(drawing: Drawing): [number, number] {
  return drawing.turns % 2 === 0 ? [WIDTH_PX, HEIGHT_PX] : [HEIGHT_PX, WIDTH_PX];
}

/** The drawing as a gray PNG. */
export function toPng(drawing: Drawing): Uint8Array<ArrayBuffer> {
  const [width, height] = sizeOf(drawing);
  const upright = draw(drawing.number);
  const rows = new Uint8Array(height * (width + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      // The first byte of each row is its filter, 0 for none.
      rows[y * (width + 1) + 1 + x] = upright[place(x, y, drawing.turns)] ?? PAPER;
    }
  }
  return png(width, height, rows);
}

/** The drawings as a PDF of A4 pages, each with its lines and its number as text. */
export function toPdf(drawings: readonly Drawing[]): Uint8Array<ArrayBuffer> {
  const pages = drawings.map((_, index) => `${4 + 2 * index} 0 R`);
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${pages.join(" ")}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...drawings.flatMap((drawing, index) => pdfPage(drawing, 5 + 2 * index)),
  ];
  let text = "%PDF-1.4\n";
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const count = objects.length + 1;
  const table = `xref\n0 ${count}\n0000000000 65535 f \n${offsets.join("")}`;
  const trailer = `trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return new TextEncoder().encode(text + table + trailer);
}

function pdfPage({ number, turns }: Drawing, content: number): [string, string] {
  const stream = `BT /F1 48 Tf 60 740 Td (${number}) Tj ET 60 700 475 4 re f`;
  const page =
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate ${turns * 90}` +
    ` /Resources << /Font << /F1 3 0 R >> >> /Contents ${content} 0 R >>`;
  return [page, `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`];
}

function draw(number: number): Uint8Array {
  const pixels = new Uint8Array(WIDTH_PX * HEIGHT_PX).fill(PAPER);
  const fill = (left: number, top: number, width: number, height: number) => {
    for (let y = top; y < top + height; y += 1) {
      pixels.fill(INK, y * WIDTH_PX + left, y * WIDTH_PX + left + width);
    }
  };
  Array.from(String(number)).forEach((digit, place) => {
    Array.from(DIGITS[Number(digit)] ?? "").forEach((bits, row) => {
      for (let column = 0; column < 3; column += 1) {
        if ((Number(bits) >> (2 - column)) & 1) {
          const left = MARGIN_PX + (place * 4 + column) * DOT_PX;
          fill(left, MARGIN_PX + row * DOT_PX, DOT_PX, DOT_PX);
        }
      }
    });
  });
  for (let top = 48; top < HEIGHT_PX - MARGIN_PX; top += LINE_STEP_PX) {
    fill(MARGIN_PX, top, WIDTH_PX - 2 * MARGIN_PX - ((top * number) % 40), 2);
  }
  return pixels;
}

/** Where a pixel of the turned page stands in the upright one. */
function place(x: number, y: number, turns: number): number {
  const [left, top] = [
    [x, y],
    [y, HEIGHT_PX - 1 - x],
    [WIDTH_PX - 1 - x, HEIGHT_PX - 1 - y],
    [WIDTH_PX - 1 - y, x],
  ][turns] as [number, number];
  return top * WIDTH_PX + left;
}

function png(width: number, height: number, rows: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 0, 0, 0, 0], 8);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return join([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", stored(rows)),
    chunk("IEND", new Uint8Array()),
  ]);
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const named = join([new TextEncoder().encode(name), data]);
  return join([bigEndian(data.length), named, bigEndian(crc32(named))]);
}

/** A zlib stream (RFC 1950) of stored blocks (RFC 1951, 3.2.4): nothing to compress with is needed. */
function stored(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  const most = 65535;
  for (let start = 0; start < data.length; start += most) {
    const block = data.subarray(start, start + most);
    const isLast = start + most >= data.length ? 1 : 0;
    const { length } = block;
    parts.push(
      Uint8Array.of(isLast, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255),
      block,
    );
  }
  return join([...parts, bigEndian(adler32(data))]);
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function adler32(data: Uint8Array): number {
  let [low, high] = [1, 0];
  for (const byte of data) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return ((high << 16) | low) >>> 0;
}
