/** How a service in memory behaves. */

/** Options of `new Flatbed({ mock: {...} })`; faults come once, and pause or end the job. */
export interface MockOptions {
  /** Sheets in the feeder of each job; 3 without it. */
  readonly sheets?: number;
  /** Milliseconds that a sheet takes; 20 without it. */
  readonly sheetMs?: number;
  /** Names of the scanners; one without it. */
  readonly scanners?: readonly string[];
  /** Paper sticks after so many pages. */
  readonly jamAfter?: number;
  /** Two sheets are fed at once after so many pages. */
  readonly doubleFeedAfter?: number;
  /** The cover is opened after so many pages. */
  readonly coverOpenAfter?: number;
  /** The disk is full after so many pages. */
  readonly diskFullAfter?: number;
}
