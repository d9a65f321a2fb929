/** Waiting that a signal ends, and the one error that says so. */

/** What every cancelled call throws, whatever reason its signal was given. */
export function abortError(): DOMException {
  return new DOMException("This was cancelled.", "AbortError");
}

/** @throws DOMException `AbortError` if the signal has fired. */
export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted === true) {
    throw abortError();
  }
}

/**
 * Acts when a signal fires, at once if it has.
 *
 * @returns Forgets about it.
 */
export function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal?.aborted === true) {
    act();
  }
  signal?.addEventListener("abort", act, { once: true });
  return () => signal?.removeEventListener("abort", act);
}

/** What a promise becomes, or an `AbortError` as soon as one of the signals fires. */
export function orAbort<T>(
  promise: Promise<T>,
  ...signals: (AbortSignal | undefined)[]
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const forget = signals.map((signal) =>
      onAbort(signal, () => {
        reject(abortError());
      }),
    );
    void promise.then(resolve, reject).finally(() => {
      forget.forEach((each) => {
        each();
      });
    });
  });
}

/** Waits so many milliseconds. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return orAbort(new Promise((resolve) => setTimeout(resolve, ms)), signal);
}

const FIRST_MS = 250;
const LONGEST_MS = 8000;

/** How long to wait before another try: doubled each time, and not the same for everybody. */
export function backoffMs(tries: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** tries) * (0.5 + Math.random() / 2);
}
