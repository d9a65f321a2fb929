/** A service in memory, for authors' own tests: it answers as a real one does, and scans nothing. */
import { delay, throwIfAborted } from "../aborting.js";
import type { Connection, RequestOptions, ServiceEvent } from "../connection.js";
import { file, json, newUid, nothing, Refusal } from "./answers.js";
import { CAPABILITIES } from "./capabilities.js";
import { EventLog } from "./log.js";
import type { MockOptions } from "./options.js";
import { toPng } from "./pictures.js";
import { Scans } from "./scans.js";
import { drawingOf, Shelf } from "./shelf.js";
import { Works } from "./works.js";

/** One request to a route; `uid` and `below` are the parts of its path. */
interface Call {
  readonly uid: string;
  readonly below: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
  readonly signal: AbortSignal | undefined;
}

type Route = readonly [RegExp, (call: Call) => Response | Promise<Response>];

const JOBS = "/api/device/scanners/jobs";
const DOCUMENTS = "/api/storage/documents";
const PAGES = "/api/storage/pages";

/**
 * A service that knows scanners, jobs, documents and their pages, and the events of them. Every
 * picture that it gives is a PNG, whatever type was asked for.
 */
export class MockConnection implements Connection {
  readonly baseUrl = "mock:";
  readonly #log = new EventLog();
  readonly #shelf = new Shelf(this.#log);
  readonly #works = new Works(this.#shelf, this.#log);
  readonly #scans: Scans;
  readonly #routes: readonly Route[];
  readonly #answered = new Map<string, Promise<Response>>();

  /**
   * @param options - How many pages there are, how fast, and what goes wrong.
   * @param toError - Of an answer that is not 2xx; given, because this file is loaded apart and
   * would have a class of errors of its own.
   */
  constructor(
    options: MockOptions,
    private readonly toError: (answer: Response) => Promise<Error>,
  ) {
    this.#scans = new Scans(options, this.#shelf, this.#log);
    this.#routes = [
      ...this.#ofTheService(),
      ...this.#ofJobs(),
      ...this.#ofDocuments(),
      ...this.#ofPages(),
    ];
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    options: RequestOptions = {},
  ): Promise<Response> {
    // An answer never comes in the same turn; what waits for one must not rely on it.
    await delay(0, options.signal);
    throwIfAborted(options.signal);
    const answer = await this.#answerOnce(method, path, body, options);
    if (!answer.ok) throw await this.toError(answer);
    return answer;
  }

  events(signal?: AbortSignal): AsyncIterable<ServiceEvent> {
    return this.#log.read(signal);
  }

  close(): void {
    this.#log.close();
  }

  async #answerOnce(...request: Parameters<Connection["send"]>): Promise<Response> {
    const key = request[3]?.idempotencyKey;
    if (key === undefined) return this.#answer(...request);
    const answered = this.#answered.get(key) ?? this.#answer(...request);
    this.#answered.set(key, answered);
    return (await answered).clone();
  }

  async #answer(
    ...[method, path, body, options]: Parameters<Connection["send"]>
  ): Promise<Response> {
    const { pathname, searchParams: query } = new URL(path, "http://127.0.0.1");
    const headers = new Headers(options?.headers);
    for (const [pattern, handle] of this.#routes) {
      const match = pattern.exec(`${method} ${pathname}`);
      if (match === null) continue;
      const [, uid = "", below = ""] = match;
      const call = { uid, below, query, body: toJson(body), headers, signal: options?.signal };
      try {
        return await handle(call);
      } catch (error) {
        if (error instanceof Refusal) return error.toAnswer();
        throw error;
      }
    }
    const message = "There is nothing under this address of the mock.";
    return new Refusal(404, "not_found", -1040, message).toAnswer();
  }

  #ofTheService(): readonly Route[] {
    const modules = { version: "20261121", compatible: true, moduleVersions: { core: ["1.0.0"] } };
    const works = this.#works;
    return [
      [route("GET", "/api/server/version"), () => json(modules)],
      [route("GET", "/api/addons"), () => json([])],
      [route("GET", "/api/device/scanners"), () => json(this.#scans.scanners())],
      [route("GET", "/api/storage/recovered"), () => json([])],
      [route("POST", "/api/sessions"), () => json({ sessionuid: newUid(), addons: {} }, 201)],
      [route("GET", "/api/process/jobs"), () => json(works.list())],
      [route("GET", "/api/process/jobs/:"), ({ uid }) => json(works.show(uid))],
      [route("GET", "/api/process/jobs/:/result"), ({ uid }) => json(works.result(uid))],
      [route("PATCH", "/api/process/jobs/:"), ({ uid }) => json(works.show(uid))],
      [route("DELETE", "/api/process/jobs/:"), ({ uid }) => works.delete(uid)],
      [
        route("POST", "/api/process/:"),
        ({ uid, body, headers }) =>
          works.process(uid, body, headers.get("Prefer") === "respond-async"),
      ],
    ];
  }

  #ofJobs(): readonly Route[] {
    const scans = this.#scans;
    return [
      [route("POST", JOBS), ({ body }) => json(scans.create(body), 201)],
      [route("GET", `${JOBS}/:`), ({ uid }) => json(scans.show(uid))],
      [route("PATCH", `${JOBS}/:`), ({ uid, body }) => json(scans.order(uid, body.status))],
      [
        route("DELETE", `${JOBS}/:`),
        ({ uid }) => {
          scans.delete(uid);
          return nothing();
        },
      ],
      [
        route("GET", `${JOBS}/:/pages`),
        ({ uid, query }) => json(scans.pages(uid, Number(query.get("from")))),
      ],
      [
        route("GET", `${JOBS}/:/next-page`),
        async ({ uid, signal }) => {
          const sheet = await scans.next(uid, signal);
          return sheet === undefined ? nothing() : file(toPng(drawingOf(sheet)), "image/png");
        },
      ],
      [
        route("GET", `${JOBS}/:/content`),
        ({ uid, query }) =>
          file(toPng(drawingOf(scans.page(uid, Number(query.get("page"))))), "image/png"),
      ],
      [route("GET", `${JOBS}/:/scanner/capabilities`), () => json(CAPABILITIES)],
    ];
  }

  #ofDocuments(): readonly Route[] {
    const shelf = this.#shelf;
    return [
      [route("GET", DOCUMENTS), ({ query }) => json(shelf.list(query.get("name")))],
      [route("POST", DOCUMENTS), ({ body }) => json(shelf.create(textOf(body.name)), 201)],
      [route("GET", `${DOCUMENTS}/:`), ({ uid }) => json(shelf.show(uid))],
      [
        route("PATCH", `${DOCUMENTS}/:`),
        ({ uid, body }) => json(shelf.annotate(uid, body.metadata)),
      ],
      [
        route("DELETE", `${DOCUMENTS}/:`),
        ({ uid }) => {
          shelf.delete(uid);
          return nothing();
        },
      ],
      [
        route("POST", `${DOCUMENTS}/:/pages`),
        ({ uid, body }) => {
          // A file has no source; it becomes one page, whatever is in it.
          const source = textOf(body.source);
          shelf.insert(uid, source === undefined ? shelf.add(1, "") : shelf.find(source), body);
          return json(shelf.show(uid));
        },
      ],
      [
        route("PATCH", `${DOCUMENTS}/:/pages`),
        ({ uid, body }) => json(shelf.reorder(uid, body.order as string[])),
      ],
      [
        route("DELETE", `${DOCUMENTS}/:/pages/:`),
        ({ uid, below }) => {
          shelf.remove(uid, below);
          return nothing();
        },
      ],
      [route("POST", `${DOCUMENTS}/:/undo`), ({ uid }) => json(shelf.step(uid, "undo"))],
      [route("POST", `${DOCUMENTS}/:/redo`), ({ uid }) => json(shelf.step(uid, "redo"))],
      [
        route("GET", `${DOCUMENTS}/:/content`),
        ({ uid, query }) => {
          const pages = (query.get("pages") ?? "").split(",").filter((page) => page !== "");
          return file(...shelf.toFile(uid, query.get("type") ?? "application/pdf", pages));
        },
      ],
    ];
  }

  #ofPages(): readonly Route[] {
    const shelf = this.#shelf;
    const look = ({ uid }: Call) => file(toPng(drawingOf(shelf.find(uid))), "image/png");
    return [
      [route("GET", `${PAGES}/:`), ({ uid }) => json(shelf.describe(uid))],
      [route("GET", `${PAGES}/:/content`), look],
      [route("GET", `${PAGES}/:/thumbnail`), look],
      [route("POST", `${PAGES}/:/edits`), ({ uid, body }) => json(shelf.edit(uid, body))],
      [route("DELETE", `${PAGES}/:/edits`), ({ uid }) => json(shelf.edit(uid, undefined))],
    ];
  }
}

/** Each `:` stands for one part of the path. */
function route(method: string, path: string): RegExp {
  return new RegExp(`^${method} ${path.replaceAll(":", "([^/]+)")}$`);
}

/** A body as it would come out of the wire; a file tells nothing. */
function toJson(body: unknown): Readonly<Record<string, unknown>> {
  if (body === undefined || body instanceof Blob) return {};
  return JSON.parse(JSON.stringify(body)) as Readonly<Record<string, unknown>>;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
