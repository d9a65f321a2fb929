/** What can go wrong, by the names that the service uses too. */
import type { components } from "./api-types.js";

type ErrorBody = components["schemas"]["ErrorBody"];

/** An error in the form in which jobs and pages carry it. */
export interface ErrorRecord {
  readonly error: string;
  readonly code: number;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What a `FlatbedError` is made of. */
export interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  readonly number?: number;
  readonly status?: number;
  readonly pagesSafe?: number | undefined;
  readonly retryAfter?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>> | null | undefined;
  readonly cause?: unknown;
}

const UNFORESEEN = -1001;

/** Something that a person can be told: `message` is a sentence with a way out. */
export class FlatbedError extends Error {
  override readonly name = "FlatbedError";

  /** The stable name, such as `paper_jam`. */
  readonly code: string;

  /** The negative number of the same in the documented REST interface; 0 for names of the client. */
  readonly number: number;

  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;

  /** How many pages of the job are stored; known of a job's faults. */
  readonly pagesSafe: number | undefined;

  /** After how many seconds it is worth trying again. */
  readonly retryAfter: number | undefined;

  /** What a program may want to know besides. */
  readonly details: Readonly<Record<string, unknown>>;

  /** @param facts - What happened. */
  constructor(facts: ErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.number = facts.number ?? 0;
    this.status = facts.status ?? 0;
    this.pagesSafe = facts.pagesSafe;
    this.retryAfter = facts.retryAfter;
    this.details = facts.details ?? {};
  }
}

/** The error that an answer which is not 2xx carries; `unknown_answer` if it is not one of ours. */
export async function errorOfAnswer(answer: Response): Promise<FlatbedError> {
  const text = await answer.text().catch(() => "");
  const body = parseBody(text);
  const retryAfter = Number(answer.headers.get("Retry-After") ?? NaN);
  return new FlatbedError({
    code: body?.error ?? "unknown_answer",
    number: body?.code ?? UNFORESEEN,
    status: answer.status,
    message: body?.message ?? "Something else than Flatbed answered. Check what uses its port.",
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined,
    details: body?.details,
  });
}

/** The error that a job or one of several pages carries. */
export function errorOfRecord(record: ErrorRecord, pagesSafe?: number): FlatbedError {
  const { error: code, code: number, message, details } = record;
  return new FlatbedError({ code, number, message, details, pagesSafe });
}

/** Nobody answered, or the answer broke off. */
export function unreachable(cause?: unknown): FlatbedError {
  const message = "Flatbed does not answer. Your pages are safe; see that it runs, then try again.";
  return new FlatbedError({ code: "unreachable", message, cause });
}

/** The job was deleted while somebody waited for it. */
export function jobGone(): FlatbedError {
  const message = "This job was deleted. Pages in documents are safe; start another scan.";
  return new FlatbedError({ code: "job_gone", number: -1034, status: 410, message });
}

/** Whether this is a `FlatbedError` of that name. */
export function isError(error: unknown, ...codes: string[]): error is FlatbedError {
  return error instanceof FlatbedError && codes.includes(error.code);
}

function parseBody(text: string): ErrorBody | undefined {
  try {
    const body = JSON.parse(text) as Partial<ErrorBody> | null;
    const isOurs = typeof body?.error === "string" && typeof body.message === "string";
    return isOurs ? (body as ErrorBody) : undefined;
  } catch {
    return undefined;
  }
}
