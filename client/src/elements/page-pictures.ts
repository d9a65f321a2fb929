/** Pages in large: the last few that were looked at, and the one that is likely next. */
import type { Page, PageInfo } from "../index.js";

// One of 300 dpi is a megabyte as a file; what the browser unpacks it lets go of by itself.
const MOST_KEPT = 8;
// Beyond it a picture is slow to come, and no screen shows more of it at once.
const WIDEST_PX = 8192;
const NARROWEST_PX = 512;
const QUALITY = 85;

/** One page in large. */
export interface Picture {
  readonly url: string;
  /** In pixels: as many as were asked for, or all that the page has. */
  readonly width: number;
}

/** Object URLs of pages by their width, for one element. */
export class PagePictures {
  /** In the order of their last use. */
  readonly #kept = new Map<string, Picture>();

  /**
   * A page at a width at least, or at its own where that is less.
   *
   * @param look - Which of the looks that the page has had: another one is another picture.
   */
  async get(
    page: Page,
    look: number,
    { info, width, signal }: { info: PageInfo; width: number; signal: AbortSignal },
  ): Promise<Picture> {
    const wanted = widthFor(width, info);
    const key = `${page.uid} ${look} ${wanted}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return this.#keep(key, kept);
    // Lines of black and white become gray where they are made smaller; JPEG would blur them.
    const kind =
      info.mode === "1" ? { type: "image/png" } : { type: "image/jpeg", quality: QUALITY };
    const size = wanted < info.sizePx[0] ? { width: wanted } : {};
    const blob = await page.content({ ...kind, ...size, signal });
    const url = URL.createObjectURL(blob);
    // It may have come twice at the same time.
    const before = this.#kept.get(key);
    if (before !== undefined) URL.revokeObjectURL(before.url);
    return this.#keep(key, { url, width: wanted });
  }

  /** Lets go of all of them. */
  clear(): void {
    for (const { url } of this.#kept.values()) URL.revokeObjectURL(url);
    this.#kept.clear();
  }

  #keep(key: string, picture: Picture): Picture {
    this.#kept.delete(key);
    this.#kept.set(key, picture);
    for (const [oldest, { url }] of this.#kept) {
      if (this.#kept.size <= MOST_KEPT) break;
      URL.revokeObjectURL(url);
      this.#kept.delete(oldest);
    }
    return picture;
  }
}

/** Steps of the root of 2, so that not every step of a zoom needs another picture. */
export function widthFor(width: number, info: PageInfo): number {
  let wanted = NARROWEST_PX;
  while (wanted < width && wanted < WIDEST_PX) wanted = Math.round(wanted * Math.SQRT2);
  return Math.min(wanted, info.sizePx[0]);
}
