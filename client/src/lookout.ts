/** Looking again and again for a service that is being installed or started. */
import { delay, onAbort, throwIfAborted } from "./aborting.js";

const EACH_MS = 2000;
const FOR_MS = 600_000;

/** One lookout at a time: a new one ends the one before. */
export class Lookout {
  #abort: AbortController | undefined;

  /** @param look - Looks once; whether that was enough. */
  constructor(
    private readonly look: (isSilent: boolean, signal: AbortSignal) => Promise<boolean>,
  ) {}

  /**
   * Looks at once, then every 2 s, for at most 10 minutes.
   *
   * @param isSilent - Whether nothing may be asked of the person.
   * @throws DOMException `AbortError` by the signal; ended otherwise, it just returns.
   */
  async run(isSilent: boolean, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    this.stop();
    const abort = new AbortController();
    this.#abort = abort;
    const forget = onAbort(signal, () => {
      abort.abort();
    });
    // Also in the middle of a look, which lasts as long as the browser is asking.
    const timer = setTimeout(() => {
      abort.abort();
    }, FOR_MS);
    try {
      while (!(await this.look(isSilent, abort.signal))) await delay(EACH_MS, abort.signal);
    } catch (error) {
      throwIfAborted(signal);
      if (!abort.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
      forget();
    }
  }

  /** Ends it. */
  stop(): void {
    this.#abort?.abort();
  }
}
