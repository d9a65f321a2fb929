/** Pages in small: asked for once, a few at a time, and let go of when there are many. */
import type { Page } from "../index.js";

const MOST_AT_ONCE = 4;
const MOST_KEPT = 400;

interface Waiting {
  readonly start: () => void;
  readonly signal: AbortSignal;
}

/** Object URLs of thumbnails by page and width. */
export class Thumbnails extends EventTarget {
  /** In the order of their last use. */
  readonly #kept = new Map<string, string>();
  readonly #versions = new Map<string, number>();
  #waiting: Waiting[] = [];
  #running = 0;

  /** The picture that is there at once, if any; also one of before the page changed. */
  peek(page: Page, width: number): string | undefined {
    return this.#kept.get(keyOf(page.uid, width));
  }

  /** How often a page has changed; a picture of before is out of date. */
  versionOf(uid: string): number {
    return this.#versions.get(uid) ?? 0;
  }

  /**
   * A page in small, as it now looks.
   *
   * @param width - In pixels, the least that it has.
   * @param signal - Of whoever shows it: one that has left the view is not asked for.
   * @returns A URL that holds as long as it is among the last 400.
   */
  async get(page: Page, width: number, signal: AbortSignal): Promise<string> {
    await this.#turn(signal);
    try {
      let version: number;
      let blob: Blob;
      do {
        version = this.versionOf(page.uid);
        blob = await page.thumbnailBlob({ width, signal });
      } while (version !== this.versionOf(page.uid));
      return this.#keep(keyOf(page.uid, width), URL.createObjectURL(blob));
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.start();
    }
  }

  /** A page looks different now: `renew` events carry its uid. */
  renew(uid: string): void {
    this.#versions.set(uid, this.versionOf(uid) + 1);
    this.dispatchEvent(new CustomEvent("renew", { detail: uid }));
  }

  /** Lets go of all of them. */
  clear(): void {
    this.#kept.forEach((url) => {
      URL.revokeObjectURL(url);
    });
    this.#kept.clear();
  }

  #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < MOST_AT_ONCE) {
      this.#running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        signal,
        start: () => {
          this.#running += 1;
          resolve();
        },
      };
      this.#waiting.push(waiting);
      signal.addEventListener("abort", () => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
        reject(signal.reason as Error);
      });
    });
  }

  #keep(key: string, url: string): string {
    const before = this.#kept.get(key);
    this.#kept.delete(key);
    this.#kept.set(key, url);
    if (before !== undefined) URL.revokeObjectURL(before);
    for (const [oldest, old] of this.#kept) {
      if (this.#kept.size <= MOST_KEPT) break;
      URL.revokeObjectURL(old);
      this.#kept.delete(oldest);
    }
    return url;
  }
}

function keyOf(uid: string, width: number): string {
  return `${uid} ${width}`;
}
