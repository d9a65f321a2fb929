/** Requests of the service's own pages to their own service. */

/** What the service refused, or that it did not answer at all. */
export class ApiFault extends Error {
  /**
   * @param status - Of the answer; 0 where there was none.
   * @param code - The stable name, `service_gone` where there was no answer.
   * @param sentence - For the person.
   */
  constructor(
    readonly status: number,
    readonly code: string,
    sentence: string,
  ) {
    super(sentence);
    this.name = "ApiFault";
  }

  /** Whether nobody answered. */
  get isGone(): boolean {
    return this.status === 0;
  }
}

/**
 * Sends a request and reads its JSON.
 *
 * @param verb - In capitals.
 * @param path - From `/api/` on.
 * @param body - Becomes JSON.
 * @returns What was answered; undefined where there was no body.
 * @throws ApiFault, or `AbortError` by the signal.
 */
export async function ask<T>(
  verb: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const answer = await send(verb, path, body, signal);
  const text = await answer.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** The same for what is not JSON, as a picture. */
export async function load(path: string, signal?: AbortSignal): Promise<Blob> {
  return await (await send("GET", path, undefined, signal)).blob();
}

/** Whatever was thrown, as a fault. */
export function toFault(failure: unknown): ApiFault {
  if (failure instanceof ApiFault) return failure;
  return new ApiFault(0, "service_gone", failure instanceof Error ? failure.message : "");
}

async function send(
  verb: string,
  path: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<Response> {
  const options: RequestInit = { method: verb };
  if (signal !== undefined) options.signal = signal;
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const answer = await reach(path, options);
  if (!answer.ok) throw await readFault(answer);
  return answer;
}

async function reach(path: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(path, options);
  } catch (failure) {
    if (options.signal?.aborted === true) throw failure;
    throw new ApiFault(0, "service_gone", "");
  }
}

async function readFault(answer: Response): Promise<ApiFault> {
  try {
    const { error, message } = (await answer.json()) as { error: string; message: string };
    return new ApiFault(answer.status, error, message);
  } catch {
    return new ApiFault(answer.status, "internal_error", answer.statusText);
  }
}
