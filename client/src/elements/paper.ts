/** Sheets in millimetres and in their size on the screen. */
import type { PageInfo } from "../index.js";
import type { Area, Size } from "./box.js";

const MM_PER_INCH = 25.4;
const CSS_PX_PER_INCH = 96;

/** What lengths are told in. */
export type Unit = "mm" | "px";

/** Sides of a page in its pixels, and how many of them make an inch across and down. */
export interface Paper extends Size {
  readonly dpiX: number;
  readonly dpiY: number;
}

/** The paper of a page. */
export function paperOf({ sizePx: [width, height], dpi: [dpiX, dpiY] }: PageInfo): Paper {
  return { width, height, dpiX, dpiY };
}

/** Its sides in CSS pixels; at a zoom of 1 it is as large as the sheet was. */
export function screenSize({ width, height, dpiX, dpiY }: Paper, zoom: number): Size {
  const scale = CSS_PX_PER_INCH * zoom;
  return { width: (width / dpiX) * scale, height: (height / dpiY) * scale };
}

/** Pixels of the page that one of a unit has, across and down. */
export function pixelsPer(unit: Unit, { dpiX, dpiY }: Paper): { x: number; y: number } {
  return unit === "px" ? { x: 1, y: 1 } : { x: dpiX / MM_PER_INCH, y: dpiY / MM_PER_INCH };
}

/** Lengths of an area in a unit: tenths of a millimetre, or whole pixels. */
export function measured(area: Area, unit: Unit, paper: Paper): Area {
  const { x, y } = pixelsPer(unit, paper);
  const round = (value: number) =>
    unit === "px" ? Math.round(value) : Math.round(value * 10) / 10;
  return {
    left: round(area.left / x),
    top: round(area.top / y),
    width: round(area.width / x),
    height: round(area.height / y),
  };
}

/** One length of an area, in pixels of the page. */
export function toPixels(side: keyof Area, value: number, unit: Unit, paper: Paper): number {
  const { x, y } = pixelsPer(unit, paper);
  return value * (side === "left" || side === "width" ? x : y);
}
