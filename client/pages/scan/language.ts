/** The language of the scanning page; set before the elements are there, who ask the page for it. */
import { chooseLanguage } from "../texts";

export const { tag, texts } = chooseLanguage(navigator.languages);

document.documentElement.lang = tag;
