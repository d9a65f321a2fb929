/** One look for many reasons to look. */

/** Runs something at most once at a time; asked for meanwhile, once more afterwards. */
export class Coalesced {
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** @param work - What is run. */
  constructor(private readonly work: () => Promise<void>) {}

  /** Resolves once the work was done that began after this call. */
  run(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    // What runs may have looked already.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#start();
      });
    return this.#next;
  }

  #start(): Promise<void> {
    this.#running = this.work().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }
}
