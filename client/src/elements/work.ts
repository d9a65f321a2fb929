/** Something long that a dialog began: how far it is, how to stop it, what went wrong. */
import { html, nothing, type ReactiveController, type ReactiveControllerHost } from "lit";

import { sentenceOf } from "./catalog.js";
import type { Going } from "./copying.js";

/** One at a time; its element is drawn anew at each change, and ends it when it leaves the page. */
export class Work implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #abort: AbortController | undefined;
  #done = 0;
  #total = 0;
  #fault: string | undefined;

  /** @param host - Whose work it is. */
  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  get isRunning(): boolean {
    return this.#abort !== undefined;
  }

  /** What went wrong last, as a sentence; set to undefined once it is old news. */
  get fault(): string | undefined {
    return this.#fault;
  }

  set fault(sentence: string | undefined) {
    this.#fault = sentence;
    this.#host.requestUpdate();
  }

  /** Does it, unless something else is under way; what a person stops is no fault. */
  async run(deed: (going: Going) => Promise<void>): Promise<void> {
    if (this.#abort !== undefined) return;
    this.#abort = new AbortController();
    this.#show(0, 0);
    this.fault = undefined;
    try {
      const { signal } = this.#abort;
      await deed({
        signal,
        onProgress: (done, total) => {
          this.#show(done, total);
        },
      });
    } catch (error) {
      this.#fault = sentenceOf(error);
    } finally {
      this.#abort = undefined;
      this.#host.requestUpdate();
    }
  }

  /** Stops it; a listener of its own, as `@cancel=${work.stop}`. */
  readonly stop = (): void => {
    this.#abort?.abort();
  };

  hostDisconnected(): void {
    this.stop();
  }

  /** How far it is, for the foot of a dialog. */
  bar(text: (done: number, total: number) => string) {
    const total = this.#total;
    return html`<div class="going">
      <label for="going">${text(this.#done, total)}</label>
      <progress id="going" max=${total || 1} value=${total > 1 ? this.#done : nothing}></progress>
    </div>`;
  }

  /** What went wrong, for the body of a dialog. */
  alert() {
    if (this.#fault === undefined) return nothing;
    return html`<p class="fault" role="alert">${this.#fault}</p>`;
  }

  #show(done: number, total: number): void {
    this.#done = done;
    this.#total = total;
    this.#host.requestUpdate();
  }
}
