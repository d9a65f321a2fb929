/** What the consent page looks like in each of its states. */

import { button, h, type Child } from "../shared/dom";
import { isolate } from "../shared/format";
import type { Decision, Pairing, WantedAddon } from "../shared/wire";
import type { Texts } from "../texts";
import { hasOtherLetters, isUnencrypted, splitOrigin } from "./origin";
import type { Outcome } from "./outcome";

/** The window's heading; it takes the focus so that what follows is read from here. */
export function heading(title: string): HTMLHeadingElement {
  return h("h1", { tabindex: "-1" }, title);
}

/** Who asks, the code and the wishes; the buttons come from `choices`. */
export function question(pairing: Pairing, texts: Texts): Child[] {
  const words = texts.consent;
  return [
    heading(words.title),
    originLine(pairing.origin),
    pairing.name === undefined || pairing.name === ""
      ? null
      : h("p", { class: "claim" }, words.callsItself(isolate(pairing.name))),
    isUnencrypted(pairing.origin) ? h("p", { class: "caution" }, words.notEncrypted) : null,
    hasOtherLetters(pairing.origin) ? h("p", { class: "caution" }, words.otherLetters) : null,
    codeBox(pairing.code, texts),
    h("h2", {}, words.wants),
    wishes(pairing.addons, texts),
  ];
}

/** The three buttons, dead until told otherwise; see `setLive`. */
export function choices(texts: Texts, decide: (decision: Decision) => void): HTMLElement {
  const words = texts.consent;
  return h(
    "div",
    { class: "choices" },
    choice("once", words.once, words.onceMeans, decide),
    choice("always", words.always, words.alwaysMeans, decide),
    choice("block", words.block, words.blockMeans, decide),
  );
}

/** Shows whether the buttons work; they stay where the keyboard is, so none is `disabled`. */
export function setLive(box: Element, isLive: boolean): void {
  for (const each of box.querySelectorAll("button")) {
    each.setAttribute("aria-disabled", String(!isLive));
  }
}

/** The sentence at the end, and the way out. */
export function ending(outcome: Outcome, texts: Texts, retry: () => void): Child[] {
  return [
    heading(outcome.title),
    h("p", { class: `outcome ${outcome.kind}` }, outcome.sentence),
    h("p", { class: "hint", id: "closing" }, outcome.closes ? texts.consent.closesItself : ""),
    h("div", { class: "choices" }, ...waysOut(outcome, texts, retry)),
  ];
}

function waysOut(outcome: Outcome, texts: Texts, retry: () => void): Child[] {
  const close = button("close", texts.closeWindow, () => {
    window.close();
    // A window that no page has opened stays, and says so.
    const hint = document.getElementById("closing");
    if (hint !== null) hint.textContent = texts.consent.closeYourself;
  });
  if (outcome.wayOut === "retry") {
    return [button("retry", texts.tryAgain, retry, { class: "primary" }), close];
  }
  if (outcome.wayOut === "status") {
    const link = h("a", { class: "button", href: "/status" }, texts.consent.openStatus);
    return [close, link];
  }
  return [close];
}

function originLine(origin: string): HTMLElement {
  const { before, main, after } = splitOrigin(origin);
  const whole = h("bdi", { dir: "ltr" }, before, h("strong", {}, main), after);
  return h("p", { class: "origin" }, whole);
}

function codeBox(code: string, texts: Texts): HTMLElement {
  const words = texts.consent;
  return h(
    "section",
    { class: "code", "aria-labelledby": "code-label" },
    h("h2", { id: "code-label" }, words.codeLabel),
    h("p", { class: "code-value", "data-code": code }, h("bdi", { dir: "ltr" }, code)),
    h("p", { class: "code-advice" }, words.codeAdvice),
  );
}

function wishes(addons: readonly WantedAddon[], texts: Texts): HTMLElement {
  const words = texts.consent;
  const items = [words.wantsScan, words.wantsDocuments].map((wish) => h("li", {}, wish));
  return h("ul", { class: "wishes" }, ...items, ...addons.map((each) => addonWish(each, texts)));
}

function addonWish(addon: WantedAddon, texts: Texts): HTMLElement {
  const words = texts.consent;
  if (addon.state !== "ready") {
    return h("li", { class: "missing" }, words.addonUnusable[addon.state](addon.name));
  }
  const { description = "" } = addon;
  // Add-ons describe themselves in English.
  const about = description === "" ? null : h("p", { class: "about", lang: "en" }, description);
  return h("li", {}, h("p", {}, words.wantsAddon(addon.name)), about);
}

function choice(
  decision: Decision,
  label: string,
  meaning: string,
  decide: (decision: Decision) => void,
): HTMLButtonElement {
  const text = h("span", { class: "label" }, label);
  const act = (): void => {
    decide(decision);
  };
  const made = button(decision, text, act, { class: `choice ${decision}` });
  made.append(h("span", { class: "meaning" }, meaning));
  return made;
}
