/** What the elements remember from one visit to the next, for their own origin. */
import type { ScanOptions } from "../index.js";

/** The plain choices of a scan. */
export type ScanChoices = Pick<
  ScanOptions,
  "source" | "dpi" | "color" | "pageSize" | "skipBlankPages" | "deskew" | "autoCrop"
> & {
  /** `device` of a scanner. */
  readonly scanner?: string | undefined;
};

/** What is remembered. */
export interface Recollections {
  /** What was chosen last. */
  readonly choices?: ScanChoices | undefined;
  /** What was chosen last for each scanner, by its `device`. */
  readonly choicesByScanner?: Readonly<Record<string, ScanChoices>> | undefined;
  /** Choices by the names that a person gave them. */
  readonly presets?: Readonly<Record<string, ScanChoices>> | undefined;
  /** Whether ends and faults are heard. */
  readonly hasSound?: boolean | undefined;
  /** Of the camera that was used last, as the browser names it to this origin. */
  readonly camera?: string | undefined;
  /** uid of the document that was open last. */
  readonly lastDocument?: string | undefined;
  /** id of a scan that may still go on. */
  readonly lastJob?: string | undefined;
  /** Media type that was saved last. */
  readonly savedAs?: string | undefined;
  /** What was set last for a kind of file or an operation, without free texts. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

const KEY = "flatbed-elements";

/** Recollections in `localStorage`, or for this visit only where that is forbidden. */
export class Recollection {
  #here: Recollections = {};

  /** Everything that is remembered. */
  read(): Recollections {
    try {
      const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
      this.#here = typeof value === "object" && value !== null ? value : {};
    } catch {
      // Forbidden storage, or somebody else's text under our key.
    }
    return this.#here;
  }

  /** Remembers more, over what was remembered; undefined forgets. */
  add(more: Recollections): void {
    this.#here = { ...this.read(), ...more };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#here));
    } catch {
      // Full or forbidden: it holds for this visit.
    }
  }
}
