/** Text for the clipboard, or to be selected where that is not allowed. */

import { button, h } from "../shared/dom";
import type { Card } from "./card";
import type { Texts } from "../texts";

/** Puts text on the clipboard; answers whether that was allowed. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** A command line with a button that copies it. */
export function commandLine(command: string, card: Card, texts: Texts): HTMLElement {
  const act = (): void => {
    void card.act(async () => ((await copy(command)) ? texts.copied : texts.copyFailed));
  };
  const label = texts.status.copyCommand(command);
  return h(
    "div",
    { class: "command" },
    h("code", { dir: "ltr" }, command),
    button(`copy ${command}`, texts.status.copy, act, { "aria-label": label }),
  );
}
