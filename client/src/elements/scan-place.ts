/** Where in the document the next scan goes. */
import type { ScanOptions } from "../index.js";
import type { Desk } from "./desk.js";

/** At the end, before the current page, in its place, or as backs between the pages. */
export type ScanPlace = "end" | "before" | "replace" | "backs";

/** The pages of a first pass: places from 1, both included. */
export interface Fronts {
  readonly first: number;
  readonly last: number;
}

/** Which places there are now. */
export function placesOf(desk: Desk): readonly ScanPlace[] {
  const places: ScanPlace[] = ["end"];
  if (desk.current !== undefined) places.push("before", "replace");
  if (desk.pages.length > 0) places.push("backs");
  return places;
}

/** What backs would go between: the last scan of this visit and what follows, else all pages. */
export function frontsOf(desk: Desk): Fronts {
  const [begun] = desk.run?.pages ?? [];
  const first = begun === undefined ? 0 : desk.placeOf(begun);
  return { first: Math.max(first, 1), last: desk.pages.length };
}

/** A place for the scan itself; the end where it is no place any more. */
export function toPlaceOptions(desk: Desk, place: ScanPlace): ScanOptions {
  const { current } = desk;
  if (place === "backs") return { interleave: true, insertPos: frontsOf(desk).first };
  if (current === undefined || place === "end") return {};
  return place === "replace" ? { replace: current } : { insertPos: desk.placeOf(current) };
}
