/** The scanning page: the public elements, in an order, and where each stands on a narrow screen. */
import { Desk, DeskElement } from "../../src/elements/index";
import { chooseLanguage } from "../texts";
import { followTitle } from "./title";
import { followViews } from "./views";

const { tag, texts } = chooseLanguage([
  document.documentElement.dataset.language ?? "",
  ...navigator.languages,
]);

function begin(): void {
  document.documentElement.lang = tag;
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
