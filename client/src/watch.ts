/** Events for somebody who stays, whichever connection there is at the moment. */
import type { Connect } from "./api.js";
import type { ServiceEvent } from "./connection.js";

const RESYNC: ServiceEvent = { seq: 0, type: "resync", subject: "", data: {} };

/** The events from `begin` on, until `stop`. */
export class Watch {
  readonly #connect: Connect;
  readonly #stop = new AbortController();
  #events: AsyncIterator<ServiceEvent> | undefined;
  #next: Promise<IteratorResult<ServiceEvent>> | undefined;

  private constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** Begins to listen: nothing that happens once this is resolved is missed. */
  static async begin(connect: Connect): Promise<Watch> {
    const watch = new Watch(connect);
    await watch.#join();
    return watch;
  }

  /** The next event; `resync` after a change of connections, too. */
  async next(): Promise<ServiceEvent> {
    const result = await (this.#next ?? this.#events?.next());
    this.#next = undefined;
    if (result?.done === false) {
      return result.value;
    }
    await this.#join();
    return RESYNC;
  }

  /** Listens no more. */
  stop(): void {
    this.#stop.abort();
  }

  async #join(): Promise<void> {
    const connection = await this.#connect();
    this.#events = connection.events(this.#stop.signal)[Symbol.asyncIterator]();
    // At once: an iterator may well begin with the first call only.
    this.#next = this.#events.next();
    this.#next.catch(() => undefined);
  }
}
