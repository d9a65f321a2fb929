/** `<flatbed-pause>`: why a scan waits for a person, and which sheet is the last that is safe. */
import { css, type CSSResultGroup, html, nothing, type PropertyDeclarations } from "lit";

import type { Page } from "../index.js";
import { FlatbedElement } from "./element.js";
import { icon } from "./icons.js";
import { faultOf, newsOf, type ScanNews } from "./scan-news.js";
import type { ScanRun } from "./scan-run.js";

const PICTURE_PX = 320;

/**
 * Shows nothing but while a fault pauses the scan: then what happened, the last safe sheet as it
 * looks, and buttons that go on or end the scan with the pages that are there.
 *
 * Events: `flatbed-resume`, `flatbed-finish`, both with `{job}`.
 * Parts: `panel`, `picture`, `resume`, `finish`.
 */
export class PausePanelElement extends FlatbedElement {
  static override properties: PropertyDeclarations = {
    picture: { state: true },
    isGoing: { state: true },
  };

  static override styles: CSSResultGroup = [
    FlatbedElement.styles,
    css`
      :host {
        container-type: inline-size;
      }

      .panel {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        align-items: start;
        gap: 8px 16px;
        padding: 12px 16px;
        border-block-end: 1px solid var(--line);
        border-block-start: 4px solid var(--caution);
        background: color-mix(in srgb, var(--caution) 7%, var(--surface));
      }

      .told {
        display: grid;
        gap: 8px;
        max-inline-size: 34rem;
      }

      h2 {
        display: flex;
        align-items: center;
        gap: 8px;
        color: var(--caution);
        font-size: 1.125em;
        line-height: 1.3;
      }

      .why {
        font-weight: 600;
      }

      p {
        overflow-wrap: anywhere;
      }

      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin-block-start: 4px;
      }

      .buttons button {
        flex: 1 1 auto;
        min-block-size: 44px;
      }

      figure {
        display: grid;
        justify-items: center;
        gap: 4px;
        inline-size: 7rem;
        text-align: center;
        font-size: 0.875em;
        line-height: 1.3;
      }

      img,
      .empty {
        display: block;
        max-inline-size: 100%;
        max-block-size: 8.5rem;
        border: 1px solid var(--control-line);
        border-radius: 2px;
        background: #ffffff;
      }

      .empty {
        inline-size: 100%;
        aspect-ratio: 210 / 297;
        background: var(--wash);
      }

      figcaption b {
        display: block;
        font-size: 1.15em;
      }

      @container (width < 24rem) {
        .panel {
          grid-template-columns: minmax(0, 1fr);
        }

        figure {
          order: 1;
          inline-size: 100%;
        }
      }
    `,
  ];

  declare private picture: string | undefined;
  declare private isGoing: boolean;
  #shown: Page | undefined;
  #leaving: AbortController | undefined;
  #news: ScanNews | undefined;

  constructor() {
    super();
    this.isGoing = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#news?.explainers.delete(this);
    this.#forget();
  }

  protected override deskAttached(): void {
    super.deskAttached();
    this.#news?.explainers.delete(this);
    this.#news = newsOf(this.desk);
    this.#news.explainers.add(this);
  }

  protected override willUpdate(): void {
    super.willUpdate();
    const { run } = this.desk;
    this.#look(run?.state === "paused" ? run.lastPage : undefined);
  }

  protected override render() {
    const { run } = this.desk;
    if (run?.state !== "paused") return nothing;
    const { pause } = this.words;
    return html`
      <section class="panel" part="panel" aria-labelledby="title">
        ${this.#figure(run.lastPage)}
        <div class="told">
          <h2 id="title">${icon("pause")}${pause.title}</h2>
          <p class="why" role="alert"><bdi>${faultOf(run, this.words)}</bdi></p>
          <p><bdi>${this.#how(run)}</bdi></p>
          <div class="buttons">
            <button
              class="main"
              part="resume"
              type="button"
              ?disabled=${this.isGoing}
              @click=${() => this.#do(run, "flatbed-resume")}
            >
              ${icon("go")}${pause.goOn}
            </button>
            <button
              part="finish"
              type="button"
              ?disabled=${this.isGoing}
              @click=${() => this.#do(run, "flatbed-finish")}
            >
              ${pause.finish}
            </button>
          </div>
        </div>
      </section>
    `;
  }

  #figure(page: Page | undefined) {
    if (page === undefined) return nothing;
    const { pause } = this.words;
    const place = this.desk.placeOf(page);
    // The scan may be quicker than the list of the document's pages.
    const name = place === 0 ? "" : pause.lastIs(place);
    return html`
      <figure>
        ${
          this.picture === undefined
            ? html`<span class="empty"></span>`
            : html`<img part="picture" src=${this.picture} alt="${pause.last}: ${name}" />`
        }
        <figcaption>${pause.last}<b>${name}</b></figcaption>
      </figure>
    `;
  }

  /** The service's own sentence says by itself how many pages are safe. */
  #how({ fault, pages }: ScanRun): string {
    const { pause } = this.words;
    const how = pages.length === 0 ? pause.howFirst : pause.how;
    const isTold = fault !== undefined && pause.faults[fault.code] === undefined;
    return isTold ? how : `${pause.safe(pages.length)} ${how}`;
  }

  async #do(run: ScanRun, deed: "flatbed-resume" | "flatbed-finish"): Promise<void> {
    this.isGoing = true;
    // Whoever came back to this page has not used it before.
    newsOf(this.desk).sounds.prepare();
    const { job } = run;
    await this.desk.do(() => (deed === "flatbed-resume" ? job.resume() : job.finish()));
    this.isGoing = false;
    this.tell(deed, { job });
  }

  /** Has the picture of a page fetched, once. */
  #look(page: Page | undefined): void {
    if (page?.uid === this.#shown?.uid) return;
    this.#forget();
    this.#shown = page;
    if (page === undefined) return;
    this.picture = this.desk.thumbnails.peek(page, PICTURE_PX);
    const { signal } = (this.#leaving = new AbortController());
    void this.#fetch(page, signal);
  }

  async #fetch(page: Page, signal: AbortSignal): Promise<void> {
    try {
      const found = await this.desk.thumbnails.get(page, PICTURE_PX, signal);
      if (!signal.aborted) this.picture = found;
    } catch (error) {
      this.desk.notices.addError(error);
    }
  }

  #forget(): void {
    this.#leaving?.abort();
    this.#shown = undefined;
    this.picture = undefined;
  }
}
