/** Operations of add-ons on pages, by their names. */
import { Api, type Connect } from "./api.js";
import type { components } from "./api-types.js";
import { Document } from "./document.js";
import { newKey } from "./http.js";
import { type Page, uidOf } from "./pages.js";
import { ProcessJob, readResult, type ResultOptions } from "./process-job.js";

type Schemas = components["schemas"];

/** Settings of operations and what they answer, by name; add-ons can declare theirs here, too. */
export interface Operations {
  "check-blank": {
    settings: { minBlockHeight?: number; maxBlockHeight?: number };
    result: { result: boolean };
  };
  "inspect-page": {
    settings: Record<string, never>;
    result: {
      isBlank: boolean;
      /** Of its text, in degrees clockwise. */
      angle: number | null;
      /** Of the sheet on the bed, clockwise from its top left. */
      corners: readonly (readonly [number, number])[] | null;
    };
  };
  "split-photos": {
    settings: { most?: number };
    result: { pages: readonly Schemas["PageAnswer"][] };
  };
  encode: {
    settings: {
      media_type?: string;
      quality?: number;
      compression?: number;
      width?: number;
      height?: number;
    };
    result: Blob;
  };
}

/** The settings of an operation by its name; of an unknown one any. */
export type OperationSettings<Name extends string> = Name extends keyof Operations
  ? Operations[Name]["settings"]
  : Readonly<Record<string, unknown>> | string;

/** What an operation answers for one page. */
export type OperationResult<Name extends string> = Name extends keyof Operations
  ? Operations[Name]["result"]
  : unknown;

/** What became of one of several pages: one of `result`, `pages` and `error`. */
export interface EachResult<Result> {
  /** The page's uid. */
  readonly source: string;
  readonly result?: Result;
  readonly pages?: readonly Schemas["PageAnswer"][];
  readonly error?: { readonly code: number; readonly error: string; readonly message: string };
}

/** A page, or its uid or URL. */
export type OneSource = Page | string;

/** What to work on: a page, several, or a document. */
export type Sources = OneSource | readonly OneSource[] | Document;

/** What an operation answers for such sources. */
export type ResultOf<Name extends string, From> = From extends readonly unknown[] | Document
  ? Name extends keyof Operations
    ? { readonly pages: readonly EachResult<OperationResult<Name>>[] }
    : unknown
  : OperationResult<Name>;

const PROCESS = "/api/process";

/** The operations of this computer's add-ons. */
export class Processing {
  readonly #api: Api;

  /** @param connect - Gives the connection of now. */
  constructor(connect: Connect) {
    this.#api = new Api(connect);
  }

  /**
   * Carries an operation out and waits for what it finds or makes.
   *
   * @param sources - They stay as they are.
   * @param options - `signal` cancels it; `onProgress` has it go on as a job that tells.
   * @returns Its JSON, or a `Blob`; of several pages `pages`, in their order.
   */
  async process<Name extends string, From extends Sources>(
    operation: Name,
    sources: From,
    settings?: OperationSettings<Name>,
    options: ResultOptions = {},
  ): Promise<ResultOf<Name, From>> {
    if (options.onProgress !== undefined) {
      const job = await this.start(operation, sources, settings);
      return job.result(options);
    }
    const { signal } = options;
    return readResult(await this.#post(operation, sources, settings, { signal }), signal);
  }

  /** Has an operation go on by itself, also without this page. */
  async start<Name extends string, From extends Sources>(
    operation: Name,
    sources: From,
    settings?: OperationSettings<Name>,
  ): Promise<ProcessJob<ResultOf<Name, From>>> {
    const headers = { Prefer: "respond-async" };
    const answer = await this.#post(operation, sources, settings, { headers });
    return new ProcessJob(apiOf(this.#api, sources), await readResult(answer));
  }

  /** An operation that goes on by itself, by its id. */
  async get(id: string, options: { signal?: AbortSignal } = {}): Promise<ProcessJob> {
    const path = `${PROCESS}/jobs/${encodeURIComponent(id)}`;
    return new ProcessJob(this.#api, await this.#api.json("GET", path, undefined, options));
  }

  /** All of them that the service still knows. */
  async list(options: { signal?: AbortSignal } = {}): Promise<ProcessJob[]> {
    const path = `${PROCESS}/jobs`;
    const found = await this.#api.json<Schemas["ProcessJobAnswer"][]>(
      ...(["GET", path, undefined, options] as const),
    );
    return found.map((each) => new ProcessJob(this.#api, each));
  }

  #post(
    operation: string,
    sources: Sources,
    settings: unknown,
    options: { signal?: AbortSignal | undefined; headers?: Record<string, string> },
  ): Promise<Response> {
    const path = `${PROCESS}/${encodeURIComponent(operation)}`;
    const body = { source: toSource(sources), settings };
    const sent = { ...options, idempotencyKey: newKey() };
    return apiOf(this.#api, sources).send("POST", path, body, sent);
  }
}

function toSource(sources: Sources): string | string[] {
  if (sources instanceof Document) {
    return sources.path;
  }
  return isOne(sources) ? uidOf(sources) : sources.map(uidOf);
}

function isOne(sources: OneSource | readonly OneSource[]): sources is OneSource {
  return !Array.isArray(sources);
}

/** With the password that opens the sources, where they have one. */
function apiOf(api: Api, sources: Sources): Api {
  const [first] = Array.isArray(sources)
    ? (sources as readonly OneSource[])
    : [sources as OneSource | Document];
  return typeof first === "object" ? api.with(first.headers) : api;
}
