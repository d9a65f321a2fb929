/** One scan as a person follows it. */
import type { EndedEvent, FlatbedError, Job, Page } from "../index.js";

/** How it goes: it scans, waits for a person, or has ended. */
export type RunState = "scanning" | "paused" | "completed" | "canceled" | "faulted";

/** A job with its pages so far; `change` tells of anything new, `page` of another page. */
export class ScanRun extends EventTarget {
  readonly #pages: Page[] = [];
  #ended: EndedEvent | undefined;

  /** @param job - Its pauses are seen to by whoever shows this. */
  constructor(readonly job: Job) {
    super();
    job.addEventListener("page", ({ page }) => {
      this.#pages.push(page);
      this.dispatchEvent(new Event("page"));
      this.#change();
    });
    job.addEventListener("ended", (event) => {
      this.#ended = event;
      this.#change();
    });
    for (const type of ["paused", "resumed", "warning"] as const) {
      job.addEventListener(type, () => {
        this.#change();
      });
    }
  }

  /** The pages that are safe, in their order. */
  get pages(): readonly Page[] {
    return this.#pages;
  }

  /** The last page that is safe: a person looks for the sheet after it. */
  get lastPage(): Page | undefined {
    return this.#pages.at(-1);
  }

  get state(): RunState {
    const { status } = this.job;
    if (status === "deleted") return "canceled";
    if (status !== "running" && status !== "pending" && status !== "paused") return status;
    // Nothing more is told of it.
    if (this.#ended !== undefined) return "faulted";
    return status === "paused" ? status : "scanning";
  }

  /** Whether pages may still come. */
  get isLive(): boolean {
    return this.state === "scanning" || this.state === "paused";
  }

  /** Why it paused or ended before its time. */
  get fault(): FlatbedError | undefined {
    return this.job.fault ?? this.#ended?.error;
  }

  /** What it waits for before the next sheet, such as room on the disk. */
  get waitsFor(): FlatbedError | undefined {
    return this.job.waitsFor;
  }

  #change(): void {
    this.dispatchEvent(new Event("change"));
  }
}
