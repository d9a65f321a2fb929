/** What a page remembers of the service from one visit to the next, for its own origin. */
import type { Environment } from "./environment.js";

/** What is remembered. */
export interface Memories {
  /** Where it was; it has been there then. */
  readonly url?: string;
  /** Whether it was reached although no permission was recorded. */
  readonly isOpen?: boolean;
  /** Whether this page was let in. */
  readonly isGranted?: boolean;
}

const KEY = "flatbed";

/** Memories in `localStorage`, or none where that is forbidden. */
export class Memory {
  constructor(private readonly storage: Environment["storage"]) {}

  /** Everything that is remembered. */
  read(): Memories {
    try {
      const value: unknown = JSON.parse(this.storage?.getItem(KEY) ?? "{}");
      return typeof value === "object" && value !== null ? value : {};
    } catch {
      // Somebody else's text under our key, or storage that is forbidden: as if there were none.
      return {};
    }
  }

  /** Remembers more, over what was remembered. */
  add(memories: Memories): void {
    try {
      this.storage?.setItem(KEY, JSON.stringify({ ...this.read(), ...memories }));
    } catch {
      // Full or forbidden: only the next visit is slower for it.
    }
  }
}
