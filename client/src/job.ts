/** One scan: its pages as they come, its pauses, its end. */
import { abortError, delay, onAbort } from "./aborting.js";
import { untilAnswered, type Api } from "./api.js";
import type { components } from "./api-types.js";
import type { ServiceEvent } from "./connection.js";
import { FlatbedError, errorOfRecord, isError, jobGone, type ErrorRecord } from "./errors.js";
import { EndedEvent, JobEventTarget, PageEvent, PausedEvent, WarningEvent } from "./job-events.js";
import { JobPages, type PageRecord } from "./job-pages.js";
import type { Page } from "./pages.js";
import type { Watch } from "./watch.js";

type Look = components["schemas"]["JobStatus"];

/** How a job is; `deleted` ones are gone with their pages. */
export type JobState = Look["status"] | "deleted";

/** What is known of a job that began just now. */
export interface JobStart {
  readonly status?: JobState | undefined;
  readonly signal?: AbortSignal | undefined;
}

const JOBS = "/api/device/scanners/jobs";
const LIVE: readonly JobState[] = ["pending", "running", "paused"];

/**
 * A scan job, watched from its start or from `jobs.get(id)` on until it has ended.
 *
 * Events: `page`, `paused`, `resumed`, `warning`, `ended`.
 */
export class Job extends JobEventTarget {
  /** Of use to `jobs.get` after a reload. */
  readonly id: string;
  readonly #api: Api;
  readonly #path: string;
  readonly #watched: Watch;
  readonly #signal: AbortSignal | undefined;
  readonly #pages: JobPages;
  #status: JobState | undefined;
  #document: string | undefined;
  #fault: FlatbedError | undefined;
  #waitsFor: FlatbedError | undefined;
  #warnings: readonly string[] = [];
  #failure: { readonly error: unknown } | undefined;
  #isWatchedEnd = false;
  #isFinishing = false;
  /** One more whenever the job was told to change: what was asked before is old news then. */
  #orders = 0;

  /**
   * @param api - Carries the password, if the pages go into a document that has one.
   * @param watch - Its events, which began before the job did.
   * @param start - Of a job that began just now: how it is, and the signal that cancels it.
   */
  constructor(api: Api, id: string, watch: Watch, start: JobStart = {}) {
    super();
    this.id = id;
    this.#api = api;
    this.#pages = new JobPages(api);
    this.#path = `${JOBS}/${encodeURIComponent(id)}`;
    this.#watched = watch;
    this.#signal = start.signal;
    this.#status = start.status;
    const forget = onAbort(start.signal, () => {
      this.cancel().catch((error: unknown) => {
        this.#fail(error);
      });
    });
    void this.#watch().finally(forget);
  }

  /** How it is, as far as is known. */
  get status(): JobState {
    return this.#status ?? "running";
  }

  /** The uid of the document that its pages go into. */
  get document(): string | undefined {
    return this.#document;
  }

  /** Why it paused or faulted; `pagesSafe` says how many pages are stored. */
  get fault(): FlatbedError | undefined {
    return this.#fault;
  }

  /** What it waits for before it feeds the next sheet, such as room on the disk. */
  get waitsFor(): FlatbedError | undefined {
    return this.#waitsFor;
  }

  /** What gave way, in sentences. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** How many pages it has, as far as is known. */
  get pageCount(): number {
    return this.#pages.count;
  }

  /**
   * Every page once, in order, from the first on; those of before at once, the others as they
   * come. A slow loop keeps no paper waiting, `break` leaves the job as it is, and each call is a
   * loop of its own.
   *
   * @param options - `signal` ends this loop only.
   * @throws FlatbedError, after the last page, for a fault that ended the job, or paused it while
   * nobody listens to `paused`; `DOMException` `AbortError` if it was cancelled meanwhile.
   */
  pages(options: { signal?: AbortSignal } = {}): AsyncGenerator<Page, void, undefined> {
    return this.#pages.walk(() => this.#isOver(), options.signal, this.#signal);
  }

  /** Goes on after a pause, with the sheets that are left. */
  async resume(): Promise<void> {
    await this.#order("running");
  }

  /** Ends it here: its pages stay, and loops over them end as after the last sheet. */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    await this.#end();
  }

  /** Stops the paper; the pages stay, and loops over them end with an `AbortError`. */
  async cancel(): Promise<void> {
    this.#isFinishing = false;
    await this.#end();
  }

  /** Stops it if it runs, and deletes it; pages in documents stay. */
  async delete(): Promise<void> {
    await this.#api.send("DELETE", this.#path);
    this.#orders += 1;
    this.#become("deleted");
  }

  async #end(): Promise<void> {
    try {
      await untilAnswered(() => this.#order("canceled"));
    } catch (error) {
      // It was quicker; how it ended is its own business.
      if (!isError(error, "wrong_state", "job_gone")) {
        throw error;
      }
    }
    await this.#look(true);
    if (this.#status === "pending") {
      // One that was never started has nothing to keep.
      await this.delete();
    }
  }

  async #order(status: "running" | "canceled"): Promise<void> {
    await this.#api.send("PATCH", this.#path, { status });
    this.#orders += 1;
    if (status === "running") {
      this.#become("running");
    }
  }

  /** Follows the job to its end, over whatever connections there are. */
  async #watch(): Promise<void> {
    try {
      // Whoever gets the job has a moment to listen before anything is told.
      await delay(0);
      await this.#look(true);
      while (!this.#hasEnded()) {
        await this.#take(await this.#watched.next());
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#watched.stop();
    }
  }

  async #take(event: ServiceEvent): Promise<void> {
    if (event.type === "resync") {
      await this.#look(true);
    } else if (event.subject !== this.id) {
      return;
    } else if (event.type === "page.added") {
      this.#add(event.data as unknown as PageRecord);
    } else if (event.data.status === "deleted") {
      this.#become("deleted");
    } else if (event.type === "job.status") {
      // The event may be old news; the job itself tells how it is.
      await this.#look(false);
    }
  }

  /** Asks how the job is; `isWhole` where events of pages may be missing, too. */
  async #look(isWhole: boolean): Promise<void> {
    let orders: number;
    let found: Look | undefined;
    do {
      orders = this.#orders;
      found = await untilAnswered(() => this.#ask());
    } while (orders !== this.#orders);
    if (found === undefined) {
      this.#become("deleted");
      return;
    }
    if ((isWhole || !LIVE.includes(found.status)) && found.pages > this.#pages.count) {
      await untilAnswered(() => this.#list());
    }
    this.#show(found);
  }

  #ask(): Promise<Look | undefined> {
    return this.#api.json<Look>("GET", this.#path).catch((error: unknown) => {
      if (isError(error, "job_gone", "job_not_found")) {
        return undefined;
      }
      throw error;
    });
  }

  async #list(): Promise<void> {
    const path = `${this.#path}/pages?from=${this.#pages.nextOrdinal}`;
    const records = await this.#api.json<PageRecord[]>("GET", path);
    records.forEach((record) => {
      this.#add(record);
    });
  }

  #add(record: PageRecord): void {
    const page = this.#pages.add(record);
    if (page !== undefined) {
      this.dispatchEvent(new PageEvent(page));
    }
  }

  #show(found: Look): void {
    const toError = (record: ErrorRecord | null) =>
      record === null ? undefined : errorOfRecord(record, found.pages);
    const waitsFor = toError(found.waiting);
    const news = found.warnings.filter((each) => !this.#warnings.includes(each));
    if (waitsFor !== undefined && this.#waitsFor === undefined) {
      news.push(waitsFor.message);
    }
    this.#warnings = found.warnings;
    this.#waitsFor = waitsFor;
    this.#document = found.document ?? undefined;
    news.forEach((each) => this.dispatchEvent(new WarningEvent(each)));
    this.#become(found.status, toError(found.error));
  }

  #become(status: JobState, fault?: FlatbedError): void {
    const before = this.#status;
    if (before === status || this.#hasEnded()) {
      return;
    }
    this.#status = status;
    this.#fault = fault;
    this.#isWatchedEnd = before !== undefined;
    this.#pages.notify();
    if (status === "paused" && fault !== undefined) {
      this.dispatchEvent(new PausedEvent(fault));
    } else if (before === "paused" && status === "running") {
      this.dispatchEvent(new Event("resumed"));
    } else if (this.#hasEnded()) {
      this.#watched.stop();
      this.dispatchEvent(new EndedEvent(status, fault));
    }
  }

  #hasEnded(): boolean {
    return this.#failure !== undefined || !LIVE.includes(this.status);
  }

  /** Whether no page will come; throws why, unless it is as it should be. */
  #isOver(): boolean {
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
    if (this.#fault !== undefined && (this.#status === "faulted" || !this.hearsPauses)) {
      throw this.#fault;
    }
    if (this.#status === "deleted") {
      throw jobGone();
    }
    if (this.#status === "canceled" && this.#isWatchedEnd && !this.#isFinishing) {
      throw abortError();
    }
    return this.#hasEnded();
  }

  #fail(error: unknown): void {
    if (this.#hasEnded()) {
      return;
    }
    this.#failure = { error };
    this.#pages.notify();
    const known = error instanceof FlatbedError ? error : undefined;
    this.dispatchEvent(new EndedEvent(this.status, known));
  }
}
