/** Operations of a service in memory: they find nothing, in the form in which they would. */
import { json, newUid, nothing, Refusal } from "./answers.js";
import type { EventLog } from "./log.js";
import type { Shelf } from "./shelf.js";

type Body = Readonly<Record<string, unknown>>;

const RESULTS: Readonly<Record<string, unknown>> = {
  "read-barcode": [],
  "check-blank": { result: false },
  "inspect-page": { isBlank: false, angle: 0, corners: null },
  "recognize-text": { lines: [] },
};

/** The operations, and those that go on by themselves. */
export class Works {
  readonly #jobs = new Map<string, { readonly show: object; readonly result: unknown }>();

  constructor(
    private readonly shelf: Shelf,
    private readonly log: EventLog,
  ) {}

  /** Carries one out, of one page or of several. */
  process(operation: string, body: Body, isAsync: boolean): Response {
    if (!(operation in RESULTS)) {
      const message = `No add-on of the mock brings '${operation}'.`;
      throw new Refusal(404, "operation_not_found", -1126, message);
    }
    const result = this.#resultOf(operation, body.source);
    return isAsync ? this.#begin(operation, result) : json(result);
  }

  /** All that went on by themselves. */
  list(): object[] {
    return [...this.#jobs.values()].map(({ show }) => show);
  }

  show(uid: string): object {
    return this.#job(uid).show;
  }

  result(uid: string): unknown {
    return this.#job(uid).result;
  }

  delete(uid: string): Response {
    this.#job(uid);
    this.#jobs.delete(uid);
    return nothing();
  }

  #resultOf(operation: string, source: unknown): unknown {
    const found = RESULTS[operation];
    const folder = typeof source === "string" && /\/documents\/([0-9a-f]{32})$/.exec(source)?.[1];
    const sources = folder ? this.shelf.uids(folder) : source;
    if (!Array.isArray(sources)) {
      this.shelf.find(String(sources));
      return found;
    }
    const uids = sources.map((each) => this.shelf.find(String(each)).uid);
    return { pages: uids.map((uid) => ({ source: uid, result: found })) };
  }

  #begin(operation: string, result: unknown): Response {
    const jobuid = newUid();
    const at = new Date().toISOString();
    const progress = { done: 1, total: 1 };
    const times = { startedAt: at, finishedAt: at };
    const place = `/api/process/jobs/${jobuid}/result`;
    const show = { jobuid, operation, status: "completed", progress, error: null, ...times };
    this.#jobs.set(jobuid, { show: { ...show, result: place }, result });
    this.log.tell("process.progress", jobuid, { ...progress, status: "completed" });
    return json({ ...show, result: place }, 202);
  }

  #job(uid: string) {
    const job = this.#jobs.get(uid);
    if (job !== undefined) return job;
    throw new Refusal(404, "job_not_found", -1034, "There is no such job.");
  }
}
