/** What happens in the service: one WebSocket, however many read it. */
import { backoffMs, onAbort, abortError } from "./aborting.js";
import type { ServiceEvent } from "./connection.js";
import { FlatbedError } from "./errors.js";

/** Who reads slower than so many events may as well look at everything anew. */
const QUEUED_MOST = 10_000;

const RESYNC: ServiceEvent = { seq: 0, type: "resync", subject: "", data: {} };
const FORBIDDEN = 403;

/** How the socket of an `EventHub` is opened. */
export interface EventSource {
  /** Opens a socket that tells what came after an event; from now on without one. */
  open(after: number | undefined): Promise<WebSocket>;

  /** Asks the service by another way why a socket was refused. */
  check(): Promise<void>;
}

/** Hands every event to every reader, over reconnects; the socket is there while anybody reads. */
export class EventHub {
  readonly #source: EventSource;
  readonly #readers = new Set<Reader>();
  /** The connection of now; what an older one says does not count. */
  #link: Link | undefined;
  #seq: number | undefined;
  #tries = 0;
  #isClosed = false;

  /** @param source - Opens the socket. */
  constructor(source: EventSource) {
    this.#source = source;
  }

  /**
   * The events from the call of its iterator on.
   *
   * @throws FlatbedError, from the iterator, `closed` after `close`; `origin_blocked` once the
   * page is not let in any more.
   */
  read(signal?: AbortSignal): AsyncIterable<ServiceEvent> {
    return { [Symbol.asyncIterator]: () => this.#join(signal) };
  }

  /** Ends all readers. */
  close(): void {
    this.#isClosed = true;
    this.#endAll((reader) => {
      reader.end();
    });
  }

  #join(signal?: AbortSignal): AsyncIterator<ServiceEvent> {
    const reader = new Reader(() => {
      forget();
      this.#leave(reader);
    });
    if (this.#isClosed) {
      reader.fail(new FlatbedError({ code: "closed", message: "This connection was let go." }));
    } else {
      this.#readers.add(reader);
    }
    const forget = onAbort(signal, () => {
      reader.fail(abortError());
      this.#leave(reader);
    });
    if (this.#readers.size > 0) {
      this.#link ??= this.#connect();
    }
    return reader;
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size === 0) {
      this.#link?.close();
      this.#link = undefined;
      this.#seq = undefined;
      this.#tries = 0;
    }
  }

  #endAll(end: (reader: Reader) => void): void {
    for (const reader of [...this.#readers]) {
      end(reader);
      this.#leave(reader);
    }
  }

  #connect(): Link {
    const after = this.#seq;
    const link: Link = new Link({
      opened: () => {
        this.#tries = 0;
        if (after === undefined) {
          // What came between the call for events and now was told to nobody.
          this.#tell(RESYNC);
        }
      },
      told: (event) => {
        this.#seq = event.seq;
        this.#tell(event);
      },
      lost: (wasOpen) => void this.#lost(link, wasOpen),
    });
    void link.open(() => this.#source.open(after));
    return link;
  }

  async #lost(link: Link, wasOpen: boolean): Promise<void> {
    const refusal = wasOpen ? undefined : await this.#askWhy();
    if (this.#link !== link) {
      return;
    }
    if (refusal !== undefined) {
      this.#endAll((reader) => {
        reader.fail(refusal);
      });
      return;
    }
    setTimeout(() => {
      if (this.#link === link) {
        this.#link = this.#connect();
      }
    }, backoffMs(this.#tries++));
  }

  /** A browser does not say why it got no socket. */
  async #askWhy(): Promise<FlatbedError | undefined> {
    try {
      await this.#source.check();
    } catch (error) {
      if (error instanceof FlatbedError && error.status === FORBIDDEN) {
        return error;
      }
    }
    return undefined;
  }

  #tell(event: ServiceEvent): void {
    this.#readers.forEach((reader) => {
      reader.take(event);
    });
  }
}

interface Listener {
  opened(): void;
  told(event: ServiceEvent): void;
  lost(wasOpen: boolean): void;
}

/** One socket, from before it is there until it is lost or nobody needs it. */
class Link {
  #listener: Listener | undefined;
  #socket: WebSocket | undefined;
  #wasOpen = false;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  async open(begin: () => Promise<WebSocket>): Promise<void> {
    try {
      this.#listen(await begin());
    } catch {
      // Why, the check of what was lost finds out.
      this.#lose();
    }
  }

  close(): void {
    this.#listener = undefined;
    this.#socket?.close();
  }

  #listen(socket: WebSocket): void {
    this.#socket = socket;
    socket.onopen = () => {
      this.#wasOpen = true;
      this.#listener?.opened();
    };
    socket.onmessage = (message: MessageEvent<string>) => {
      this.#listener?.told(JSON.parse(message.data) as ServiceEvent);
    };
    socket.onclose = socket.onerror = () => {
      this.#lose();
    };
    if (this.#listener === undefined) {
      socket.close();
    }
  }

  #lose(): void {
    const listener = this.#listener;
    this.close();
    listener?.lost(this.#wasOpen);
  }
}

type Result = IteratorResult<ServiceEvent, undefined>;

interface Waiter {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

const DONE: Result = { done: true, value: undefined };

/** One reader's own queue: how fast it reads is nobody else's business. */
class Reader implements AsyncIterator<ServiceEvent> {
  #queue: ServiceEvent[] = [];
  #waiters: Waiter[] = [];
  #end: { readonly error?: unknown } | undefined;
  readonly #left: () => void;

  constructor(left: () => void) {
    this.#left = left;
  }

  take(event: ServiceEvent): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: event });
    } else if (this.#queue.push(event) > QUEUED_MOST) {
      this.#queue = [RESYNC];
    }
  }

  end(): void {
    this.#finish({});
  }

  fail(error: unknown): void {
    this.#queue = [];
    this.#finish({ error });
  }

  next(): Promise<Result> {
    const value = this.#queue.shift();
    if (value !== undefined) {
      return Promise.resolve({ done: false, value });
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#settle();
    });
  }

  return(): Promise<Result> {
    this.#queue = [];
    this.end();
    this.#left();
    return Promise.resolve(DONE);
  }

  #finish(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    this.#settle();
  }

  #settle(): void {
    const end = this.#end;
    if (end === undefined) {
      return;
    }
    for (const waiter of this.#waiters.splice(0)) {
      if ("error" in end) {
        // It is thrown once; who asks again finds the end.
        this.#end = {};
        waiter.reject(end.error);
      } else {
        waiter.resolve(DONE);
      }
    }
  }
}
