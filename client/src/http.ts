/** A service behind its HTTP interface. */
import { abortError, backoffMs, delay, throwIfAborted } from "./aborting.js";
import type { Connection, RequestOptions, ServiceEvent } from "./connection.js";
import { errorOfAnswer, isError, unreachable } from "./errors.js";
import { EventHub } from "./events.js";

/** Where a service is, and who is there. */
export interface HttpOptions {
  /** Such as `http://127.0.0.1:18622`. */
  readonly baseUrl: string;
  /** The add-ons that the page uses, as `barcode>=1.2,<2`; none: whatever is installed. */
  readonly addons?: readonly string[] | undefined;
  /** Whoever sits at the page, by any word of its author. */
  readonly subject?: string | undefined;
  /** In place of the platform's. */
  readonly fetch?: typeof fetch | undefined;
  /** In place of the platform's. */
  readonly openSocket?: ((url: string) => WebSocket) | undefined;
}

/** How often a request is sent again that may be: for some four seconds, as a restart takes. */
const TRIES = 5;

/** A connection to one service by `fetch` and a WebSocket. */
export class HttpConnection implements Connection {
  readonly baseUrl: string;
  readonly #options: HttpOptions;
  readonly #fetch: typeof fetch;
  readonly #hub: EventHub;
  #session: Promise<string> | undefined;

  /** @param options - Where it is; nothing is sent yet. */
  constructor(options: HttpOptions) {
    this.baseUrl = options.baseUrl;
    this.#options = options;
    // A browser's fetch works on its window only.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#hub = new EventHub({
      open: (after) => this.#openSocket(after),
      check: () => this.#check(),
    });
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    options: RequestOptions = {},
  ): Promise<Response> {
    const session = await this.#findSession();
    try {
      return await this.#sendIn(session, method, path, body, options);
    } catch (error) {
      if (session === undefined || !isError(error, "session_not_found")) {
        throw error;
      }
      this.#session = undefined;
      return this.#sendIn(await this.#findSession(), method, path, body, options);
    }
  }

  events(signal?: AbortSignal): AsyncIterable<ServiceEvent> {
    return this.#hub.read(signal);
  }

  close(): void {
    this.#hub.close();
  }

  async #sendIn(
    session: string | undefined,
    method: string,
    path: string,
    body: unknown,
    options: RequestOptions,
  ): Promise<Response> {
    const init = this.#describe(session, method, body, options);
    // Twice does no harm: it only looks, or the service knows it by its key.
    const isRepeatable = method === "GET" || options.idempotencyKey !== undefined;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#sendOnce(path, init, options.signal);
      } catch (error) {
        if (!isRepeatable || tries >= TRIES || !isError(error, "unreachable")) {
          throw error;
        }
      }
      await delay(backoffMs(tries - 1), options.signal);
    }
  }

  async #sendOnce(path: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
    throwIfAborted(signal);
    const answer = await this.#fetch(this.baseUrl + path, init).catch((error: unknown) => {
      throw signal?.aborted === true ? abortError() : unreachable(error);
    });
    if (!answer.ok) {
      throw await errorOfAnswer(answer);
    }
    return answer;
  }

  #describe(
    session: string | undefined,
    method: string,
    body: unknown,
    { signal, headers, idempotencyKey }: RequestOptions,
  ): RequestInit {
    const isFile = body instanceof Blob;
    const told = {
      "Flatbed-Session": session,
      "Flatbed-Subject": this.#options.subject,
      "Idempotency-Key": idempotencyKey,
      // Also where there is none: it makes a browser ask beforehand, and the service insists.
      "Content-Type": isFile
        ? "application/octet-stream"
        : isReading(method)
          ? undefined
          : JSON_TYPE,
      ...headers,
    };
    return {
      method,
      headers: withoutUndefined(told),
      body: isFile ? body : body === undefined ? null : JSON.stringify(body),
      credentials: "omit",
      mode: "cors",
      cache: "no-store",
      signal: signal ?? null,
    };
  }

  #findSession(): Promise<string | undefined> {
    const { addons } = this.#options;
    if (addons === undefined || addons.length === 0) {
      return Promise.resolve(undefined);
    }
    this.#session ??= this.#beginSession(addons);
    return this.#session;
  }

  async #beginSession(addons: readonly string[]): Promise<string> {
    const key = { idempotencyKey: newKey() };
    try {
      const answer = await this.#sendIn(undefined, "POST", "/api/sessions", { addons }, key);
      return ((await answer.json()) as { sessionuid: string }).sessionuid;
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }

  async #openSocket(after: number | undefined): Promise<WebSocket> {
    const told = { after, session: await this.#findSession(), subject: this.#options.subject };
    const url = this.baseUrl.replace(/^http/, "ws") + withQuery("/api/events", told);
    return (this.#options.openSocket ?? ((place) => new WebSocket(place)))(url);
  }

  async #check(): Promise<void> {
    // Sessions end with the service; a new one is begun for the next socket.
    this.#session = undefined;
    await this.#sendOnce("/api/server/version", this.#describe(undefined, "GET", undefined, {}));
  }
}

const JSON_TYPE = "application/json";

function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** A key that no other start has; `randomUUID` is not there on pages without https. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
}

/** A path with those parameters that have a value. */
export function withQuery(path: string, parameters: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams(withoutUndefined(parameters)).toString();
  return query === "" ? path : `${path}?${query}`;
}

function withoutUndefined(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]));
}
