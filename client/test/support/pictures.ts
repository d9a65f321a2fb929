/** Pictures made on the spot. */

const HEADER_BYTES = 54;
const PIXELS_PER_METRE = 3937;

/** A gray BMP of 100 dpi. */
export function picture(widthPx: number, heightPx: number): Blob {
  const rowBytes = Math.ceil((widthPx * 3) / 4) * 4;
  const data = new DataView(new ArrayBuffer(HEADER_BYTES + rowBytes * heightPx));
  new Uint8Array(data.buffer).fill(128, HEADER_BYTES);
  data.setUint16(0, 0x424d);
  const fields: [number, number][] = [
    [2, data.byteLength],
    [10, HEADER_BYTES],
    [14, 40],
    [18, widthPx],
    [22, heightPx],
    // One plane of 24 bits.
    [26, 1 | (24 << 16)],
    [38, PIXELS_PER_METRE],
    [42, PIXELS_PER_METRE],
  ];
  fields.forEach(([at, value]) => {
    data.setUint32(at, value, true);
  });
  return new Blob([data.buffer], { type: "image/bmp" });
}

/** The first characters of a file. */
export async function magicOf(file: Blob, length = 4): Promise<string> {
  return String.fromCharCode(...new Uint8Array(await file.slice(0, length).arrayBuffer()));
}
