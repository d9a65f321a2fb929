/** `<flatbed-tool>`: the dialog of one operation or edit: its form, how far it is, what it found. */
import { type CSSResultGroup, html, nothing, type PropertyDeclarations } from "lit";

import type { Page } from "../index.js";
import { copyText } from "./clipboard.js";
import { insertAll } from "./copying.js";
import type { DeskPart } from "./desk.js";
import { dialogHead } from "./dialog-head.js";
import { dialogStyles, focusFirst } from "./dialog-styles.js";
import { FlatbedElement } from "./element.js";
import { humanName } from "./human.js";
import { isSelectedWanted, pageChoice } from "./page-choice.js";
import { type ResultDeeds, resultStyles, showFindings } from "./result-view.js";
import { type Findings, type Made, sortResult } from "./results.js";
import { download } from "./saving.js";
import { formStyles, lasting, readSettings, settingsFields, type Values } from "./settings-form.js";
import { isForDocument, runEdit, runOperation, type Tool } from "./tool-runs.js";
import { Work } from "./work.js";

/**
 * What `<flatbed-tools>` opens.
 *
 * Property `tool`. Parts: `dialog`, `field`, `result`. Events: `flatbed-tool-result`, as of
 * `<flatbed-tools>`; `close`, once it is shut.
 */
export class ToolElement extends FlatbedElement {
  static override properties: PropertyDeclarations = {
    tool: { attribute: false },
    findings: { state: true },
    message: { state: true },
  };

  static override styles: CSSResultGroup = [
    FlatbedElement.styles,
    dialogStyles,
    formStyles,
    resultStyles,
  ];

  declare tool: Tool | undefined;
  declare protected findings: Findings | undefined;
  declare protected message: string;

  protected override readonly ignores: ReadonlySet<DeskPart> = new Set<DeskPart>(["run", "work"]);
  readonly #work = new Work(this);
  #urls = new Map<Blob, string>();
  #phase: "asks" | "runs" | "ended" = "asks";

  constructor() {
    super();
    this.message = "";
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#forgetPictures();
  }

  protected override updated(): void {
    const phase = this.#work.isRunning ? "runs" : this.#hasEnded ? "ended" : "asks";
    if (phase !== this.#phase) focusFirst(this.renderRoot);
    this.#phase = phase;
  }

  /** Shows the dialog. */
  async open(): Promise<void> {
    this.#again();
    await this.updateComplete;
    const dialog = this.renderRoot.querySelector("dialog");
    dialog?.showModal();
    const field = dialog?.querySelector<HTMLElement>(".body input, .body select");
    if (field === null || field === undefined) focusFirst(this.renderRoot);
    else field.focus();
  }

  protected override render() {
    return html`<dialog
      class=${this.#isWide ? "wide" : ""}
      part="dialog"
      aria-labelledby="title"
      @close=${this.#closed}
      @cancel=${this.#work.stop}
    >
      ${this.tool === undefined ? nothing : this.#frame(this.tool)}
    </dialog>`;
  }

  #frame(tool: Tool) {
    const { close } = this.words;
    return html`<form class="frame" @submit=${this.#submit}>
      ${dialogHead(html`<h2 id="title" lang="en">${humanName(tool.name)}</h2>`, close, this.#close)}
      <div class="body">
        <p class=${this.#hasEnded ? "" : "unseen"} role="status">${this.message}</p>
        ${this.#hasEnded ? this.#result() : this.#questions(tool)} ${this.#work.alert()}
      </div>
      ${this.#foot()}
    </form>`;
  }

  #questions(tool: Tool) {
    const { form } = this.words;
    const { settings, help } = tool.declared;
    const values = this.desk.recollection.read().settings?.[keyOf(tool)] ?? {};
    return html`
      <p lang="en" dir="auto" ?hidden=${help === ""}>${help}</p>
      ${this.#which(tool)}
      <fieldset ?disabled=${this.#work.isRunning}>
        ${settingsFields(form, settings, values)}
      </fieldset>
    `;
  }

  #which(tool: Tool) {
    const { tools } = this.words;
    const { pages, selectedPages } = this.desk;
    if (pages.length === 0) return html`<p class="caution">${tools.nothing}</p>`;
    if (isForDocument(tool)) return html`<p class="quiet">${tools.whole(pages.length)}</p>`;
    if (selectedPages.length === 0) {
      return html`<p class="quiet">${tools.everything(pages.length)}</p>`;
    }
    return pageChoice({
      legend: tools.which,
      all: tools.all(pages.length),
      selected: tools.selected(selectedPages.length),
      isSelected: true,
      isDisabled: this.#work.isRunning,
    });
  }

  #result() {
    return html`
      ${
        this.findings === undefined
          ? nothing
          : showFindings(this.words, this.findings, this.#deeds, this.tag)
      }
    `;
  }

  #foot() {
    const { tools, cancel, close } = this.words;
    if (this.#work.isRunning) {
      return html`<div class="foot">
        ${this.#work.bar(tools.going)}
        <button type="button" data-first @click=${this.#work.stop}>${cancel}</button>
      </div>`;
    }
    if (this.#hasEnded) {
      return html`<div class="foot">
        <button type="button" @click=${this.#again}>${tools.again}</button>
        <button type="button" data-first @click=${this.#close}>${close}</button>
      </div>`;
    }
    return html`<div class="foot">
      <button type="button" @click=${this.#close}>${cancel}</button>
      <button class="main" type="submit" data-first ?disabled=${this.desk.pages.length === 0}>
        ${tools.run}
      </button>
    </div>`;
  }

  get #isWide(): boolean {
    const { table, texts = [] } = this.findings ?? {};
    return texts.length > 0 || (table?.columns.length ?? 0) > 3;
  }

  get #hasEnded(): boolean {
    return this.message !== "";
  }

  get #deeds(): ResultDeeds {
    return {
      copy: (text) => void this.#copy(text),
      open: (uid) => void this.#openDocument(uid),
      add: (made) => void this.#add(made),
      save: (blob) => {
        const ending = blob.type.split("/")[1]?.replace(/^x-/, "") ?? "";
        download(new File([blob], `${this.tool?.name ?? "file"}.${ending}`, { type: blob.type }));
      },
      urlOf: (blob) => {
        const url = this.#urls.get(blob) ?? URL.createObjectURL(blob);
        this.#urls.set(blob, url);
        return url;
      },
    };
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const { tool } = this;
    if (tool === undefined || this.#work.isRunning || this.#hasEnded) return;
    const form = event.target as HTMLFormElement;
    const { pages, selectedPages } = this.desk;
    const isChosen = isSelectedWanted(new FormData(form));
    const values = readSettings(form, tool.declared.settings);
    void this.#run(tool, isChosen ? selectedPages : pages, values);
  };

  async #run(tool: Tool, pages: readonly Page[], values: Values): Promise<void> {
    const { recollection } = this.desk;
    const settings = { ...recollection.read().settings };
    settings[keyOf(tool)] = lasting(tool.declared.settings, values);
    recollection.add({ settings });
    await this.#work.run(async (going) => {
      if (tool.kind === "edit") {
        const count = await runEdit(this.desk, tool, pages, values, going);
        this.message = this.words.tools.changed(count);
        return;
      }
      const result = await runOperation(this.desk, tool, pages, values, going);
      const [only] = pages.length === 1 && tool.declared.input === "page" ? pages : [];
      const placeOf = (uid: string) => this.desk.placeOf(uid);
      const page = only === undefined ? undefined : placeOf(only.uid);
      this.findings = sortResult(result, placeOf, this.words.tools, page);
      this.message = this.words.tools.done;
      this.tell("flatbed-tool-result", { addon: tool.addon, tool: tool.name, result });
    });
  }

  async #copy(text: string): Promise<void> {
    const { tools } = this.words;
    this.message = (await copyText(text, this.renderRoot.querySelector(".body") ?? this.renderRoot))
      ? tools.copied
      : tools.notCopied;
  }

  async #openDocument(uid: string): Promise<void> {
    await this.#work.run(async () => {
      await this.desk.open({ uid });
      this.#close();
    });
  }

  /** Each behind the page that it was made of, from the last one on, as places move. */
  async #add(all: readonly Made[]): Promise<void> {
    let count = 0;
    await this.#work.run(async (going) => {
      for (const { page, uids } of [...all].reverse()) {
        const place = page === undefined || page === 0 ? undefined : page + 1;
        count += await insertAll(this.desk, uids, place, going);
      }
      this.message = this.words.tools.addedPages(count);
      if (this.findings !== undefined) this.findings = { ...this.findings, made: [] };
    });
  }

  readonly #again = (): void => {
    this.findings = undefined;
    this.message = "";
    this.#work.fault = undefined;
    this.#forgetPictures();
  };

  readonly #close = (): void => {
    this.#work.stop();
    this.renderRoot.querySelector("dialog")?.close();
  };

  readonly #closed = (): void => {
    this.#again();
    this.dispatchEvent(new Event("close"));
  };

  #forgetPictures(): void {
    this.#urls.forEach((url) => {
      URL.revokeObjectURL(url);
    });
    this.#urls = new Map();
  }
}

function keyOf({ addon, name }: Tool): string {
  return `${addon} ${name}`;
}
