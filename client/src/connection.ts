/** What the parts of the client need of a service, real or not. */

/** One thing that happened, as `GET /api/events` tells it. */
export interface ServiceEvent {
  readonly seq: number;
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** How a request is sent beside its path and body. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Of a start that must not happen twice, however often it is sent. */
  readonly idempotencyKey?: string | undefined;
}

/** One service that lets this page in. */
export interface Connection {
  /** Such as `http://127.0.0.1:18622`. */
  readonly baseUrl: string;

  /**
   * Sends a request.
   *
   * @param method - In capitals.
   * @param path - From `/api/` on, with its query.
   * @param body - A value becomes JSON, a `Blob` goes as it is.
   * @returns The answer, if its status is 2xx.
   * @throws FlatbedError for what the service refuses; `DOMException` `AbortError` by the signal.
   */
  send(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Response>;

  /**
   * What happens from now on, without end; after a reconnect nothing is missing. An event of type
   * `resync` says that some are: look at everything anew.
   */
  events(signal?: AbortSignal): AsyncIterable<ServiceEvent>;

  /** Lets go of everything; nothing in the service is stopped by it. */
  close(): void;
}
