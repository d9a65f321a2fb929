/** Where pages come to stand. */
import type { Page } from "../index.js";

/** The order once some pages, in theirs, stand before the one at a place from 0. */
export function moved(order: readonly Page[], pages: readonly Page[], place: number): Page[] {
  const going = new Set(pages.map(({ uid }) => uid));
  const stays = (page: Page) => !going.has(page.uid);
  return [
    ...order.slice(0, place).filter(stays),
    ...order.filter((page) => !stays(page)),
    ...order.slice(place).filter(stays),
  ];
}

/** The uid of the page that comes into view where some go: the next one, else the one before. */
export function nextTo(order: readonly Page[], pages: readonly Page[]): string | undefined {
  const going = new Set(pages.map(({ uid }) => uid));
  const stay = ({ uid }: Page) => !going.has(uid);
  const last = order.map(({ uid }) => going.has(uid)).lastIndexOf(true);
  return (order.slice(last).find(stay) ?? order.filter(stay).at(-1))?.uid;
}
