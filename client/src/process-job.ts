/** An operation that goes on by itself. */
import { abortError, onAbort, orAbort } from "./aborting.js";
import { readBody, untilAnswered, type Api } from "./api.js";
import type { components } from "./api-types.js";
import { errorOfRecord } from "./errors.js";
import { Watch } from "./watch.js";

type Answer = components["schemas"]["ProcessJobAnswer"];

/** How far an operation is: pages, or what its add-on counts. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** What is wanted of somebody who waits for a result. */
export interface ResultOptions {
  /** Cancels the operation. */
  readonly signal?: AbortSignal | undefined;
  /** Told at each change. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** An operation of an add-on that outlives this page; its `id` finds it again for a day. */
export class ProcessJob<Result = unknown> {
  readonly id: string;
  readonly operation: string;
  readonly #api: Api;
  readonly #path: string;
  #last: Answer;

  /** @param answer - The job as it was a moment ago. */
  constructor(api: Api, answer: Answer) {
    this.id = answer.jobuid;
    this.operation = answer.operation;
    this.#api = api;
    this.#path = `/api/process/jobs/${encodeURIComponent(answer.jobuid)}`;
    this.#last = answer;
  }

  /** How it is, as far as is known. */
  get status(): Answer["status"] {
    return this.#last.status;
  }

  /** How far it is, as far as is known. */
  get progress(): Progress {
    return this.#last.progress;
  }

  /**
   * Waits for what it makes: JSON, or a `Blob`.
   *
   * @throws FlatbedError of what went wrong; `DOMException` `AbortError` once it is cancelled.
   */
  async result(options: ResultOptions = {}): Promise<Result> {
    const { signal } = options;
    const forget = onAbort(signal, () => {
      // It may have ended by now: then there is nothing left to cancel.
      untilAnswered(() => this.cancel()).catch(() => undefined);
    });
    try {
      await orAbort(this.#waitForEnd(options), signal);
      const answer = await this.#api.send("GET", `${this.#path}/result`, undefined, { signal });
      return await readResult<Result>(answer, signal);
    } finally {
      forget();
    }
  }

  /** Ends it; what it made is deleted. */
  async cancel(): Promise<void> {
    this.#last = await this.#api.json("PATCH", this.#path, { status: "canceled" });
  }

  /** Ends it if it runs, and forgets what it made. */
  async delete(): Promise<void> {
    await this.#api.send("DELETE", this.#path);
  }

  async #waitForEnd({ signal, onProgress }: ResultOptions): Promise<void> {
    const watch = await Watch.begin(this.#api.connect);
    const tell = changesTo(onProgress);
    const forget = onAbort(signal, () => {
      watch.stop();
    });
    try {
      await this.#look(tell);
      while (this.#last.status === "running") {
        const event = await watch.next();
        if (event.subject === this.id || event.type === "resync") {
          await this.#look(tell);
        }
      }
    } finally {
      forget();
      watch.stop();
    }
    this.#throwFault();
  }

  async #look(tell: (progress: Progress) => void): Promise<void> {
    this.#last = await untilAnswered(() => this.#api.json<Answer>("GET", this.#path));
    tell(this.#last.progress);
  }

  #throwFault(): void {
    if (this.#last.status === "canceled") {
      throw abortError();
    }
    if (this.#last.error !== null) {
      throw errorOfRecord(this.#last.error);
    }
  }
}

/** Leaves out what was told already. */
function changesTo(onProgress: ResultOptions["onProgress"]): (progress: Progress) => void {
  let told: Progress | undefined;
  return (progress) => {
    const isNew = told?.done !== progress.done || told.total !== progress.total;
    told = progress;
    if (isNew) {
      onProgress?.(progress);
    }
  };
}

/** JSON as it is, anything else as a `Blob`. */
export async function readResult<Result>(answer: Response, signal?: AbortSignal): Promise<Result> {
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json") === true;
  const body: Promise<unknown> = isJson ? answer.json() : answer.blob();
  return (await readBody(body, signal)) as Result;
}
