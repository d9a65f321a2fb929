/** The events of a service in memory. */
import { abortError, onAbort } from "../aborting.js";
import type { ServiceEvent } from "../connection.js";

type Result = IteratorResult<ServiceEvent, undefined>;

/** Tells each event to everybody who reads. */
export class EventLog {
  #seq = 0;
  readonly #readers = new Set<LogReader>();

  /** Tells one. */
  tell(type: string, subject: string, data: Readonly<Record<string, unknown>> = {}): void {
    this.#seq += 1;
    for (const reader of this.#readers) reader.take({ seq: this.#seq, type, subject, data });
  }

  /** What comes from the call of its iterator on. */
  read(signal?: AbortSignal): AsyncIterable<ServiceEvent> {
    return {
      [Symbol.asyncIterator]: () => {
        const reader = new LogReader(() => this.#readers.delete(reader));
        this.#readers.add(reader);
        onAbort(signal, () => {
          reader.end(abortError());
        });
        return reader;
      },
    };
  }

  /** Ends all who read. */
  close(): void {
    for (const reader of [...this.#readers]) reader.end();
  }
}

class LogReader implements AsyncIterator<ServiceEvent> {
  readonly #queue: ServiceEvent[] = [];
  #wake: (() => void) | undefined;
  #end: { readonly error: unknown } | undefined;

  constructor(private readonly leave: () => void) {}

  take(event: ServiceEvent): void {
    this.#queue.push(event);
    this.#wake?.();
  }

  end(error?: unknown): void {
    this.#end ??= { error };
    this.leave();
    this.#wake?.();
  }

  async next(): Promise<Result> {
    for (;;) {
      const value = this.#queue.shift();
      if (value !== undefined) return { done: false, value };
      if (this.#end?.error instanceof Error) throw this.#end.error;
      if (this.#end !== undefined) return { done: true, value: undefined };
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  return(): Promise<Result> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }
}
