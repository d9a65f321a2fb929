/** Requests whose answers are read to their end, whichever connection there is at the moment. */
import { abortError, backoffMs, delay } from "./aborting.js";
import type { Connection, RequestOptions } from "./connection.js";
import { FlatbedError, isError, unreachable } from "./errors.js";

/** Gives the connection of now, or throws why there is none. */
export type Connect = () => Promise<Connection>;

/** The service's routes, with what goes along with each request. */
export class Api {
  readonly connect: Connect;
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param connect - Asked anew for each request.
   * @param headers - Of each, such as a document's password.
   */
  constructor(connect: Connect, headers: Readonly<Record<string, string>> = {}) {
    this.connect = connect;
    this.headers = headers;
  }

  /** The same with further headers. */
  with(headers: Readonly<Record<string, string>>): Api {
    return new Api(this.connect, { ...this.headers, ...headers });
  }

  /** Sends, and gives the answer with its body still to be read. */
  async send(
    method: string,
    path: string,
    body?: unknown,
    options: RequestOptions = {},
  ): Promise<Response> {
    const headers = { ...this.headers, ...options.headers };
    return (await this.connect()).send(method, path, body, { ...options, headers });
  }

  /** Sends, and reads JSON. */
  async json<T>(
    method: string,
    path: string,
    body?: unknown,
    options?: RequestOptions,
  ): Promise<T> {
    const answer = await this.send(method, path, body, options);
    return (await readBody(answer.json(), options?.signal)) as T;
  }

  /** Gets a file. */
  async blob(path: string, options?: RequestOptions): Promise<Blob> {
    return readBody((await this.send("GET", path, undefined, options)).blob(), options?.signal);
  }
}

/**
 * What a body holds.
 *
 * @throws FlatbedError `unreachable` if it breaks off; `DOMException` `AbortError` by the signal.
 */
export async function readBody<T>(body: Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await body;
  } catch (error) {
    throw signal?.aborted === true ? abortError() : asLost(error);
  }
}

/** Does it again for as long as nobody answers: jobs outlive a restart of the service. */
export async function untilAnswered<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (!isError(error, "unreachable")) {
        throw error;
      }
    }
    await delay(backoffMs(tries));
  }
}

/** A body as a stream whose errors have names, too. */
export function readStream(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await readBody(reader.read(), signal);
      if (done) {
        controller.close();
      } else {
        controller.enqueue(value);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function asLost(error: unknown): FlatbedError {
  return error instanceof FlatbedError ? error : unreachable(error);
}
