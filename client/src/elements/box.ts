/** Parts of a page: made, moved and resized, always within it. */
import type { Box } from "../pages.js";

/** Whatever has two sides, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of a page in pixels from its top left; fractions stay until it becomes a box. */
export interface Area extends Size {
  readonly left: number;
  readonly top: number;
}

/** A place on a page in its pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Corners and sides by where they point. */
export type Handle = "nw" | "n" | "ne" | "e" | "se" | "s" | "sw" | "w";

/** Clockwise, as they are gone through by keyboard. */
export const HANDLES: readonly Handle[] = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];

// Less can be neither seen nor taken hold of.
const LEAST_PX = 4;

/** The whole page. */
export function whole({ width, height }: Size): Area {
  return { left: 0, top: 0, width, height };
}

/** It further right and down by so many pixels, as far as the page goes. */
export function shifted(area: Area, by: Point, page: Size): Area {
  return {
    ...area,
    left: between(area.left + by.x, 0, page.width - area.width),
    top: between(area.top + by.y, 0, page.height - area.height),
  };
}

/** It with one corner or side further right and down; those across from it stay. */
export function resized(area: Area, handle: Handle, by: Point, page: Size): Area {
  const least = { width: leastOf(page.width), height: leastOf(page.height) };
  let { left, top } = area;
  let right = left + area.width;
  let bottom = top + area.height;
  if (handle.includes("w")) left = between(left + by.x, 0, right - least.width);
  if (handle.includes("e")) right = between(right + by.x, left + least.width, page.width);
  if (handle.includes("n")) top = between(top + by.y, 0, bottom - least.height);
  if (handle.includes("s")) bottom = between(bottom + by.y, top + least.height, page.height);
  return { left, top, width: right - left, height: bottom - top };
}

/** What lies between two places, as it is drawn from one to the other. */
export function spanned(from: Point, to: Point, page: Size): Area {
  const x = (value: number) => between(value, 0, page.width);
  const y = (value: number) => between(value, 0, page.height);
  const left = x(Math.min(from.x, to.x));
  const top = y(Math.min(from.y, to.y));
  const width = x(Math.max(from.x, to.x)) - left;
  return within({ left, top, width, height: y(Math.max(from.y, to.y)) - top }, page);
}

/** It with one number as it was entered: the size gives way where there is no room for it. */
export function entered(area: Area, side: keyof Area, value: number, page: Size): Area {
  const least = { width: leastOf(page.width), height: leastOf(page.height) };
  const { left, top, width, height }: Area = { ...area, ...{ [side]: value } };
  const x = between(left, 0, page.width - least.width);
  const y = between(top, 0, page.height - least.height);
  return {
    left: x,
    top: y,
    width: between(width, least.width, page.width - x),
    height: between(height, least.height, page.height - y),
  };
}

/** It on another page: the size that fits, then where there is room for that. */
export function within(area: Area, page: Size): Area {
  const width = between(area.width, leastOf(page.width), page.width);
  const height = between(area.height, leastOf(page.height), page.height);
  return shifted({ ...area, width, height }, { x: 0, y: 0 }, page);
}

/** It in whole pixels, for an edit. */
export function toBox({ left, top, width, height }: Area): Box {
  const [x, y] = [Math.round(left), Math.round(top)];
  const right = Math.max(Math.round(left + width), x + 1);
  return [x, y, right, Math.max(Math.round(top + height), y + 1)];
}

/** Whether nothing of the page lies outside. */
export function isWhole(area: Area, page: Size): boolean {
  const [left, top, right, bottom] = toBox(area);
  return left === 0 && top === 0 && right === page.width && bottom === page.height;
}

function leastOf(side: number): number {
  return Math.min(LEAST_PX, side);
}

function between(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
