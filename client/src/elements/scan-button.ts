/** `<flatbed-scan-button>`: begins a scan, shows how far it is, and stops it. */
import { css, type CSSResultGroup, html, nothing, type PropertyDeclarations } from "lit";

import type { Color, Page, PageSize, ScanOptions, Source } from "../index.js";
import { FlatbedElement } from "./element.js";
import { icon } from "./icons.js";
import { faultOf, newsOf, type Reporter, resultOf, type ScanNews } from "./scan-news.js";
import { planOf } from "./scan-plan.js";
import type { ScanRun } from "./scan-run.js";
import type { Words } from "./words/index.js";

/**
 * One button that scans into the document of the desk, with the settings of
 * `<flatbed-scan-settings>` on the same desk, else with its attributes: `source` (flatbed, feeder,
 * duplex), `dpi`, `color` (color, gray, bw), `page-size` (all, a4, letter, ...), `scanner` (the
 * `device` of one). While paper moves it shows the number of pages beside a button that stops; where
 * a fault pauses the scan, it goes on by the same button.
 *
 * Slot: what stands on the button in place of "Scan".
 * Events: `flatbed-scan-start` and `flatbed-scan-end` with `{job, state, pages}`,
 * `flatbed-scan-pause` besides with `fault`; `flatbed-page` with `{job, page, number}`.
 * Parts: `main`, `stop`, `result`.
 */
export class ScanButtonElement extends FlatbedElement implements Reporter {
  static override properties: PropertyDeclarations = {
    source: { type: String },
    dpi: { type: Number },
    color: { type: String },
    pageSize: { type: String, attribute: "page-size" },
    scanner: { type: String },
    isStarting: { state: true },
    isStopping: { state: true },
  };

  static override styles: CSSResultGroup = [
    FlatbedElement.styles,
    css`
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }

      button {
        flex: 1 1 auto;
        position: relative;
        min-block-size: 44px;
        padding-inline: 10px;
        overflow: hidden;
      }

      .main {
        flex-grow: 4;
        font-variant-numeric: tabular-nums;
      }

      .main.going,
      .main.going:hover {
        border-color: var(--accent);
        background: var(--chosen);
        color: var(--ink);
      }

      .bar {
        position: absolute;
        inset-block-end: 0;
        inset-inline: 0;
        block-size: 3px;
        background: color-mix(in srgb, var(--accent) 30%, transparent);
      }

      .bar::before {
        content: "";
        position: absolute;
        inset-block: 0;
        inset-inline-start: 0;
        inline-size: 35%;
        background: var(--accent);
        animation: pass 1.4s ease-in-out infinite alternate;
      }

      .result {
        min-block-size: 1.5em;
        margin-block-end: 4px;
        color: var(--quiet);
        font-size: 0.875em;
        overflow-wrap: anywhere;
      }

      .result.waits {
        color: var(--caution);
        font-weight: 600;
      }

      @keyframes pass {
        to {
          inset-inline-start: 65%;
        }
      }
    `,
  ];

  declare source: Source | undefined;
  declare dpi: number | undefined;
  declare color: Color | undefined;
  declare pageSize: PageSize | undefined;
  declare scanner: string | undefined;
  declare private isStarting: boolean;
  declare private isStopping: boolean;
  #news: ScanNews | undefined;

  constructor() {
    super();
    this.isStarting = false;
    this.isStopping = false;
  }

  get newsWords(): Words {
    return this.words;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#news?.leave(this);
  }

  /** Scans; to be called from a click. */
  async scan(): Promise<void> {
    if (this.isStarting || this.desk.isScanning) return;
    newsOf(this.desk).sounds.prepare();
    // Called at once: windows can be opened in the click alone.
    const ready = this.desk.flatbed.request();
    this.isStarting = true;
    try {
      await this.desk.do(() => this.#start(ready));
    } finally {
      this.isStarting = false;
    }
  }

  pageCame(page: Page, run: ScanRun): void {
    const number = run.pages.indexOf(page) + 1;
    this.tell("flatbed-page", { job: run.job, page, number });
  }

  stateCame(run: ScanRun): void {
    const { job, state, pages, fault } = run;
    if (state === "paused") this.tell("flatbed-scan-pause", { job, state, pages, fault });
    else if (!run.isLive) this.tell("flatbed-scan-end", { job, state, pages });
    if (!run.isLive) this.#keepFocus();
  }

  protected override deskAttached(): void {
    super.deskAttached();
    this.#news?.leave(this);
    this.#news = newsOf(this.desk);
    this.#news.join(this);
  }

  protected override render() {
    const { run } = this.desk;
    return html`
      ${this.#result(run)}
      <div class="buttons">
        ${this.#main(run)} ${run?.isLive === true ? this.#stop(run) : nothing}
      </div>
    `;
  }

  #result(run: ScanRun | undefined) {
    const waits = run?.isLive === true ? this.#reason(run) : "";
    if (waits !== "") return html`<p class="result waits" part="result"><bdi>${waits}</bdi></p>`;
    const result = run === undefined || this.isStarting ? "" : resultOf(run, this.words);
    return html`<p class="result" part="result">${result}</p>`;
  }

  /** What a scan waits for; shortly where something else on the page explains it. */
  #reason(run: ScanRun): string {
    if (run.state !== "paused") return run.waitsFor?.message ?? "";
    const isExplained = newsOf(this.desk).explainers.size > 0;
    return isExplained ? this.words.pause.title : faultOf(run, this.words);
  }

  #main(run: ScanRun | undefined) {
    const { scan, pause } = this.words;
    const isGoing = this.isStarting || run?.state === "scanning";
    const isPaused = run?.state === "paused";
    const going = run?.isLive === true ? scan.progress(run.pages.length) : scan.starting;
    return html`
      <button
        class="main ${isGoing ? "going" : ""}"
        part="main"
        type="button"
        aria-disabled=${String(isGoing)}
        @click=${() => {
          void (isPaused ? this.#resume(run) : this.scan());
        }}
      >
        ${isGoing ? nothing : icon(isPaused ? "go" : "scan")}
        ${isGoing ? going : isPaused ? pause.goOn : html`<slot>${scan.scan}</slot>`}
        ${isGoing ? html`<span class="bar"></span>` : nothing}
      </button>
    `;
  }

  #stop(run: ScanRun) {
    const { scan, pause } = this.words;
    const isPaused = run.state === "paused";
    return html`
      <button
        part="stop"
        type="button"
        aria-disabled=${String(this.isStopping)}
        @click=${({ detail }: MouseEvent) => {
          // A double click on what stood here before is no wish to stop.
          if (detail <= 1) void this.#end(run);
        }}
      >
        ${isPaused ? pause.finish : scan.stop}
      </button>
    `;
  }

  async #start(ready: Promise<void>): Promise<void> {
    await ready;
    const plan = planOf(this.desk);
    await plan.settle();
    const options = plan.isShown ? plan.toOptions() : this.#own;
    const run = await this.desk.scan(options);
    if (run === undefined) return;
    plan.place = "end";
    this.tell("flatbed-scan-start", { job: run.job, state: run.state, pages: run.pages });
  }

  async #resume({ job }: ScanRun): Promise<void> {
    newsOf(this.desk).sounds.prepare();
    await this.desk.do(() => job.resume());
  }

  async #end(run: ScanRun): Promise<void> {
    if (this.isStopping) return;
    this.isStopping = true;
    await this.desk.do(() => (run.state === "paused" ? run.job.finish() : run.job.cancel()));
    this.isStopping = false;
  }

  get #own(): ScanOptions {
    const { source, dpi, color, pageSize, scanner } = this;
    return { source, dpi, color, pageSize, scanner };
  }

  /** The button that stops is gone with the scan. */
  #keepFocus(): void {
    const at = this.shadowRoot?.activeElement;
    if (at?.part.contains("stop") === true) {
      this.renderRoot.querySelector<HTMLElement>(".main")?.focus();
    }
  }
}
