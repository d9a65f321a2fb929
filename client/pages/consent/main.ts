/** The consent window: one request, decided once, by a person who has had time to look. */

import "../style/base.css";
import "../style/consent.css";

import { ApiFault, ask, toFault } from "../shared/api";
import { byId, h, type Child } from "../shared/dom";
import type { Decision, Pairing } from "../shared/wire";
import { chooseLanguage } from "../texts";
import { Arming } from "./arming";
import { outcomeOf, outcomeOfFault, type Outcome } from "./outcome";
import { choices, ending, heading, question, setLive } from "./view";

/** How long one request waits for news, in seconds. */
const WAIT_S = 20;
const CLOSES_AFTER_MS = 2000;
const LOOK_MS = 50;

const { tag, texts } = chooseLanguage(navigator.languages);
const main = byId("main");
const path = `/api/pair/${encodeURIComponent(location.pathname.split("/").at(-1) ?? "")}`;

let watching = new AbortController();
let isDeciding = false;

async function begin(): Promise<void> {
  show(heading(texts.consent.title), h("p", { class: "hint" }, texts.consent.loading));
  await follow(async () => {
    const pairing = await ask<Pairing>("GET", path);
    const outcome = outcomeOf(pairing, false, texts);
    if (outcome !== undefined) return outcome;
    put(pairing);
    return await waitForOthers();
  });
}

/** Shows the question, with buttons that come alive by and by. */
function put(pairing: Pairing): void {
  const box = choices(texts, (decision) => void decide(decision));
  const hint = h("p", { class: "hint", id: "hint", role: "status" });
  show(...question(pairing, texts), box, hint);
  document.title = `${texts.consent.title} ${pairing.origin}`;
  const arming = new Arming(performance.now(), isWatched());
  const look = (): void => {
    if (!box.isConnected) {
      clearInterval(timer);
      gone.abort();
      return;
    }
    arming.watch(performance.now(), isWatched());
    setLive(box, arming.isLive(performance.now()) && !isDeciding);
    hintAt(hint, arming);
  };
  const gone = new AbortController();
  const timer = setInterval(look, LOOK_MS);
  for (const kind of ["focus", "blur", "pageshow"]) addEventListener(kind, look, gone);
  document.addEventListener("visibilitychange", look, gone);
  look();
}

function hintAt(hint: Element, arming: Arming): void {
  const words = arming.isSeen ? "" : texts.consent.deadUnfocused;
  const sentence = isDeciding ? texts.consent.sending : words;
  if (hint.textContent !== sentence) hint.textContent = sentence;
}

function isWatched(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

async function decide(decision: Decision): Promise<void> {
  const pressed = main.querySelector(`[data-key="${decision}"]`);
  if (isDeciding || pressed?.getAttribute("aria-disabled") !== "false") return;
  isDeciding = true;
  watching.abort();
  await follow(async () => {
    const decided = await ask<Pairing>("PATCH", path, { decision });
    return outcomeOf(decided, true, texts);
  });
  isDeciding = false;
}

/** Waits until somebody decides in another window, or nobody in time. */
async function waitForOthers(): Promise<Outcome> {
  watching = new AbortController();
  for (;;) {
    const asked = `${path}?wait=${WAIT_S}`;
    const pairing = await ask<Pairing>("GET", asked, undefined, watching.signal);
    const outcome = outcomeOf(pairing, false, texts);
    if (outcome !== undefined) return outcome;
  }
}

/** Does something with the service, and shows what came of it. */
async function follow(work: () => Promise<Outcome | undefined>): Promise<void> {
  try {
    const outcome = await work();
    if (outcome !== undefined) finish(outcome);
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === "AbortError") return;
    if (!(failure instanceof ApiFault) && !(failure instanceof TypeError)) throw failure;
    finish(outcomeOfFault(toFault(failure), texts));
  }
}

function finish(outcome: Outcome): void {
  show(...ending(outcome, texts, () => void begin()));
  document.title = `${outcome.title} – Flatbed`;
  if (!outcome.closes) return;
  setTimeout(() => {
    window.close();
    // Still here a moment later: no page has opened this window, so no page may close it.
    setTimeout(() => {
      byId("closing").textContent = texts.consent.closeYourself;
    }, CLOSES_AFTER_MS);
  }, CLOSES_AFTER_MS);
}

function show(...children: readonly Child[]): void {
  main.replaceChildren(...children.filter((child) => child !== null));
  main.querySelector("h1")?.focus();
}

document.documentElement.lang = tag;
void begin();
