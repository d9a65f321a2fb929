/** When the buttons work: not in the first second, and a second after the window was away. */

/** Long enough that no click or key that was meant for another window decides here. */
export const DEAD_MS = 1000;

/** Dead or live; moments are milliseconds that only grow, as of `performance.now()`. */
export class Arming {
  private liveAt: number;

  /** @param isWatched - Whether the window is seen and has the focus at `now`. */
  constructor(
    now: number,
    private isWatched: boolean,
  ) {
    this.liveAt = now + DEAD_MS;
  }

  /** Takes note that the window has gone, or come back. */
  watch(now: number, isWatched: boolean): void {
    // Coming back and being looked at anew both begin the second again.
    if (isWatched !== this.isWatched || !isWatched) this.liveAt = now + DEAD_MS;
    this.isWatched = isWatched;
  }

  /** Whether a decision counts. */
  isLive(now: number): boolean {
    return this.isWatched && now >= this.liveAt;
  }

  /** Whether nothing but time is missing. */
  get isSeen(): boolean {
    return this.isWatched;
  }
}
