/// <reference types="vite/types/importMeta.d.ts" />
/** Which language an element speaks; another one is another file beside `en.ts`. */
import { en, type Words } from "./en.js";

export type { Words } from "./en.js";

// Every file here that is no index: a new language needs no other change.
const FILES = import.meta.glob<Readonly<Record<string, Words>>>(["./*.ts", "!./index.ts"], {
  eager: true,
});

const LANGUAGES = new Map<string, Words>(
  Object.values(FILES).flatMap((file) => Object.entries(file)),
);

/** Words, and the tag for `lang`, numbers and dates. */
export interface Language {
  readonly tag: string;
  readonly words: Words;
}

/** The first of some BCP 47 tags that there are words for; English where there is none. */
export function chooseWords(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const words = LANGUAGES.get(tag.toLowerCase().split("-")[0] ?? "");
    if (words !== undefined) return { tag, words };
  }
  return { tag: "en", words: en };
}
