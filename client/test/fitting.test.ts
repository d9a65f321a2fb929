import { describe, expect, it } from "vitest";

import { fit, offerOf } from "../src/elements/fitting.js";
import type { Capabilities } from "../src/index.js";

const A4_FLATBED: Capabilities = {
  sources: ["flatbed"],
  colors: ["bw", "gray"],
  dpi: { minimum: 50, maximum: 600, step: 1 },
  widthInches: 8.5,
  heightInches: 11.7,
  isFeederLoaded: false,
  all: [],
};

const FEEDER: Capabilities = {
  ...A4_FLATBED,
  sources: ["flatbed", "feeder", "duplex"],
  colors: ["bw", "gray", "color"],
  dpi: [100, 200, 400],
  isFeederLoaded: true,
};

describe("what a scanner offers", () => {
  it("is the usual resolutions of a range, the best colours first, and paper that fits", () => {
    expect(offerOf(A4_FLATBED)).toEqual({
      sources: ["flatbed"],
      colors: ["gray", "bw"],
      dpi: [75, 100, 150, 200, 240, 300, 400, 600],
      pageSizes: ["a4", "a5", "a6", "letter", "all"],
    });
  });

  it("is its own ends, where no usual resolution is within its range", () => {
    const odd = { ...A4_FLATBED, dpi: { minimum: 80, maximum: 90, step: 1 } };
    expect(offerOf(odd).dpi).toEqual([80, 90]);
  });

  it("is everything, while nothing is known of it", () => {
    expect(offerOf(undefined).sources).toEqual(["flatbed", "feeder", "duplex"]);
    expect(offerOf(undefined).pageSizes).toContain("a3");
  });
});

describe("choices", () => {
  it.each([
    ["de-DE", "a4"],
    ["en-US", "letter"],
    ["fr-CA", "letter"],
    ["en", "letter"],
    ["ar", "a4"],
  ])("begin with the paper of %s: %s", (tag, pageSize) => {
    expect(fit({}, FEEDER, tag)).toEqual({ source: "feeder", color: "color", dpi: 200, pageSize });
  });

  it("that a scanner cannot do become the nearest that it can", () => {
    const wished = { source: "duplex", color: "color", dpi: 500, pageSize: "a3" } as const;
    expect(fit({ ...wished, deskew: true }, A4_FLATBED, "de")).toEqual({
      source: "flatbed",
      color: "gray",
      dpi: 400,
      pageSize: "all",
      deskew: true,
    });
  });

  it("that it can do stay", () => {
    const wished = { source: "flatbed", color: "bw", dpi: 400, pageSize: "a5" } as const;
    expect(fit(wished, FEEDER, "de")).toEqual(wished);
  });
});
