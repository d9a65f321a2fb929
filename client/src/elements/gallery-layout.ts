/** Where pages stand in a gallery: equal places in rows, as many beside each other as fit. */

/** Between places, in CSS pixels. */
const GAP_PX = 12;
/** Around all of them: room for the outline of whatever has the focus. */
const EDGE_PX = 12;
/** Of the number below a picture. */
const CAPTION_PX = 32;
/** Of a place, to its width: upright sheets fill it, lying ones leave some of it. */
const HEIGHT_TO_WIDTH = 1.3;

/** A spot between two places, and the index that a page would have there. */
export interface Spot {
  readonly index: number;
  readonly row: number;
  /** The edge within the row: 0 before its first place. */
  readonly edge: number;
}

/** All lengths are CSS pixels; `x` counts from the side where lines begin. */
export class GalleryLayout {
  readonly columns: number;
  readonly rows: number;
  readonly cellPx: number;
  readonly rowPx: number;

  /**
   * @param count - Of pages.
   * @param widthPx - Of the room.
   * @param leastPx - Of a place, where the room is that wide.
   */
  constructor(
    readonly count: number,
    readonly widthPx: number,
    leastPx: number,
  ) {
    const room = Math.max(widthPx - 2 * EDGE_PX, 1);
    this.columns = Math.max(1, Math.floor((room + GAP_PX) / (leastPx + GAP_PX)));
    this.rows = Math.ceil(count / this.columns);
    this.cellPx = Math.floor((room - GAP_PX * (this.columns - 1)) / this.columns);
    this.rowPx = Math.round(this.cellPx * HEIGHT_TO_WIDTH) + CAPTION_PX + GAP_PX;
  }

  /** Of a place. */
  get cellHeightPx(): number {
    return this.rowPx - GAP_PX;
  }

  /** Of all rows. */
  get heightPx(): number {
    return this.rows * this.rowPx - (this.rows > 0 ? GAP_PX : 0) + 2 * EDGE_PX;
  }

  rowOf(index: number): number {
    return Math.floor(index / this.columns);
  }

  /** The corner of a place where lines begin. */
  cornerOf(index: number): { readonly x: number; readonly y: number } {
    const column = index % this.columns;
    return { x: EDGE_PX + column * (this.cellPx + GAP_PX), y: this.topOf(this.rowOf(index)) };
  }

  topOf(row: number): number {
    return EDGE_PX + row * this.rowPx;
  }

  /** The spot that is nearest to a point. */
  spotAt(x: number, y: number): Spot {
    const row = clamp(Math.floor((y - EDGE_PX) / this.rowPx), 0, Math.max(this.rows - 1, 0));
    const inRow = Math.min(this.columns, this.count - row * this.columns);
    const step = this.cellPx + GAP_PX;
    const edge = clamp(Math.round((x - EDGE_PX + GAP_PX / 2) / step), 0, inRow);
    return { row, edge, index: row * this.columns + edge };
  }

  /** Where the mark of a spot begins: in the middle between two places. */
  markOf({ row, edge }: Spot): { readonly x: number; readonly y: number } {
    return { x: EDGE_PX + edge * (this.cellPx + GAP_PX) - GAP_PX / 2, y: this.topOf(row) };
  }

  /** How far one has to scroll from where one is for a place to be seen whole, with its gaps. */
  scrollFor(index: number, scrolledPx: number, viewPx: number): number {
    const top = this.topOf(this.rowOf(index)) - EDGE_PX;
    const bottom = top + this.cellHeightPx + 2 * EDGE_PX;
    if (top < scrolledPx || bottom - top > viewPx) return top;
    return Math.max(scrolledPx, bottom - viewPx);
  }

  /** How many places lie in so many pixels of rows. */
  placesIn(viewPx: number): number {
    return Math.max(1, Math.floor(viewPx / this.rowPx)) * this.columns;
  }
}

/** The spot at a point of the window, in a gallery that is scrolled. */
export function spotUnder(
  layout: GalleryLayout,
  scroller: HTMLElement,
  clientX: number,
  clientY: number,
): Spot {
  const { left, top } = scroller.getBoundingClientRect();
  const fromLeft = clientX - left - scroller.clientLeft;
  const isRightToLeft = getComputedStyle(scroller).direction === "rtl";
  const x = isRightToLeft ? scroller.clientWidth - fromLeft : fromLeft;
  return layout.spotAt(x, clientY - top + scroller.scrollTop);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
