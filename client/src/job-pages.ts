/** The pages of a job, as they come. */
import { orAbort, throwIfAborted } from "./aborting.js";
import type { Api } from "./api.js";
import type { components } from "./api-types.js";
import { Page } from "./pages.js";

/** A page of a job, as events and its list tell it. */
export type PageRecord = Readonly<components["schemas"]["JobPage"]>;

/** Pages in order, and loops over them that wait for the next. */
export class JobPages {
  readonly #api: Api;
  readonly #pages: Page[] = [];
  #lastOrdinal = -1;
  #changed = newChange();

  /** @param api - Carries the password, if the pages go into a document that has one. */
  constructor(api: Api) {
    this.#api = api;
  }

  get count(): number {
    return this.#pages.length;
  }

  /** The first that a page can have which is not here yet. */
  get nextOrdinal(): number {
    return this.#lastOrdinal + 1;
  }

  /** Takes a page in; undefined if it is here, for events tell some pages again. */
  add(record: PageRecord): Page | undefined {
    if (record.ordinal <= this.#lastOrdinal) {
      return undefined;
    }
    this.#lastOrdinal = record.ordinal;
    const page = new Page(this.#api, record.document_page ?? record.page);
    this.#pages.push(page);
    this.notify();
    return page;
  }

  /** Has every loop look again, for the job has changed. */
  notify(): void {
    this.#changed.tell();
    this.#changed = newChange();
  }

  /**
   * All pages from the first on.
   *
   * @param isOver - Asked after the last one: whether no other will come; may throw why.
   */
  async *walk(
    isOver: () => boolean,
    ...signals: (AbortSignal | undefined)[]
  ): AsyncGenerator<Page, void, undefined> {
    for (let next = 0; ;) {
      signals.forEach(throwIfAborted);
      const changed = this.#changed.promise;
      const page = this.#pages[next];
      if (page !== undefined) {
        next += 1;
        yield page;
      } else if (isOver()) {
        return;
      } else {
        await orAbort(changed, ...signals);
      }
    }
  }
}

function newChange(): { readonly promise: Promise<void>; readonly tell: () => void } {
  let tell = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return { promise, tell };
}
