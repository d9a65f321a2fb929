/** The status page: what the service is doing, and the person's hand on it. */

import "../style/base.css";
import "../style/status.css";

import { ask, toFault } from "../shared/api";
import { byId, h, say } from "../shared/dom";
import { Format } from "../shared/format";
import type { ServiceStatus } from "../shared/wire";
import { chooseLanguage } from "../texts";
import { Addons } from "./addons";
import type { Voice } from "./card";
import { coalesce } from "./coalesce";
import { Jobs } from "./jobs";
import { listen, partsChangedBy, type Part } from "./live";
import { Log } from "./log";
import { Origins } from "./origins";
import { RecoveredPages } from "./recovered";
import { writeReport } from "./report";
import { ReportCard } from "./report-card";
import { Scanners } from "./scanners";
import { Storage } from "./storage";

/** Room on the disk and last uses change without an event. */
const LOOK_MS = 15_000;

const { tag, texts } = chooseLanguage(navigator.languages);
const voice: Voice = { texts, format: new Format(tag) };

const scanners = new Scanners(voice);
const jobs = new Jobs(voice);
const recovered = new RecoveredPages(voice);
const origins = new Origins(voice);
const addons = new Addons(voice);
const storage = new Storage(voice);
const log = new Log(voice);
const report = new ReportCard(voice, write);

const version = h("span", { class: "quiet" });
const alive = h("p", { class: "alive" });
const banner = h("p", { class: "banner", role: "status" });
let status: ServiceStatus | undefined;

const refreshes: Readonly<Record<Part, () => Promise<void>>> = {
  status: coalesce(refreshStatus),
  scanners: coalesce(() => scanners.refresh()),
  origins: coalesce(() => origins.refresh()),
  addons: coalesce(() => addons.refresh()),
  recovered: coalesce(() => recovered.refresh()),
  settings: coalesce(() => log.refresh()),
};

function begin(): void {
  document.documentElement.lang = tag;
  document.title = texts.status.title;
  const mark = h("span", { class: "mark", "aria-hidden": "true" });
  byId("top").replaceChildren(h("h1", {}, mark, "Flatbed"), version, alive);
  const column = (...cards: readonly { card: { element: HTMLElement } }[]): HTMLElement =>
    h("div", { class: "column" }, ...cards.map((each) => each.card.element));
  byId("main").replaceChildren(
    banner,
    origins.asks.element,
    column(recovered, scanners, jobs, storage),
    column(origins, addons, log, report),
  );
  listen({ heard: hear, changed: showConnection });
  setInterval(() => void Promise.all([refreshes.status(), refreshes.origins()]), LOOK_MS);
}

function hear({ type }: { readonly type: string }): void {
  for (const part of partsChangedBy(type)) void refreshes[part]();
}

function showConnection(isConnected: boolean): void {
  if (isConnected) for (const refresh of Object.values(refreshes)) void refresh();
  else showAlive(undefined);
  const sentence = isConnected ? "" : texts.serviceGone;
  if (banner.textContent !== sentence) say(banner, sentence);
}

async function refreshStatus(): Promise<void> {
  try {
    status = await ask<ServiceStatus>("GET", "/api/status");
  } catch (failure) {
    if (!toFault(failure).isGone) jobs.card.tellFault(failure);
    return;
  }
  showAlive(status);
  jobs.show(status.jobs);
  storage.show(status);
}

function showAlive(known: ServiceStatus | undefined): void {
  const words = texts.status;
  alive.classList.toggle("gone", known === undefined);
  const since = known?.startedAt;
  const when = since ? ` ${words.runningSince(voice.format.moment(since))}` : "";
  const state = known === undefined ? words.disconnected : words.connected;
  alive.replaceChildren(h("strong", {}, state), when);
  if (known !== undefined) version.textContent = words.version(known.version);
}

function write(): string {
  if (status === undefined) return texts.serviceGone;
  return writeReport({
    status,
    scanners: scanners.found,
    addons: addons.found,
    origins: origins.found,
    logLevel: log.level,
    browser: navigator.userAgent,
    at: new Date().toISOString(),
  });
}

begin();
