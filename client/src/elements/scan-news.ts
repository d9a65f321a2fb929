/** What is said, heard and told of a scan, once for all that shows it. */
import type { Page } from "../index.js";
import { type Desk, DeskChange } from "./desk.js";
import type { RunState, ScanRun } from "./scan-run.js";
import { Sounds } from "./sounds.js";
import type { Words } from "./words/index.js";

/** Somebody who shows scans, in a language. */
export interface Reporter {
  readonly newsWords: Words;
  pageCame(page: Page, run: ScanRun): void;
  stateCame(run: ScanRun): void;
}

const NEWS = new WeakMap<Desk, ScanNews>();

/** The news of a desk. */
export function newsOf(desk: Desk): ScanNews {
  const news = NEWS.get(desk) ?? new ScanNews(desk);
  NEWS.set(desk, news);
  return news;
}

/** Follows the scans of a desk as long as anybody shows them. */
export class ScanNews {
  readonly sounds = new Sounds();
  /** Whoever says at large why a scan waits; others then need not. */
  readonly explainers = new Set<object>();
  readonly #reporters = new Set<Reporter>();
  #run: ScanRun | undefined;
  #count = 0;
  #state: RunState = "scanning";

  /** @param desk - Whose scans these are. */
  constructor(private readonly desk: Desk) {}

  /** Whether ends and faults are heard. */
  get hasSound(): boolean {
    return this.desk.recollection.read().hasSound ?? true;
  }

  set hasSound(hasSound: boolean) {
    this.desk.recollection.add({ hasSound });
  }

  /** Somebody shows scans from now on; the first one's language is spoken. */
  join(reporter: Reporter): void {
    this.#reporters.add(reporter);
    if (this.#reporters.size > 1) return;
    const { run } = this.desk;
    // What went on before is no news.
    [this.#run, this.#count, this.#state] = [run, run?.pages.length ?? 0, run?.state ?? "scanning"];
    this.desk.addEventListener("change", this.#hear);
  }

  /** Somebody shows none any more. */
  leave(reporter: Reporter): void {
    this.#reporters.delete(reporter);
    if (this.#reporters.size === 0) this.desk.removeEventListener("change", this.#hear);
  }

  readonly #hear = (event: Event): void => {
    const { run } = this.desk;
    if (!(event instanceof DeskChange) || event.part !== "run" || run === undefined) return;
    if (run !== this.#run) this.#begin(run);
    for (const page of run.pages.slice(this.#count)) this.#tellPage(page, run);
    if (run.state !== this.#state) this.#tellState(run);
  };

  #begin(run: ScanRun): void {
    [this.#run, this.#count, this.#state] = [run, 0, "scanning"];
    run.job.addEventListener("warning", ({ message }) => {
      // What it waits for stands where the scan is shown, for as long.
      if (message !== run.waitsFor?.message) this.desk.notices.add("caution", message);
    });
  }

  #tellPage(page: Page, run: ScanRun): void {
    this.#count += 1;
    const words = this.#words;
    if (words !== undefined) this.desk.notices.say(words.scan.pageScanned(this.#count));
    this.#reporters.forEach((each) => {
      each.pageCame(page, run);
    });
  }

  #tellState(run: ScanRun): void {
    this.#state = run.state;
    const words = this.#words;
    if (words !== undefined) this.#say(run, words);
    if (run.state === "completed") this.#play("end");
    if (run.state === "paused" || run.state === "faulted") this.#play("fault");
    this.#reporters.forEach((each) => {
      each.stateCame(run);
    });
  }

  #say(run: ScanRun, words: Words): void {
    const { notices } = this.desk;
    if (run.state === "paused") notices.say(`${words.pause.title}. ${faultOf(run, words)}`);
    else if (run.state === "faulted") notices.add("bad", faultOf(run, words));
    else if (!run.isLive) notices.say(resultOf(run, words));
  }

  #play(name: "end" | "fault"): void {
    if (this.hasSound) void this.sounds.play(name);
  }

  get #words(): Words | undefined {
    const [first] = this.#reporters;
    return first?.newsWords;
  }
}

/** Why a scan waits or broke off, for people. */
export function faultOf({ fault, pages }: ScanRun, words: Words): string {
  if (fault === undefined) return words.pause.unknown(pages.length);
  return words.pause.faults[fault.code]?.(pages.length) ?? fault.message;
}

/** What came of a scan; empty while it goes on. */
export function resultOf({ state, pages }: ScanRun, words: Words): string {
  if (state === "completed") return words.scan.done(pages.length);
  if (state === "canceled") return words.scan.canceled(pages.length);
  return state === "faulted" ? words.scan.broken(pages.length) : "";
}
