/** What a job tells its listeners. */
import type { FlatbedError } from "./errors.js";
import type { JobState } from "./job.js";
import type { Page } from "./pages.js";

/** Events of a `Job` by their types. */
export interface JobEvents {
  page: PageEvent;
  paused: PausedEvent;
  resumed: Event;
  warning: WarningEvent;
  ended: EndedEvent;
}

/** Hears events of that type; what it returns does not matter, a promise neither. */
export type JobListener<Type extends keyof JobEvents> =
  ((event: JobEvents[Type]) => Promise<unknown>) | ((event: JobEvents[Type]) => unknown);

/** Another page is stored. */
export class PageEvent extends Event {
  /** @param page - The page. */
  constructor(readonly page: Page) {
    super("page");
  }
}

/** A person has to see to the scanner; then `resume`, or `finish` with the pages that are there. */
export class PausedEvent extends Event {
  /** @param error - What is to be done, and `pagesSafe`. */
  constructor(readonly error: FlatbedError) {
    super("paused");
  }
}

/** Something gave way, and the scan goes on. */
export class WarningEvent extends Event {
  /** @param message - A sentence. */
  constructor(readonly message: string) {
    super("warning");
  }
}

/** No further page will come, or nothing more is told: the page is not let in any more, say. */
export class EndedEvent extends Event {
  /**
   * @param status - `completed`, `canceled`, `faulted` or `deleted`; as last known if nothing more
   * is told.
   * @param error - Why it faulted, or is told no more.
   */
  constructor(
    readonly status: JobState,
    readonly error: FlatbedError | undefined,
  ) {
    super("ended");
  }
}

/** Something with the events of a job, which knows whether anybody sees to its pauses. */
export class JobEventTarget extends EventTarget {
  protected hearsPauses = false;

  override addEventListener<Type extends keyof JobEvents>(
    type: Type,
    listener: JobListener<Type> | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void {
    this.hearsPauses ||= type === "paused";
    super.addEventListener(type, listener, options);
  }
}
