/** What pages are, asked for once until they change. */
import type { Page, PageInfo } from "../index.js";

/** Answers of `page.info()` by page. */
export class Infos {
  readonly #known = new Map<string, Promise<PageInfo>>();

  /** What a page is, as it now looks. */
  get(page: Page): Promise<PageInfo> {
    const known = this.#known.get(page.uid);
    if (known !== undefined) return known;
    const asked = page.info();
    this.#known.set(page.uid, asked);
    asked.catch(() => this.#known.delete(page.uid));
    return asked;
  }

  /** A page has changed. */
  forget(uid: string): void {
    this.#known.delete(uid);
  }
}
