/** The scanning page: the public elements, in an order, and where each stands on a narrow screen. */
import { texts } from "./language"; // first
import { type Desk, DeskElement } from "../../src/elements/index";
import { followTitle } from "./title";
import { followViews } from "./views";

function begin(): void {
  document.title = texts.scan.title;
  for (const element of document.querySelectorAll<HTMLElement>("[data-text]")) {
    element.textContent = textOf(element.dataset.text);
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-label]")) {
    element.setAttribute("aria-label", textOf(element.dataset.label));
  }
  const desk = ownDesk();
  followViews(desk);
  followTitle(desk, texts.scan);
}

/** Over the service that this page comes from, wherever it listens. */
function ownDesk(): Desk {
  const element = document.querySelector("flatbed-desk");
  if (!(element instanceof DeskElement)) throw new Error("The page has no desk.");
  return element.desk;
}

function textOf(key: string | undefined): string {
  const found: unknown = Object.entries(texts.scan).find(([name]) => name === key)?.[1];
  if (typeof found !== "string") throw new Error(`There is no text '${key ?? ""}'.`);
  return found;
}

begin();
