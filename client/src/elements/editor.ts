/** `<flatbed-editor>`: one page in large, and everything that can be done to it. */
import { type CSSResultGroup, html, nothing, type PropertyDeclarations } from "lit";
import { ref } from "lit/directives/ref.js";

import type { Page, PageInfo } from "../index.js";
import type { EditArguments } from "../pages.js";
import type { DeskPart } from "./desk.js";
import { type EditName, PageDeeds } from "./editor-deeds.js";
import { editorStyles } from "./editor-styles.js";
import { type OpenTool, pageTools, type Tool, toolGroup, viewTools } from "./editor-tools.js";
import { FlatbedElement } from "./element.js";
import { frameStyles } from "./frame-styles.js";
import { icon } from "./icons.js";
import { paperOf, type Unit } from "./paper.js";
import { placed } from "./placed.js";
import { type Shown, ShownPage } from "./shown-page.js";
import type { Thumbnails } from "./thumbnails.js";
import { toneFilter } from "./tone-form.js";
import { ToolBench } from "./tool-bench.js";
import { Viewport } from "./viewport.js";

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const TURNS: Readonly<Record<string, 1 | -1>> = { PageUp: -1, PageDown: 1 };
const ZOOMS: Readonly<Record<string, 1 | -1 | 0>> = { "+": 1, "=": 1, "-": -1, "0": 0 };

/**
 * Give it a height, as `block-size: 100%`: the page is as large as there is room for.
 *
 * Shows the desk's current page, or the first one where none is chosen; while pages come, the last.
 *
 * Attributes: `tools`, the names of those that are offered, separated by spaces, all without it:
 * `rotate deskew auto-crop crop erase tones`; `unit`, `mm` or `px`, of the numbers of an area.
 * Parts: `bar`, `tool` with the name of what it does, `stage`, `page`, `frame`, `handle`, `panel`.
 * Events: `flatbed-page-edited` with `{ page, op }` once an edit is in the document.
 *
 * Keys on the page: + and - zoom, 0 shows all of it, arrows move it, page up and down turn to the
 * ones beside it. Anywhere within: Ctrl+Z and Ctrl+Y, and Escape, which closes a tool.
 */
export class EditorElement extends FlatbedElement {
  static override properties: PropertyDeclarations = {
    tools: { type: String },
    unit: { type: String },
  };

  static override styles: CSSResultGroup = [FlatbedElement.styles, editorStyles, frameStyles];

  declare tools: string | undefined;
  declare unit: Unit;
  readonly #viewport: Viewport = new Viewport(this);
  readonly #loader: ShownPage = new ShownPage(this, (info) => this.#widthOf(info));
  readonly #deeds: PageDeeds = new PageDeeds(this, (page, op) => {
    this.tell("flatbed-page-edited", { page, op });
  });
  readonly #bench: ToolBench = new ToolBench(this, {
    words: () => this.words.editor,
    deeds: this.#deeds,
    viewport: this.#viewport,
  });
  #heard: Thumbnails | undefined;

  constructor() {
    super();
    this.unit = "mm";
    this.addEventListener("keydown", this.#press);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#heard?.removeEventListener("renew", this.#renew);
  }

  /** Gives the focus to the page itself, where its keys count. */
  override focus(options?: FocusOptions): void {
    this.shadowRoot?.querySelector<HTMLElement>(".stage")?.focus(options);
  }

  protected override deskAttached(): void {
    super.deskAttached();
    this.#heard?.removeEventListener("renew", this.#renew);
    this.#heard = this.desk.thumbnails;
    this.#heard.addEventListener("renew", this.#renew);
  }

  protected override deskChanged(part: DeskPart): void {
    if (part === "document") this.#bench.close();
    super.deskChanged(part);
  }

  protected override willUpdate(): void {
    super.willUpdate();
    const page = this.#page;
    this.#loader.want(page, this.#neighbour(1));
    const { shown } = this.#loader;
    this.#viewport.paper = shown && paperOf(shown.info);
    this.#bench.look(shown);
  }

  protected override render() {
    const { shown } = this.#loader;
    const { editor } = this.words;
    return html`
      <div class="bar top" part="bar">
        ${toolGroup(editor.tools, this.#pageTools)} ${toolGroup(editor.history, this.#steps)}
      </div>
      <div class="well">
        ${shown === undefined ? nothing : this.#renderStage(shown)} ${this.#renderMessage()}
        ${this.#isWorking ? html`<div class="working"></div>` : nothing}
      </div>
      ${this.#bench.render()}
      <div class="bar bottom" part="bar">${this.#renderView()}</div>
    `;
  }

  #renderStage(shown: Shown) {
    const { page, picture, info } = shown;
    const { width, height } = this.#viewport.sizeOf(paperOf(info));
    const size = { "inline-size": `${width}px`, "block-size": `${height}px` };
    const { frame, tones, tool = "" } = this.#bench;
    const filter = tones === undefined ? "none" : "url(#tones)";
    const { editor } = this.words;
    const place = editor.place(this.desk.placeOf(page), this.desk.pages.length);
    const isBoxed = frame.area !== undefined;
    const isOld = page.uid !== this.#page?.uid;
    return html`
      <div
        class="stage ${this.#viewport.isFitting ? "fits" : ""}"
        part="stage"
        role="group"
        tabindex="0"
        aria-label="${editor.large}: ${place}"
        aria-describedby="keys"
        aria-busy=${String(this.#isWorking)}
        ${ref(this.#viewport.attach)}
      >
        <div
          class="sheet ${isBoxed ? "boxed" : ""} ${isOld ? "old" : ""}"
          dir="ltr"
          @pointerdown=${frame.draw}
          @pointermove=${frame.follow}
          @pointerup=${frame.end}
          @pointercancel=${frame.end}
          ${placed(size)}
        >
          <img
            part="page"
            draggable="false"
            alt=${place}
            src=${picture.url}
            ${placed({ filter })}
          />
          ${frame.render(editor, tool)}
        </div>
      </div>
      <p id="keys" class="unseen">${editor.keys}</p>
      ${tones === undefined ? nothing : toneFilter(tones)}
    `;
  }

  #renderMessage() {
    const { editor } = this.words;
    const { failure, shown } = this.#loader;
    if (failure !== undefined) {
      return html`<div class="message bad" role="alert">
        <p>${editor.failed} ${failure.message}</p>
        <button
          type="button"
          @click=${() => {
            this.#loader.retry();
          }}
        >
          ${editor.retry}
        </button>
      </div>`;
    }
    if (shown !== undefined || this.#page !== undefined) return nothing;
    return html`<div class="message quiet">
      ${icon("file")}
      <p>${editor.empty}</p>
    </div>`;
  }

  #renderView() {
    const page = this.#page;
    return viewTools({
      words: this.words.editor,
      place: page === undefined ? 0 : this.desk.placeOf(page),
      count: this.desk.pages.length,
      percent: this.#loader.shown === undefined ? "" : this.#percent,
      isFitting: this.#viewport.isFitting,
      isRightToLeft: this.isRightToLeft,
      turn: (by) => {
        this.#turn(by);
      },
      zoom: (by) => {
        this.#zoom(by);
      },
    });
  }

  get #pageTools(): Tool[] {
    const acts = {
      words: this.words.editor,
      isOff: this.#page === undefined,
      open: this.#bench.tool,
      rotate: (angle: number, said: string) => {
        this.#edit(said, "rotate", { angle });
      },
      edit: (op: "deskew" | "auto-crop", said: string) => {
        this.#edit(said, op);
      },
      toggle: (tool: OpenTool) => {
        this.#bench.toggle(tool);
      },
    };
    return pageTools(acts, this.tools?.split(/\s+/));
  }

  get #steps(): Tool[] {
    const { undo, redo, reset } = this.words.editor;
    const { canUndo = false, canRedo = false } = this.desk.document ?? {};
    const { shown } = this.#loader;
    const step = (name: "undo" | "redo", label: string, can: boolean): Tool => ({
      name,
      icon: name,
      label,
      isOff: !can,
      isShort: true,
      act: () => void this.#deeds.step(this.#done(label), name),
    });
    const edits = shown?.info.edits.length ?? 0;
    return [
      step("undo", undo, canUndo),
      step("redo", redo, canRedo),
      {
        name: "reset",
        icon: "reset",
        label: reset,
        isOff: edits === 0,
        isShort: true,
        act: () => {
          if (shown !== undefined) void this.#deeds.reset(shown.page, this.#done(reset));
        },
      },
    ];
  }

  /** The page to be shown, which may not be there yet. */
  get #page(): Page | undefined {
    const { current, pages, run } = this.desk;
    return current ?? (run === undefined ? pages[0] : pages.at(-1));
  }

  get #isWorking(): boolean {
    return this.#deeds.isWorking || this.#loader.isLoading;
  }

  get #percent(): string {
    const style = { style: "percent" } as const;
    return new Intl.NumberFormat(this.tag, style).format(this.#viewport.zoom);
  }

  #neighbour(by: 1 | -1): Page | undefined {
    const page = this.#page;
    return page && this.desk.pages[this.desk.placeOf(page) - 1 + by];
  }

  #widthOf(info: PageInfo): number {
    return this.#viewport.sizeOf(paperOf(info)).width * (devicePixelRatio || 1);
  }

  #done(label: string): string {
    return this.words.editor.did(label);
  }

  #edit<Name extends EditName>(label: string, op: Name, ...settings: EditArguments<Name>): void {
    const page = this.#page;
    if (page !== undefined) void this.#deeds.edit(page, this.#done(label), op, ...settings);
  }

  #turn(by: 1 | -1): void {
    const page = this.#neighbour(by);
    if (page === undefined) return;
    this.desk.select([page.uid]);
    const { editor } = this.words;
    this.desk.notices.say(editor.place(this.desk.placeOf(page), this.desk.pages.length));
  }

  #zoom(by: 1 | -1 | 0): void {
    if (by === 0) this.#viewport.fit();
    else this.#viewport.step(by);
    this.desk.notices.say(this.#percent);
  }

  readonly #renew = (): void => {
    this.requestUpdate();
  };

  readonly #press = (event: KeyboardEvent): void => {
    const target = event.composedPath()[0];
    const isField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
    if (event.key === "Escape" && this.#bench.tool !== undefined) {
      event.preventDefault();
      this.#bench.close();
    } else if (event.ctrlKey || event.metaKey) {
      if (!isField && !event.altKey) this.#pressStep(event);
    } else if (target instanceof Element && target.closest(".stage") !== null) {
      this.#pressOnPage(event);
    }
  };

  #pressStep(event: KeyboardEvent): void {
    const key = event.key.toLowerCase();
    const way = key === "y" || (key === "z" && event.shiftKey) ? "redo" : "undo";
    if (key !== "y" && key !== "z") return;
    event.preventDefault();
    const { canUndo, canRedo } = this.desk.document ?? {};
    const can = way === "undo" ? canUndo : canRedo;
    if (can === true) void this.#deeds.step(this.#done(this.words.editor[way]), way);
  }

  #pressOnPage(event: KeyboardEvent): void {
    if (this.#actOnPage(event.key)) event.preventDefault();
  }

  /** Whether a key on the page is one of ours, and did something. */
  #actOnPage(key: string): boolean {
    const arrow = ARROWS[key];
    if (arrow !== undefined) return this.#viewport.scroll(...arrow);
    const way = TURNS[key];
    if (way !== undefined) {
      // Paging through a large page comes before the next one.
      if (this.#viewport.hasMore(way)) return false;
      this.#turn(way);
      return true;
    }
    const zoom = ZOOMS[key];
    if (zoom !== undefined) this.#zoom(zoom);
    else if (key === "Enter" && this.#bench.frame.area !== undefined) this.#bench.apply();
    else return false;
    return true;
  }
}
