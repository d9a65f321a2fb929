/** What of a person's wishes a scanner can do. */
import type { Capabilities, Color, PageSize, Source } from "../index.js";
import type { ScanChoices } from "./recollection.js";

/** Sizes in the order in which they are offered: TWAIN number, width and height in inches. */
const SIZES: readonly (readonly [PageSize, number, number, number])[] = [
  ["a3", 11, 11.69, 16.54],
  ["a4", 1, 8.27, 11.69],
  ["a5", 5, 5.83, 8.27],
  ["a6", 13, 4.13, 5.83],
  ["letter", 3, 8.5, 11],
  ["legal", 4, 8.5, 14],
  ["all", 0, 0, 0],
];

const SUPPORTED_SIZES = 4386;
const USUAL_DPI = [75, 100, 150, 200, 240, 300, 400, 600, 1200, 2400];
const WANTED_DPI = 300;
// Beds are told in rounded millimetres.
const TOLERANCE_INCHES = 0.1;
// Where sheets are not those of ISO 216.
const LETTER_REGIONS = new Set(["US", "CA", "MX", "PH", "CL", "CO", "VE", "GT", "CR", "PA"]);

const SOURCES: readonly Source[] = ["flatbed", "feeder", "duplex"];
const COLORS: readonly Color[] = ["color", "gray", "bw"];

/** Choices with nothing left open. */
export type FittedChoices = ScanChoices & {
  readonly source: Source;
  readonly color: Color;
  readonly dpi: number;
  readonly pageSize: PageSize;
};

/** What there is to choose from; everything, while nothing is known of the scanner. */
export interface Offer {
  readonly sources: readonly Source[];
  readonly colors: readonly Color[];
  readonly dpi: readonly number[];
  readonly pageSizes: readonly PageSize[];
}

/** What a scanner offers. */
export function offerOf(known: Capabilities | undefined): Offer {
  if (known === undefined) {
    const pageSizes = SIZES.map(([name]) => name);
    return { sources: SOURCES, colors: COLORS, dpi: USUAL_DPI, pageSizes };
  }
  return {
    sources: known.sources,
    colors: COLORS.filter((each) => known.colors.includes(each)),
    dpi: dpiOf(known),
    pageSizes: sizesOf(known),
  };
}

/**
 * The choices nearest to some wishes that a scanner can do.
 *
 * @param tag - BCP 47, of a person who has chosen no paper yet.
 */
export function fit(
  wished: ScanChoices,
  known: Capabilities | undefined,
  tag: string,
): FittedChoices {
  const offer = offerOf(known);
  const usualSource = known?.isFeederLoaded === true ? "feeder" : "flatbed";
  return {
    ...wished,
    source: oneOf(offer.sources, wished.source ?? usualSource) ?? usualSource,
    color: oneOf(offer.colors, wished.color ?? "color") ?? "color",
    dpi: nearest(offer.dpi, wished.dpi ?? WANTED_DPI),
    pageSize: fitSize(offer.pageSizes, wished.pageSize, tag),
  };
}

function dpiOf({ dpi }: Capabilities): readonly number[] {
  if (!("minimum" in dpi)) return dpi;
  const usual = USUAL_DPI.filter((each) => each >= dpi.minimum && each <= dpi.maximum);
  return usual.length > 0 ? usual : [dpi.minimum, dpi.maximum];
}

function sizesOf({ all, widthInches = 0, heightInches = 0 }: Capabilities): PageSize[] {
  const told = all.find(({ capability }) => capability.value === SUPPORTED_SIZES)?.enums;
  const numbers = told?.map((each) => numberOf(each));
  const isThere = (number: number, width: number, height: number): boolean =>
    numbers?.includes(number) ??
    (width <= widthInches + TOLERANCE_INCHES && height <= heightInches + TOLERANCE_INCHES);
  return SIZES.filter(([, ...size]) => isThere(...size)).map(([name]) => name);
}

/** Of a plain number, or of one with a label. */
function numberOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "value" in value ? value.value : value;
}

function usualSize(tag: string): PageSize {
  const region = new Intl.Locale(tag).maximize().region ?? "";
  return LETTER_REGIONS.has(region) ? "letter" : "a4";
}

/** Paper that was chosen, else the usual; the whole area holds whatever is too large. */
function fitSize(
  offered: readonly PageSize[],
  wished: PageSize | undefined,
  tag: string,
): PageSize {
  const liked: readonly PageSize[] = wished === undefined ? [usualSize(tag), "a4"] : [wished];
  return liked.find((each) => offered.includes(each)) ?? "all";
}

function oneOf<Choice>(offered: readonly Choice[], wished: Choice): Choice | undefined {
  return offered.includes(wished) ? wished : offered[0];
}

function nearest(offered: readonly number[], wished: number): number {
  const distance = (each: number): number => Math.abs(each - wished);
  return offered.reduce(
    (best, each) => (distance(each) < distance(best) ? each : best),
    offered[0] ?? wished,
  );
}
