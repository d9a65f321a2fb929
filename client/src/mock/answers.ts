/** Answers as the service gives them. */

/** What the service refuses, with its stable name. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly error: string,
    readonly number: number,
    message: string,
    readonly details: Readonly<Record<string, unknown>> | null = null,
  ) {
    super(message);
  }

  /** As the wire has it. */
  toAnswer(): Response {
    const { status: statusCode, error, number: code, message, details } = this;
    return json({ code, message, statusCode, error, cause: null, details }, statusCode);
  }
}

/** A page that is not there. */
export function noPage(): Refusal {
  return new Refusal(404, "page_not_found", -1040, "There is no such page.");
}

/** JSON. */
export function json(body: unknown, status = 200): Response {
  return Response.json(body, { status });
}

/** 204. */
export function nothing(): Response {
  return new Response(null, { status: 204 });
}

/** A file. */
export function file(bytes: Uint8Array<ArrayBuffer>, type: string): Response {
  return new Response(bytes, { headers: { "Content-Type": type } });
}

/** 32 hex digits that nothing else has. */
export function newUid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
