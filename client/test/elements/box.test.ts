/** Parts of a page: always within it, whatever is done to them. */
import { describe, expect, test } from "vitest";

import {
  type Area,
  entered,
  type Handle,
  isWhole,
  resized,
  shifted,
  spanned,
  toBox,
  whole,
  within,
} from "../../src/elements/box.js";
import { measured, screenSize, toPixels } from "../../src/elements/paper.js";

const PAGE = { width: 200, height: 100 };
const AREA: Area = { left: 50, top: 20, width: 100, height: 60 };

describe("an area of a page of 200 by 100 pixels", () => {
  test.each<[Handle, Area]>([
    ["nw", { left: 60, top: 25, width: 90, height: 55 }],
    ["n", { left: 50, top: 25, width: 100, height: 55 }],
    ["ne", { left: 50, top: 25, width: 110, height: 55 }],
    ["e", { left: 50, top: 20, width: 110, height: 60 }],
    ["se", { left: 50, top: 20, width: 110, height: 65 }],
    ["s", { left: 50, top: 20, width: 100, height: 65 }],
    ["sw", { left: 60, top: 20, width: 90, height: 65 }],
    ["w", { left: 60, top: 20, width: 90, height: 60 }],
  ])("is resized at %s, and what is across from it stays", (handle, expected) => {
    expect(resized(AREA, handle, { x: 10, y: 5 }, PAGE)).toEqual(expected);
  });

  test("is never turned over, nor larger than the page", () => {
    const far = { x: 1000, y: 1000 };
    expect(resized(AREA, "nw", far, PAGE)).toEqual({ left: 146, top: 76, width: 4, height: 4 });
    expect(resized(AREA, "se", far, PAGE)).toEqual({ left: 50, top: 20, width: 150, height: 80 });
  });

  test("stops at the edges where it is moved", () => {
    expect(shifted(AREA, { x: -70, y: 70 }, PAGE)).toEqual({ ...AREA, left: 0, top: 40 });
  });

  test("is drawn from any corner, and ends at the page's edge", () => {
    const expected = { left: 0, top: 10, width: 40, height: 30 };
    expect(spanned({ x: 40, y: 40 }, { x: -30, y: 10 }, PAGE)).toEqual(expected);
  });

  test("gives way where a number leaves no room", () => {
    expect(entered(whole(PAGE), "left", 120, PAGE)).toEqual({
      ...whole(PAGE),
      left: 120,
      width: 80,
    });
    expect(entered(AREA, "height", 500, PAGE)).toEqual({ ...AREA, height: 80 });
    expect(entered(AREA, "top", -5, PAGE)).toEqual({ ...AREA, top: 0 });
  });

  test("fits on a smaller page", () => {
    const expected = { left: 0, top: 0, width: 80, height: 50 };
    expect(within(AREA, { width: 80, height: 50 })).toEqual(expected);
  });

  test("becomes whole pixels, at least one each way", () => {
    expect(toBox({ left: 0.4, top: 9.6, width: 10.2, height: 0.1 })).toEqual([0, 10, 11, 11]);
  });

  test("is the whole page if nothing lies outside once it is rounded", () => {
    expect(isWhole({ left: 0.2, top: 0, width: 199.5, height: 100 }, PAGE)).toBe(true);
    expect(isWhole(AREA, PAGE)).toBe(false);
  });
});

test("lengths in millimetres count each direction's own dots", () => {
  const fax = { width: 1728, height: 1078, dpiX: 200, dpiY: 100 };
  const area = { left: 200, top: 100, width: 400, height: 50 };
  expect(measured(area, "mm", fax)).toEqual({ left: 25.4, top: 25.4, width: 50.8, height: 12.7 });
  expect(toPixels("left", 25.4, "mm", fax)).toBeCloseTo(200);
  expect(toPixels("height", 25.4, "mm", fax)).toBeCloseTo(100);
  expect(screenSize({ ...fax, width: 200, height: 100 }, 2)).toEqual({ width: 192, height: 192 });
});
