/** Which pages are chosen as a person clicks or goes by keys, with Shift and Control. */
import type { Page } from "../index.js";
import type { Desk } from "./desk.js";

/** How a page joins those that are chosen. */
export type ChoiceKind = "only" | "toggle" | "range" | "none";

/** Chooses on a desk; remembers where a range began. */
export class GalleryChoice {
  #anchor: string | undefined;

  /** Goes to a page; `none` leaves chosen what was. */
  choose(desk: Desk, page: Page, kind: ChoiceKind): void {
    desk.select(this.#chosen(desk, page, kind), page.uid);
    if (kind !== "range") this.#anchor = page.uid;
  }

  #chosen(desk: Desk, { uid }: Page, kind: ChoiceKind): Iterable<string> {
    const { selected } = desk;
    if (kind === "only") return [uid];
    if (kind === "none") return selected;
    if (kind === "range") return this.#range(desk, uid);
    return selected.has(uid) ? [...selected].filter((each) => each !== uid) : [...selected, uid];
  }

  #range(desk: Desk, uid: string): string[] {
    const uids = desk.pages.map((page) => page.uid);
    const from = uids.indexOf(this.#anchor ?? desk.current?.uid ?? "");
    const to = uids.indexOf(uid);
    const first = from < 0 ? to : from;
    return uids.slice(Math.min(first, to), Math.max(first, to) + 1);
  }
}

/** What a button or key is about: the chosen pages, or the one that is shown in large. */
export function pagesMeant(desk: Desk): readonly Page[] {
  const { selectedPages, current } = desk;
  if (selectedPages.length > 0) return selectedPages;
  return current === undefined ? [] : [current];
}
