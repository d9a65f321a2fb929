/** Scan jobs: start one, come back to one, see what a crash left. */
import { abortError, orAbort, throwIfAborted } from "./aborting.js";
import { Api, type Connect } from "./api.js";
import type { components } from "./api-types.js";
import { newKey } from "./http.js";
import { Job } from "./job.js";
import { type ScanOptions, toJobRequest } from "./scan-options.js";
import { Watch } from "./watch.js";

type Schemas = components["schemas"];

const JOBS = "/api/device/scanners/jobs";
const RECOVERED = "/api/storage/recovered";

/** Scans of this page. */
export class Jobs {
  readonly #api: Api;

  /** @param connect - Gives the connection of now. */
  constructor(connect: Connect) {
    this.#api = new Api(connect);
  }

  /** Scans; `document.scan` does it into a document. */
  start(options: ScanOptions = {}): Promise<Job> {
    return startJob(this.#api, options);
  }

  /**
   * A job of this page's origin by its id, also after a reload.
   *
   * @param options - `signal` gives up looking; the job goes on.
   */
  async get(id: string, options: { signal?: AbortSignal } = {}): Promise<Job> {
    const watch = await Watch.begin(this.#api.connect);
    try {
      await this.#api.send("GET", `${JOBS}/${encodeURIComponent(id)}`, undefined, options);
    } catch (error) {
      watch.stop();
      throw error;
    }
    return new Job(this.#api, id, watch);
  }

  /** What a crash cut off, to keep or to delete. */
  recovered(options: { signal?: AbortSignal } = {}): Promise<readonly Schemas["Recovered"][]> {
    return this.#api.json("GET", RECOVERED, undefined, options);
  }

  /** Keeps a job or document of `recovered` by its uid: it is like every other. */
  async keepRecovered(uid: string): Promise<void> {
    await this.#api.send("POST", `${RECOVERED}/${encodeURIComponent(uid)}/keep`);
  }

  /** Deletes a job or document of `recovered` by its uid. */
  async deleteRecovered(uid: string): Promise<void> {
    await this.#api.send("DELETE", `${RECOVERED}/${encodeURIComponent(uid)}`);
  }
}

/**
 * Starts a job, once, however often the request has to be sent.
 *
 * @param api - Carries the password of the document.
 * @param document - The uid of the document that the pages go into.
 */
export async function startJob(api: Api, options: ScanOptions, document?: string): Promise<Job> {
  const { signal, idempotencyKey = newKey() } = options;
  throwIfAborted(signal);
  const watch = await Watch.begin(api.connect);
  if (signal?.aborted === true) {
    watch.stop();
    throw abortError();
  }
  const body = toJobRequest(options, document);
  // Not ended by the signal: the job may have begun by then, and has to be known to be stopped.
  const job = api
    .json<Schemas["JobCreated"]>("POST", JOBS, body, { idempotencyKey })
    .then((created) => new Job(api, created.jobuid, watch, { status: "running", signal }));
  job.catch(() => {
    watch.stop();
  });
  return orAbort(job, signal);
}
