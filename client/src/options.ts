/** What a page tells of itself. */
import type { Installers } from "./installers.js";
import type { MockOptions } from "./mock/options.js";
import type { Texts } from "./texts.js";

/** Options of `new Flatbed({...})`; none of them is needed. */
export interface FlatbedOptions {
  /** The add-ons that the page uses, as `barcode>=1.2,<2`. */
  readonly addons?: readonly string[];
  /** As the page calls itself, where the person is asked; at most 80 characters. */
  readonly name?: string;
  /** Whoever sits at the page, by any word of its author: each sees what is theirs. */
  readonly subject?: string;
  /** The http ports to look at, in order, for services that were configured to others. */
  readonly ports?: readonly number[];
  /** Links to installers, over those that are built in. */
  readonly installers?: Installers;
  /** Texts of the states, over those that are built in. */
  readonly texts?: Partial<Texts>;
  /** BCP 47 tag of the texts; without it the page's own, then the browser's. */
  readonly language?: string;
  /** No service at all: scans of drawn pages, for tests. */
  readonly mock?: boolean | MockOptions;
}

/** What ends what was begun. */
export interface SignalOption {
  readonly signal?: AbortSignal | undefined;
}
