/** The tool of the editor that is open: its frame over the page, and its form below. */
import { html, nothing, type ReactiveController } from "lit";

import { AreaFrame } from "./area-frame.js";
import { areaForm } from "./area-form.js";
import { type Area, isWhole, toBox, whole, within } from "./box.js";
import type { PageDeeds } from "./editor-deeds.js";
import type { OpenTool } from "./editor-tools.js";
import type { FlatbedElement } from "./element.js";
import { measured, type Paper, paperOf, type Unit } from "./paper.js";
import type { Shown } from "./shown-page.js";
import { hasTones, NO_TONES, type Tones, toneForm, toService } from "./tone-form.js";
import type { Viewport } from "./viewport.js";
import type { Words } from "./words/index.js";

/** The element that has a tool. */
export interface BenchHost extends FlatbedElement {
  unit: Unit;
}

/** What a tool works with. */
export interface BenchParts {
  readonly words: () => Words["editor"];
  readonly deeds: PageDeeds;
  readonly viewport: Viewport;
}

/** At most one tool at a time, for one look of one page. */
export class ToolBench implements ReactiveController {
  readonly frame: AreaFrame;
  readonly #host: BenchHost;
  readonly #parts: BenchParts;
  #tool: OpenTool | undefined;
  #tones: Tones = NO_TONES;
  #shown: Shown | undefined;

  constructor(host: BenchHost, parts: BenchParts) {
    this.#host = host;
    this.#parts = parts;
    this.frame = new AreaFrame(host, () => void this.#followFrame());
    host.addController(this);
  }

  hostDisconnected(): void {
    this.close();
  }

  /** Which is open. */
  get tool(): OpenTool | undefined {
    return this.#tool;
  }

  /** Tones that are tried; undefined where the page is to be seen as it is. */
  get tones(): Tones | undefined {
    return this.#tool === "tones" && hasTones(this.#tones) ? this.#tones : undefined;
  }

  /** What is seen now: another look of the page begins with another area. */
  look(shown: Shown | undefined): void {
    const before = this.#shown;
    this.#shown = shown;
    if (this.#tool === undefined) return;
    if (shown === undefined) this.close();
    else if (before?.page.uid !== shown.page.uid || before.look !== shown.look) this.#begin(shown);
  }

  /** Opens a tool, or closes it if it is open. */
  toggle(tool: OpenTool): void {
    const isOpen = this.#tool === tool;
    this.close();
    if (isOpen || this.#shown === undefined) return;
    this.#tool = tool;
    this.#begin(this.#shown);
    void this.#focus(tool === "tones" ? "[name=brightness]" : ".grip");
  }

  /** Puts the tool away, and the focus back where it came from. */
  close(): void {
    const tool = this.#tool;
    if (tool === undefined) return;
    const focused = this.#host.shadowRoot?.activeElement;
    this.#tool = undefined;
    this.#tones = NO_TONES;
    this.frame.hide();
    this.#host.requestUpdate();
    if (focused?.matches(".panel *, .frame *") === true) void this.#focus(`[data-tool=${tool}]`);
  }

  /** Does what the tool is set to; nothing where that would change nothing. */
  apply(): void {
    const [tool, shown, area] = [this.#tool, this.#shown, this.frame.area];
    if (tool === undefined || shown === undefined || this.#isIdle(shown)) return;
    const { deeds, words } = this.#parts;
    const { [tool]: label, did } = words();
    const said = did(label);
    if (tool === "tones") {
      const { brightness, contrast } = this.#tones;
      const { page } = shown;
      if (brightness) void deeds.edit(page, said, "brightness", { value: toService(brightness) });
      if (contrast) void deeds.edit(page, said, "contrast", { value: toService(contrast) });
    } else if (area !== undefined) {
      void deeds.edit(shown.page, said, tool, { box: toBox(area) });
    }
    // More is often erased than once; a page is cropped once.
    if (tool !== "erase") this.close();
  }

  /** Its form; nothing where none is open. */
  render() {
    const [tool, shown, { area }] = [this.#tool, this.#shown, this.frame];
    if (tool === undefined || shown === undefined) return nothing;
    const words = this.#parts.words();
    return html`
      <form class="panel" part="panel" novalidate @submit=${this.#submit}>
        ${area === undefined ? this.#renderTones(shown) : this.#renderArea(area, shown)}
        <div class="acts">
          <button type="button" @click=${this.#put}>${words.done}</button>
          <button class="main" type="submit" aria-disabled=${String(this.#isIdle(shown))}>
            ${tool === "tones" ? words.apply : words[tool]}
          </button>
        </div>
        <p id="hint" class="hint quiet" ?hidden=${area === undefined}>${words.hint}</p>
      </form>
    `;
  }

  #renderArea(area: Area, { info }: Shown) {
    const paper = paperOf(info);
    return areaForm({
      words: this.#parts.words(),
      area,
      paper,
      unit: this.#host.unit,
      change: (changed) => {
        this.frame.show(changed, paper);
      },
      changeUnit: (unit) => {
        this.#host.unit = unit;
      },
    });
  }

  #renderTones({ info, page }: Shown) {
    const words = this.#parts.words();
    const { deeds } = this.#parts;
    return toneForm({
      words,
      tones: this.#tones,
      mode: info.mode,
      change: (tones) => {
        this.#tones = tones;
        this.#host.requestUpdate();
      },
      toGray: () => void deeds.edit(page, words.did(words.gray), "grayscale"),
      // By what is around each sample: coloured paper and shadows become white.
      toBlackWhite: () =>
        void deeds.edit(page, words.did(words.blackWhite), "black-white", { method: "adaptive" }),
    });
  }

  /** Whether it would change nothing, or is meant for a page that looks otherwise by now. */
  #isIdle(shown: Shown): boolean {
    const { area } = this.frame;
    const look = this.#host.desk.thumbnails.versionOf(shown.page.uid);
    if (look !== shown.look || this.#parts.deeds.isWorking) return true;
    if (area === undefined) return !hasTones(this.#tones);
    return this.#tool === "crop" && isWhole(area, paperOf(shown.info));
  }

  #begin(shown: Shown): void {
    const paper = paperOf(shown.info);
    this.#tones = NO_TONES;
    if (this.#tool === "crop") this.frame.show(whole(paper), paper);
    if (this.#tool === "erase") {
      const { area = amid(this.#parts.viewport.seen, paper) } = this.frame;
      this.frame.show(within(area, paper), paper);
    }
    this.#host.requestUpdate();
  }

  async #focus(selector: string): Promise<void> {
    await this.#host.updateComplete;
    this.#host.shadowRoot?.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
  }

  /** What the keyboard has made of the frame: said, and in view. */
  async #followFrame(): Promise<void> {
    const [shown, { area }] = [this.#shown, this.frame];
    if (area === undefined || shown === undefined) return;
    const { unit, desk } = this.#host;
    const { left, top, width, height } = measured(area, unit, paperOf(shown.info));
    const words = this.#parts.words();
    desk.notices.say(words.areaIs([left, top, width, height].map(String), words[unit]));
    await this.#host.updateComplete;
    const near = { block: "nearest", inline: "nearest" } as const;
    this.#host.shadowRoot?.activeElement?.scrollIntoView(near);
  }

  readonly #put = (): void => {
    this.close();
  };

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    this.apply();
  };
}

/** A part of what is seen of a page, in its middle. */
function amid({ from, to }: Viewport["seen"], paper: Paper): Area {
  const [width, height] = [(to.x - from.x) * paper.width, (to.y - from.y) * paper.height];
  return {
    left: from.x * paper.width + width * 0.3,
    top: from.y * paper.height + height * 0.44,
    width: width * 0.4,
    height: height * 0.12,
  };
}
