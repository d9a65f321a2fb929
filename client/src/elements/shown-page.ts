/** The page that an element shows in large, as sharp as it is looked at. */
import type { ReactiveController } from "lit";

import type { Page, PageInfo } from "../index.js";
import type { FlatbedElement } from "./element.js";
import { PagePictures, type Picture, widthFor } from "./page-pictures.js";

// A zoom goes on for a while; each of its steps would ask for a picture.
const CALM_MS = 120;

/** A page as it is seen. */
export interface Shown {
  readonly page: Page;
  /** Which of the looks that it has had. */
  readonly look: number;
  readonly info: PageInfo;
  readonly picture: Picture;
}

/** Loads the wanted page; the one before is there until the next one can be seen. */
export class ShownPage implements ReactiveController {
  readonly #host: FlatbedElement;
  readonly #widthOf: (info: PageInfo) => number;
  readonly #pictures = new PagePictures();
  #loading: AbortController | undefined;
  #asked = "";
  #shown: Shown | undefined;
  #failure: Error | undefined;

  /** @param widthOf - How wide a page has to be, in pixels of the screen. */
  constructor(host: FlatbedElement, widthOf: (info: PageInfo) => number) {
    this.#host = host;
    this.#widthOf = widthOf;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#forget();
    this.#pictures.clear();
  }

  /** What is seen; undefined before there is anything. */
  get shown(): Shown | undefined {
    return this.#shown;
  }

  /** Whether something else, or something sharper, is on its way. */
  get isLoading(): boolean {
    return this.#loading !== undefined;
  }

  /** Why the wanted page cannot be seen; undefined if it can. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Has a page shown as it now looks; nothing is asked for twice. */
  want(page: Page | undefined, next: Page | undefined): void {
    if (page === undefined) {
      if (this.#asked !== "") this.#forget();
      return;
    }
    const look = this.#lookOf(page);
    const same = this.#shown?.page.uid === page.uid && this.#shown.look === look;
    const width = same && this.#shown ? this.#sharpness(this.#shown) : 0;
    const asked = `${page.uid} ${look} ${width}`;
    if (asked === this.#asked) return;
    this.#asked = asked;
    if (same && this.#shown && width <= this.#shown.picture.width) return;
    void this.#load(page, { look, next, waitMs: same ? CALM_MS : 0 });
  }

  /** Asks once more for what could not be had. */
  retry(): void {
    this.#asked = "";
    this.#host.requestUpdate();
  }

  #sharpness({ info }: Shown): number {
    return widthFor(this.#widthOf(info), info);
  }

  #lookOf(page: Page): number {
    return this.#host.desk.thumbnails.versionOf(page.uid);
  }

  async #load(
    page: Page,
    { look, next, waitMs }: { look: number; next: Page | undefined; waitMs: number },
  ): Promise<void> {
    const loading = this.#begin();
    try {
      await pause(waitMs);
      const shown = await this.#fetch(page, look, loading.signal);
      await decoded(shown.picture.url);
      if (loading.signal.aborted) return;
      this.#shown = shown;
      if (next !== undefined) void this.#prepare(next, loading.signal);
    } catch (error) {
      if (!loading.signal.aborted) this.#failure = asError(error);
    } finally {
      if (this.#loading === loading) this.#loading = undefined;
      this.#host.requestUpdate();
    }
  }

  #begin(): AbortController {
    this.#loading?.abort();
    this.#failure = undefined;
    this.#loading = new AbortController();
    this.#host.requestUpdate();
    return this.#loading;
  }

  async #fetch(page: Page, look: number, signal: AbortSignal): Promise<Shown> {
    signal.throwIfAborted();
    const info = await this.#host.desk.infos.get(page);
    signal.throwIfAborted();
    const width = this.#widthOf(info);
    return {
      page,
      look,
      info,
      picture: await this.#pictures.get(page, look, { info, width, signal }),
    };
  }

  /** Has the page at hand that is likely looked at next. */
  async #prepare(page: Page, signal: AbortSignal): Promise<void> {
    try {
      await this.#fetch(page, this.#lookOf(page), signal);
    } catch {
      // Whoever looks at it asks again, and is told why it cannot be seen.
    }
  }

  #forget(): void {
    this.#loading?.abort();
    this.#loading = undefined;
    this.#shown = undefined;
    this.#failure = undefined;
    this.#asked = "";
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Unpacked before it is shown: else the page would be gone for a moment. */
async function decoded(url: string): Promise<void> {
  const image = new Image();
  image.src = url;
  await image.decode();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
