/** `<flatbed-documents>`: which document is open, others, new ones, and what a crash left. */
import {
  css,
  type CSSResultGroup,
  html,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
} from "lit";

import { FlatbedElement } from "./element.js";
import type { DocumentEntry } from "../index.js";
import { sentenceOf } from "./catalog.js";
import { Coalesced } from "./coalesced.js";
import type { DeskPart } from "./desk.js";
import { dialogStyles } from "./dialog-styles.js";
import {
  askingFrame,
  type Asking,
  isOfList,
  type Question,
  questionOf,
} from "./document-questions.js";
import { carryOut, keep } from "./document-deeds.js";
import { documentList, listStyles } from "./document-list.js";
import { icon } from "./icons.js";
import { type Remains, remainsOf } from "./remains.js";
import { formStyles } from "./settings-form.js";
import { Work } from "./work.js";

/**
 * A button with the name of the open document, which opens the list of all: to open, merge in,
 * delete; one for a new document; one that splits the chosen pages off; and, where a crash left
 * something, one that offers it.
 *
 * Parts: `current`, `create`, `split`, `recovered`, `dialog`, `row`. Event
 * `flatbed-document-opened`, with the uid as its detail.
 */
export class DocumentsElement extends FlatbedElement {
  static override properties: PropertyDeclarations = {
    view: { state: true },
    entries: { state: true },
    remains: { state: true },
    search: { state: true },
  };

  static override styles: CSSResultGroup = [
    FlatbedElement.styles,
    dialogStyles,
    formStyles,
    listStyles,
    css`
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px;
      }

      .current {
        max-inline-size: min(22rem, 100%);
        padding-inline: 10px;
        border-color: transparent;
      }

      .current .name {
        overflow: hidden;
        font-weight: 600;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .current .count {
        flex: none;
        color: var(--quiet);
      }

      .current svg:last-child {
        inline-size: 16px;
        block-size: 16px;
      }

      .recovered {
        border-color: var(--caution);
        color: var(--caution);
      }
    `,
  ];

  declare protected view: "list" | Question | undefined;
  declare protected entries: readonly DocumentEntry[] | undefined;
  declare protected remains: readonly Remains[];
  /** One after the other: what an earlier one found must not stand over a later one's. */
  readonly #looks = new Coalesced(() => this.#look());
  declare protected search: string;

  protected override readonly ignores: ReadonlySet<DeskPart> = new Set<DeskPart>(["work"]);
  readonly #work = new Work(this);

  constructor() {
    super();
    this.remains = [];
    this.search = "";
  }

  protected override deskAttached(): void {
    super.deskAttached();
    this.#lookForRemains();
  }

  protected override deskChanged(part: DeskPart): void {
    super.deskChanged(part);
    if (part === "state") this.#lookForRemains();
    if (part === "document") this.tell("flatbed-document-opened", this.desk.document?.uid);
  }

  protected override render() {
    const { view } = this;
    return html`
      ${this.#bar()}
      <dialog
        class=${view === "list" || view === undefined ? "" : "small"}
        part="dialog"
        aria-labelledby="title"
        @close=${this.#closed}
        @cancel=${this.#work.stop}
      >
        ${view === undefined ? nothing : view === "list" ? this.#list() : this.#question(view)}
      </dialog>
    `;
  }

  protected override updated(changed: PropertyValues): void {
    const isLost = changed.has("remains") && this.shadowRoot?.activeElement === null;
    if (changed.has("view") || isLost) this.#focusFirst();
  }

  #bar() {
    const { documents, pages } = this.words;
    const { document, selectedPages } = this.desk;
    const count = this.desk.pages.length;
    const name = document === undefined ? documents.none : (document.name ?? documents.unnamed);
    const canSplit = selectedPages.length > 0 && selectedPages.length < count;
    const kept = this.remains.reduce((sum, each) => sum + each.pages, 0);
    return html`<div class="bar">
      <button
        class="current"
        part="current"
        type="button"
        aria-label=${documents.label(name, count)}
        title=${name}
        ?disabled=${document === undefined}
        @click=${() => void this.#open("list")}
      >
        ${icon("documents")}<span class="name" dir="auto">${name}</span>
        <span class="count">${pages(count)}</span>${icon("down")}
      </button>
      ${this.#tool("add", documents.create, "create", document !== undefined, () => ({
        kind: "create",
      }))}
      ${this.#tool("split", documents.split(selectedPages.length), "split", canSplit, () => ({
        kind: "split",
        pages: this.desk.selectedPages,
      }))}
      ${
        this.remains.length === 0
          ? nothing
          : html`<button
              class="recovered"
              part="recovered"
              type="button"
              @click=${() => void this.#open("list")}
            >
              ${documents.recovered(kept)}
            </button>`
      }
    </div>`;
  }

  #tool(
    picture: Parameters<typeof icon>[0],
    label: string,
    part: string,
    isThere: boolean,
    question: () => Question,
  ) {
    return html`<button
      class="icon"
      part=${part}
      type="button"
      aria-label=${label}
      title=${label}
      ?hidden=${!isThere}
      @click=${() => void this.#open(question())}
    >
      ${icon(picture)}
    </button>`;
  }

  #list() {
    return documentList(this.words, {
      entries: this.entries,
      openUid: this.desk.document?.uid,
      remains: this.remains,
      search: this.search,
      tag: this.tag,
      work: this.#work,
      close: this.#close,
      find: (text) => {
        this.search = text;
      },
      open: (entry) => void this.#openDocument(entry.uid),
      ask: (question) => {
        this.#show(question);
      },
      keep: (remains) => void this.#keep(remains),
    });
  }

  #question(question: Question) {
    const asking: Asking = {
      current: this.desk.current === undefined ? 0 : this.desk.placeOf(this.desk.current),
      documentName: this.desk.document?.name ?? this.words.documents.unnamed,
      work: this.#work,
      close: this.#back,
      answer: (data) => void this.#carryOut(question, data),
    };
    return askingFrame(this.words, questionOf(this.words, question, asking), asking);
  }

  async #open(view: "list" | Question): Promise<void> {
    this.#show(view);
    await this.updateComplete;
    const dialog = this.renderRoot.querySelector("dialog");
    if (dialog?.open === false) dialog.showModal();
    this.#focusFirst();
    if (view === "list") await this.#looks.run();
  }

  #show(view: "list" | Question): void {
    this.#work.fault = undefined;
    this.view = view;
  }

  /** The name to be typed, else the button that does no harm. */
  #focusFirst(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (dialog?.open !== true) return;
    const field = dialog.querySelector<HTMLInputElement>("input[name=name]");
    field?.select();
    (field ?? dialog.querySelector<HTMLElement>("[data-first]"))?.focus();
  }

  /** Beside whatever is under way. */
  async #look(): Promise<void> {
    try {
      const found = [...(await this.desk.flatbed.documents.list())];
      this.entries = found.sort((one, other) => (one.changedAt < other.changedAt ? 1 : -1));
      this.remains = await remainsOf(this.desk, found);
    } catch (error) {
      this.#work.fault = sentenceOf(error);
    }
  }

  async #openDocument(uid: string): Promise<void> {
    await this.#work.run(async () => {
      if (uid !== this.desk.document?.uid) await this.desk.open({ uid });
      this.#shut();
    });
  }

  async #carryOut(question: Question, data: FormData): Promise<void> {
    await this.#work.run(async (going) => {
      const told = await carryOut(this.desk, this.words.documents, question, data, going);
      if (told !== "") this.desk.notices.add("good", told);
      if (isOfList(question)) this.view = "list";
      if (question.kind !== "delete" && question.kind !== "throw") this.#shut();
    });
    if (this.view === "list") await this.#looks.run();
  }

  async #keep(remains: Remains): Promise<void> {
    await this.#work.run(async (going) => {
      const told = await keep(this.desk, this.words.documents, remains, going);
      if (told !== "") this.desk.notices.add("good", told);
      this.remains = this.remains.filter((each) => each !== remains);
      if (this.remains.length === 0) this.#shut();
    });
  }

  readonly #lookForRemains = (): void => {
    if (this.desk.flatbed.state.name === "ready") void this.#looks.run();
  };

  /** From a question to the list that it came from, or out. */
  readonly #back = (): void => {
    const { view } = this;
    if (this.#work.isRunning) this.#work.stop();
    else if (typeof view === "object" && isOfList(view)) this.#show("list");
    else this.#shut();
  };

  readonly #close = (): void => {
    this.#work.stop();
    this.#shut();
  };

  #shut(): void {
    this.renderRoot.querySelector("dialog")?.close();
  }

  readonly #closed = (): void => {
    this.view = undefined;
    this.search = "";
    this.#work.fault = undefined;
  };
}
