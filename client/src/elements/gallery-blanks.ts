/** Which pages are blank: as their scan found, else looked at one after the other. */
import { FlatbedError, type Page } from "../index.js";
import type { Desk } from "./desk.js";

const OPERATION = "check-blank";
/** So long nothing new has to come into view before pages are looked at. */
const SETTLED_MS = 400;

/** What is known of pages until they change. */
export class GalleryBlanks {
  readonly #known = new Map<string, boolean>();
  #waiting: readonly Page[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isLooking = false;
  #desk: Desk | undefined;

  /** @param changed - Called as more is known. */
  constructor(private readonly changed: () => void) {}

  /** Looks at the pages of another desk; without one it looks at none. */
  use(desk: Desk | undefined): void {
    this.#desk?.thumbnails.removeEventListener("renew", this.#forget);
    this.#desk = desk;
    this.#waiting = [];
    this.#known.clear();
    clearTimeout(this.#timer);
    desk?.thumbnails.addEventListener("renew", this.#forget);
  }

  /** Whether a page is known to be blank. */
  has(page: Page): boolean {
    return this.#known.get(page.uid) === true;
  }

  /** The pages that are in view now: once that has settled, they are looked at. */
  show(pages: readonly Page[]): void {
    this.#waiting = pages.filter(({ uid }) => !this.#known.has(uid));
    clearTimeout(this.#timer);
    if (this.#waiting.length === 0) return;
    this.#timer = setTimeout(() => void this.#lookAtWaiting(), SETTLED_MS);
  }

  /**
   * Those of some pages that are blank.
   *
   * @throws FlatbedError If one of them cannot be looked at.
   */
  async find(pages: readonly Page[]): Promise<Page[]> {
    for (const page of pages) {
      if (!this.#known.has(page.uid)) this.#known.set(page.uid, await this.#isBlank(page));
    }
    this.changed();
    return pages.filter((page) => this.has(page));
  }

  async #lookAtWaiting(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (let page = this.#next(); page !== undefined; page = this.#next()) await this.#look(page);
    } finally {
      this.#isLooking = false;
    }
  }

  /** A scan needs the machine for itself. */
  #next(): Page | undefined {
    const desk = this.#desk;
    if (desk?.flatbed.state.name !== "ready" || desk.run?.state === "scanning") return undefined;
    return this.#waiting.find(({ uid }) => !this.#known.has(uid));
  }

  async #look(page: Page): Promise<void> {
    try {
      this.#known.set(page.uid, await this.#isBlank(page));
    } catch (error) {
      if (!(error instanceof FlatbedError)) throw error;
      // Nobody asked for it: a page that cannot be looked at has no mark until it changes.
      this.#known.set(page.uid, false);
    }
    if (this.has(page)) this.changed();
  }

  async #isBlank(page: Page): Promise<boolean> {
    const desk = this.#desk;
    if (desk === undefined) return false;
    const { results, edits } = await desk.infos.get(page);
    const found = edits.length === 0 ? readResult(results[OPERATION]) : undefined;
    return found ?? (await desk.flatbed.processing.process(OPERATION, page)).result;
  }

  readonly #forget = (event: Event): void => {
    if (event instanceof CustomEvent) this.#known.delete(String(event.detail));
  };
}

function readResult(answer: unknown): boolean | undefined {
  const isAnswer = typeof answer === "object" && answer !== null && "result" in answer;
  return isAnswer && typeof answer.result === "boolean" ? answer.result : undefined;
}
