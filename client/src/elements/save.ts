/** `<flatbed-save>`: pages as PDF, TIFF, JPEG or PNG on the person's own disk. */
import { css, type CSSResultGroup, html, nothing, type PropertyDeclarations } from "lit";

import type { Page } from "../index.js";
import { type Catalog, catalogOf, type Lack, sentenceOf } from "./catalog.js";
import { copyText } from "./clipboard.js";
import type { DeskPart } from "./desk.js";
import { dialogHead } from "./dialog-head.js";
import { dialogStyles, focusFirst } from "./dialog-styles.js";
import { FlatbedElement } from "./element.js";
import { icon } from "./icons.js";
import { lackStyles, lackView } from "./lack-view.js";
import { isSelectedWanted, pageChoice } from "./page-choice.js";
import { download, type Kind, KINDS, makeFile, type Writing, writingOf } from "./saving.js";
import { formStyles, lasting, readSettings, settingsFields, type Values } from "./settings-form.js";
import { Work } from "./work.js";

/**
 * A button, and a dialog with name, kind of file, pages and the settings that the add-on which
 * writes such files declares. Where none does, it says which is missing and how to get it.
 *
 * Attribute `type`: the media type to begin with, as `image/tiff`; else the last one.
 * Parts: `button`, `dialog`, `field`. Event `flatbed-save`, with the `File` as its detail, before it
 * is given to the browser; whoever prevents its default has it for themselves.
 */
export class SaveElement extends FlatbedElement {
  static override properties: PropertyDeclarations = {
    type: { type: String },
    writing: { state: true },
    isCopied: { state: true },
  };

  static override styles: CSSResultGroup = [
    FlatbedElement.styles,
    dialogStyles,
    formStyles,
    lackStyles,
    css`
      :host {
        display: inline-block;
      }

      .kinds {
        display: grid;
        grid-template-columns: repeat(4, 1fr);
        gap: 8px;
      }

      @media (width < 30rem) {
        .kinds {
          grid-template-columns: repeat(2, 1fr);
        }
      }

      .kind {
        display: flex;
        align-items: center;
        gap: 6px;
        min-block-size: 44px;
        padding: 4px 12px;
        border: 1px solid var(--control-line);
        border-radius: var(--radius);
        cursor: pointer;
      }

      .kind:has(:checked) {
        border-color: var(--accent);
        background: var(--chosen);
        font-weight: 600;
      }

      details[open] > summary {
        margin-block-end: 12px;
      }
    `,
  ];

  declare type: string | undefined;
  declare protected writing: Writing | "loading" | undefined;
  declare protected isCopied: boolean;

  protected override readonly ignores: ReadonlySet<DeskPart> = new Set<DeskPart>(["run"]);
  readonly #work = new Work(this);
  #catalog: Catalog | undefined;
  #isOpen = false;
  #wasRunning = false;

  constructor() {
    super();
    this.isCopied = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#catalog?.removeEventListener("change", this.#hear);
  }

  protected override updated(): void {
    if (this.#wasRunning !== this.#work.isRunning) focusFirst(this.renderRoot);
    this.#wasRunning = this.#work.isRunning;
  }

  /** Opens the dialog, as the button does. */
  async open(): Promise<void> {
    this.#work.fault = undefined;
    this.#isOpen = true;
    this.requestUpdate();
    await this.updateComplete;
    const dialog = this.renderRoot.querySelector("dialog");
    if (dialog?.open === false) dialog.showModal();
    this.renderRoot.querySelector<HTMLInputElement>("#name")?.select();
    await this.#look();
  }

  protected override deskAttached(): void {
    super.deskAttached();
    this.#catalog?.removeEventListener("change", this.#hear);
    this.#catalog = catalogOf(this.desk);
    this.#catalog.addEventListener("change", this.#hear);
  }

  protected override render() {
    const { save } = this.words;
    const isIdle = this.desk.document === undefined || this.desk.pages.length === 0;
    return html`
      <button
        class="main"
        part="button"
        type="button"
        aria-disabled=${isIdle ? "true" : "false"}
        title=${isIdle ? save.nothing : ""}
        @click=${() => {
          if (!isIdle) void this.open();
        }}
      >
        ${icon("save")}${save.save}
      </button>
      <dialog
        part="dialog"
        aria-labelledby="title"
        @close=${this.#closed}
        @cancel=${this.#work.stop}
      >
        ${this.#isOpen ? this.#form() : nothing}
      </dialog>
    `;
  }

  #form() {
    const { save, close } = this.words;
    const isBusy = this.#work.isRunning;
    return html`<form class="frame" @submit=${this.#submit}>
      ${dialogHead(save.title, close, this.#close)}
      <div class="body">
        <div class="field">
          <label for="name">${save.name}</label>
          <input
            id="name"
            name="name"
            required
            maxlength="120"
            autocomplete="off"
            dir="auto"
            .value=${this.desk.document?.name ?? save.save}
            ?disabled=${isBusy}
          />
        </div>
        <fieldset class="options" ?disabled=${isBusy}>
          <legend>${save.kind}</legend>
          <div class="kinds">${KINDS.map((kind) => this.#kindOption(kind))}</div>
        </fieldset>
        <p class="quiet" ?hidden=${this.#kind.isForMany || this.desk.pages.length < 2}>
          ${save.zipped}
        </p>
        ${this.#lack()} ${this.#which()} ${this.#more()} ${this.#work.alert()}
      </div>
      ${this.#foot()}
    </form>`;
  }

  #kindOption(kind: Kind) {
    return html`<label class="kind">
      <input
        type="radio"
        name="kind"
        value=${kind.type}
        .checked=${kind === this.#kind}
        @change=${() => {
          this.type = kind.type;
          this.#work.fault = undefined;
          void this.#look();
        }}
      />${kind.label}
    </label>`;
  }

  #which() {
    const { save } = this.words;
    const { pages, selectedPages } = this.desk;
    if (selectedPages.length === 0) return nothing;
    return pageChoice({
      legend: save.which,
      all: save.all(pages.length),
      selected: save.selected(selectedPages.length),
      // One page is chosen wherever a page is looked at: more than that is meant.
      isSelected: selectedPages.length > 1 && selectedPages.length < pages.length,
      isDisabled: this.#work.isRunning,
    });
  }

  #more() {
    const { save, form } = this.words;
    const { writing } = this;
    if (writing === undefined || this.#lackNow !== undefined) return nothing;
    if (writing !== "loading" && Object.keys(writing.settings).length === 0) return nothing;
    const values = this.desk.recollection.read().settings?.[this.#key] ?? {};
    return html`<details>
      <summary>${save.more}</summary>
      <fieldset ?disabled=${this.#work.isRunning}>
        ${
          writing === "loading"
            ? html`<p class="quiet">${save.loading}</p>`
            : settingsFields(form, writing.settings, values)
        }
      </fieldset>
    </details>`;
  }

  #lack() {
    const lack = this.#lackNow;
    if (lack === undefined) return nothing;
    return lackView(this.words.save, this.#kind.label, lack, {
      isCopied: this.isCopied,
      copy: (command) => void this.#copy(command),
      look: () => void this.#look(),
    });
  }

  async #copy(command: string): Promise<void> {
    this.isCopied = await copyText(command, this.renderRoot);
    if (!this.isCopied) this.#work.fault = this.words.save.notCopied;
  }

  #foot() {
    const { save, cancel } = this.words;
    if (this.#work.isRunning) {
      return html`<div class="foot">
        ${this.#work.bar((done, total) => save.going(Math.min(done + 1, total), total))}
        <button type="button" data-first @click=${this.#work.stop}>${cancel}</button>
      </div>`;
    }
    return html`<div class="foot">
      <button type="button" @click=${this.#close}>${cancel}</button>
      <button class="main" type="submit" data-first ?disabled=${this.#lackNow !== undefined}>
        ${icon("save")}${save.save}
      </button>
    </div>`;
  }

  get #kind(): Kind {
    const wanted = this.type ?? this.desk.recollection.read().savedAs;
    return KINDS.find(({ type }) => type === wanted) ?? KINDS[0];
  }

  get #key(): string {
    return `save ${this.#kind.type}`;
  }

  /** Before the first look nothing is said to be missing. */
  get #lackNow(): Lack | undefined {
    const catalog = this.#catalog;
    if (catalog === undefined || catalog.entries.length === 0) return undefined;
    return catalog.lackOf(this.#kind.type);
  }

  async #look(): Promise<void> {
    const kind = this.#kind;
    const catalog = catalogOf(this.desk);
    this.isCopied = false;
    this.writing = "loading";
    try {
      await catalog.look();
      const writing = await writingOf(catalog, kind);
      if (kind === this.#kind) this.writing = writing;
    } catch (error) {
      this.writing = undefined;
      this.#work.fault = sentenceOf(error);
    }
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const { pages, selectedPages } = this.desk;
    const name = data.get("name");
    const { writing } = this;
    const values =
      writing === undefined || writing === "loading" ? {} : readSettings(form, writing.settings);
    const wanted = isSelectedWanted(data) ? selectedPages : pages;
    void this.#save(typeof name === "string" ? name : "", wanted, values);
  };

  async #save(name: string, pages: readonly Page[], values: Values): Promise<void> {
    const { document, notices } = this.desk;
    if (document === undefined || pages.length === 0) return;
    const writing = this.writing === "loading" ? undefined : this.writing;
    await this.#work.run(async (going) => {
      const order = { document, pages, kind: this.#kind, name, values, writing };
      const file = await makeFile(this.desk, order, going);
      this.#remember(lasting(writing?.settings ?? {}, values));
      if (this.#offer(file)) download(file);
      notices.add("good", this.words.save.saved(file.name));
      this.#shut();
    });
  }

  #remember(values: Values): void {
    const { recollection } = this.desk;
    const settings = { ...recollection.read().settings, [this.#key]: values };
    recollection.add({ savedAs: this.#kind.type, settings });
  }

  #offer(file: File): boolean {
    const options = { detail: file, bubbles: true, composed: true, cancelable: true };
    return this.dispatchEvent(new CustomEvent("flatbed-save", options));
  }

  #shut(): void {
    this.renderRoot.querySelector("dialog")?.close();
  }

  readonly #close = (): void => {
    this.#work.stop();
    this.#shut();
  };

  readonly #closed = (): void => {
    this.#isOpen = false;
    this.requestUpdate();
  };

  readonly #hear = (): void => {
    this.requestUpdate();
  };
}
