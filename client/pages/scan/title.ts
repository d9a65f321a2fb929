/** The title of the tab: what it is called, and how far a scan is, for whoever looks elsewhere. */
import type { Desk } from "../../src/elements/index";
import type { Texts } from "../texts";

/** Keeps the title as things are. */
export function followTitle(desk: Desk, texts: Texts["scan"]): void {
  const show = (): void => {
    const name = desk.document?.name;
    const title = name === undefined ? texts.title : `${name} – ${texts.title}`;
    const { run } = desk;
    if (run?.state === "paused") document.title = `${texts.waits} – ${title}`;
    else if (run?.isLive === true) document.title = `(${run.pages.length}) ${title}`;
    else document.title = title;
  };
  desk.addEventListener("change", show);
  show();
}
