/** What a person has to be told beside what they look at. */
import { FlatbedError } from "../index.js";

export type NoticeKind = "good" | "caution" | "bad";

/** One sentence that stays until it is closed or has been read. */
export interface Notice {
  readonly id: number;
  readonly kind: NoticeKind;
  readonly text: string;
}

/** Notices, oldest first, and the sentence that is read aloud; `change` tells of both. */
export class Notices extends EventTarget {
  #all: readonly Notice[] = [];
  #said = "";
  #ids = 0;

  get all(): readonly Notice[] {
    return this.#all;
  }

  /** What was said last, for those who listen. */
  get said(): string {
    return this.#said;
  }

  /** Shows a sentence; one that stands there already is not shown twice. */
  add(kind: NoticeKind, text: string): void {
    if (!this.#all.some((each) => each.text === text && each.kind === kind)) {
      this.#ids += 1;
      this.#all = [...this.#all, { id: this.#ids, kind, text }];
    }
    this.#change();
  }

  /** Shows what went wrong; what a person cancelled is no news. */
  addError(error: unknown): void {
    if (error instanceof DOMException && error.name === "AbortError") return;
    // Anything else than a named error is a fault of ours, and stays visible as such.
    if (!(error instanceof FlatbedError)) reportError(error);
    this.add("bad", error instanceof Error ? error.message : String(error));
  }

  /** Takes one away. */
  close(id: number): void {
    this.#all = this.#all.filter((each) => each.id !== id);
    this.#change();
  }

  /** Says something to those who listen; nothing is shown. */
  say(text: string): void {
    this.#said = text;
    this.#change();
  }

  #change(): void {
    this.dispatchEvent(new Event("change"));
  }
}
