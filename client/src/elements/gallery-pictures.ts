/** The pictures of the pages in view: asked for as they come, no more once they are gone. */
import type { Page } from "../index.js";
import type { Thumbnails } from "./thumbnails.js";

/** The least width, in pixels, of the thumbnail that every page has from the start: 320 px high. */
const WIDTH_PX = 226;
/** Pages that fly by are not asked for: so long a gallery rests until they are. */
const REST_MS = 90;

/** Pictures by page. */
export class GalleryPictures {
  readonly #versions = new Map<string, number>();
  readonly #asked = new Map<string, AbortController>();
  readonly #failed = new Set<string>();
  #shown: readonly Page[] = [];
  #rest: ReturnType<typeof setTimeout> | undefined;
  #thumbnails: Thumbnails | undefined;

  /** @param changed - Called as another picture is there. */
  constructor(private readonly changed: () => void) {}

  /** Takes them from another place; without one lets go of everything. */
  use(thumbnails: Thumbnails | undefined): void {
    this.show([]);
    this.#thumbnails?.removeEventListener("renew", this.#renew);
    this.#thumbnails = thumbnails;
    this.#versions.clear();
    thumbnails?.addEventListener("renew", this.#renew);
  }

  /** The pages that are in view now; of no other ones are pictures asked for. */
  show(pages: readonly Page[], isFlying = false): void {
    clearTimeout(this.#rest);
    const uids = new Set(pages.map(({ uid }) => uid));
    for (const [uid, asked] of this.#asked) if (!uids.has(uid)) asked.abort();
    for (const uid of this.#failed) if (!uids.has(uid)) this.#failed.delete(uid);
    this.#shown = pages;
    if (isFlying) this.#rest = setTimeout(this.#renew, REST_MS);
    else for (const page of pages) if (this.#isWanted(page)) void this.#ask(page);
  }

  /** A picture of a page, perhaps of before its last edit. */
  urlOf(page: Page): string | undefined {
    return this.#thumbnails?.peek(page, widthPx());
  }

  /** Whether there is none to be had. */
  hasFailed(page: Page): boolean {
    return this.#failed.has(page.uid);
  }

  /** Asks once more for those that failed. */
  retry(): void {
    this.#failed.clear();
    this.show(this.#shown);
  }

  #isWanted(page: Page): boolean {
    const { uid } = page;
    if (this.#asked.has(uid) || this.#failed.has(uid)) return false;
    const version = this.#thumbnails?.versionOf(uid);
    return this.urlOf(page) === undefined || this.#versions.get(uid) !== version;
  }

  async #ask(page: Page): Promise<void> {
    const thumbnails = this.#thumbnails;
    if (thumbnails === undefined) return;
    const asked = new AbortController();
    this.#asked.set(page.uid, asked);
    try {
      await thumbnails.get(page, widthPx(), asked.signal);
      this.#versions.set(page.uid, thumbnails.versionOf(page.uid));
    } catch {
      // The place says so; the desk tells of a service that has gone.
      if (!asked.signal.aborted) this.#failed.add(page.uid);
    }
    if (this.#asked.get(page.uid) === asked) this.#asked.delete(page.uid);
    if (!asked.signal.aborted) this.changed();
    // Come back into view while the old question was being let go of.
    else if (this.#shown.some(({ uid }) => uid === page.uid)) this.show(this.#shown);
  }

  readonly #renew = (): void => {
    this.show(this.#shown);
  };
}

function widthPx(): number {
  return WIDTH_PX * Math.min(Math.ceil(globalThis.devicePixelRatio || 1), 2);
}
