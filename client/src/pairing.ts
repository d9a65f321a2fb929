/** Asking the person for a grant: the window of the click, and waiting for what they decide. */
import { delay } from "./aborting.js";
import type { Connection } from "./connection.js";
import {
  asksInFrontOnly,
  type Environment,
  type OpenedWindow,
  type PlaceFacts,
} from "./environment.js";
import { FlatbedError, isError } from "./errors.js";

/** What a page asks for. */
export interface GrantRequest {
  /** As the page calls itself, for the person. */
  readonly name?: string | undefined;
  readonly addons?: readonly string[] | undefined;
}

/** A question to the person that waits for them. */
export interface Question {
  readonly id: string;
  /** Shown by the asking page too, so that the person sees which question is whose. */
  readonly code: string;
  /** Of the service's own page that asks the person. */
  readonly url: string;
}

/** How it ended. */
export type Decision = "granted" | "blocked" | "expired";

/** Seconds; below what anything between may cut off. */
const WAIT_S = 25;
const RETRY_MS = 1000;
/** Beside those of the connection itself: a restarted service is back sooner. */
const RETRIES = 3;
const WIDTH_PX = 480;
const SIZE = `popup,width=${WIDTH_PX},height=640`;
const NOT_FOUND = 404;

/** Asks for a grant, which may be decided already; the same page asking again asks the same. */
export async function requestGrant(
  connection: Connection,
  request: GrantRequest,
  signal: AbortSignal,
): Promise<Question | "granted" | "blocked"> {
  try {
    const answer = await connection.send("POST", "/api/pair", request, { signal });
    return toQuestion(connection.baseUrl, (await answer.json()) as Partial<WaitingBody>);
  } catch (error) {
    if (isError(error, "origin_blocked")) return "blocked";
    throw error;
  }
}

interface WaitingBody {
  readonly status: string;
  readonly id: string;
  readonly code: string;
}

function toQuestion(
  baseUrl: string,
  { status, id, code }: Partial<WaitingBody>,
): Question | "granted" {
  if (status !== "waiting" || id === undefined || code === undefined) return "granted";
  // Made here rather than taken from the answer: a link that is opened from this page could be
  // a script, and whatever answers on a port is not to be trusted with that.
  return { id, code, url: `${baseUrl}/consent/${encodeURIComponent(id)}` };
}

/** Waits until the person has decided, over restarts of the service. */
export async function waitForDecision(
  connection: Connection,
  id: string,
  signal: AbortSignal,
): Promise<Decision> {
  const path = `/api/pair/${encodeURIComponent(id)}?wait=${WAIT_S}`;
  for (let failures = 0; ;) {
    try {
      const answer = await connection.send("GET", path, undefined, { signal });
      const { status } = (await answer.json()) as { status: Decision | "waiting" };
      if (status !== "waiting") return status;
      failures = 0;
    } catch (error) {
      if (error instanceof FlatbedError && error.status === NOT_FOUND) return "expired";
      failures += 1;
      if (signal.aborted || failures > RETRIES) throw error;
      await delay(RETRY_MS, signal);
    }
  }
}

/**
 * To the right of the page, or as far to the right as there is room: the browser asks its own
 * question at the left, below the address, and the window would lie over that.
 */
function featuresAt(place: PlaceFacts | undefined): string {
  if (place === undefined) return SIZE;
  const left = Math.min(place.right, place.screenRight - WIDTH_PX);
  return `${SIZE},left=${left},top=${place.top}`;
}

/**
 * The small window in which the service asks. Browsers open one in a click only, so it is opened
 * there at once, empty, and led to the service when it is known where that is.
 */
export class ConsentWindow {
  #window: OpenedWindow | null = null;

  constructor(
    private readonly environment: Environment,
    private readonly title: string,
  ) {}

  /** Opens it; to be called in the click, before anything is waited for. */
  open(): void {
    this.#window = this.#open("");
    this.say(this.title);
  }

  /** Writes into it as long as it is empty. */
  say(text: string): void {
    if (this.#window === null || this.#window.closed) return;
    this.#window.document.title = this.title;
    this.#window.document.body.textContent = text;
  }

  /** Leads it to the service, opening it if need be; false if the browser lets none be opened. */
  show(url: string): boolean {
    if (this.#window === null || this.#window.closed) {
      return this.#open(url) !== null;
    }
    this.#window.location.replace(url);
    // From here on it is the service's, which answers to nobody else.
    this.#window = null;
    return true;
  }

  /** Out of the way of the browser's own question, where that would not be seen behind it. */
  stepAside(): void {
    if (asksInFrontOnly(this.environment)) this.close();
  }

  /** Closes it if it is still empty. */
  close(): void {
    this.#window?.close();
    this.#window = null;
  }

  #open(url: string): OpenedWindow | null {
    return this.environment.open(url, "_blank", featuresAt(this.environment.place));
  }
}
