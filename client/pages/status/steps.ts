/** A button for what cannot be undone: it asks once more in its own place. */

import { button, h } from "../shared/dom";

/** What its buttons say. */
export interface StepWords {
  readonly label: string;
  readonly sure: string;
  readonly not: string;
}

/** Makes it; `act` runs after the second click only. */
export function twoSteps(key: string, words: StepWords, act: () => void): HTMLElement {
  const box = h("span", { class: "acts" });
  const first = button(key, words.label, () => {
    const sure = button(`${key}-sure`, words.sure, act, { class: "danger" });
    const not = button(`${key}-not`, words.not, () => {
      box.replaceChildren(first);
      first.focus();
    });
    box.replaceChildren(sure, not);
    not.focus();
  });
  box.append(first);
  return box;
}
