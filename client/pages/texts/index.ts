/** Which language the person reads. */

import { de } from "./de";
import { en, type Texts } from "./en";

export type { Texts } from "./en";

const LANGUAGES: Readonly<Record<string, Texts>> = { en, de };

/** The words of a language, and its tag for `lang`, numbers and dates. */
export interface Language {
  readonly tag: string;
  readonly texts: Texts;
}

/**
 * The first of the person's languages that there are words for; English where there is none.
 *
 * @param wanted - Tags as `navigator.languages` has them, the best first.
 */
export function chooseLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const texts = LANGUAGES[tag.toLowerCase().split("-")[0] ?? ""];
    if (texts !== undefined) return { tag, texts };
  }
  return { tag: "en", texts: en };
}
