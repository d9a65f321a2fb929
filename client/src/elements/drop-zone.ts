/** `<flatbed-drop>`: files become pages, by a button, dropped, or pasted. */
import { css, type CSSResultGroup, html, type PropertyDeclarations } from "lit";
import { classMap } from "lit/directives/class-map.js";

import type { DeskPart } from "./desk.js";
import { FlatbedElement } from "./element.js";
import { ACCEPTED, addFiles, filesOf, hasFiles } from "./files.js";
import { icon } from "./icons.js";

/** Where pages of files can go. */
export type DropPlace = "end" | "before" | "after";

/**
 * A button that asks for files, and a place to drop them.
 *
 * Within a `<flatbed-desk>` files may be dropped anywhere in that. They may be pasted anywhere in
 * the page but in its fields, where nothing else has taken them.
 *
 * Attributes: `place`, where the pages go: to the `end` (as without it), `before` or `after` the
 * current page; `language`. Properties: those, and `desk`.
 * Parts: `zone`, with `over` while files are over it; `button`, `hint`.
 * Events: `flatbed-files-added`, detail `{ pages }`, how many have come.
 */
export class DropElement extends FlatbedElement {
  static override properties: PropertyDeclarations = {
    ...FlatbedElement.properties,
    place: { type: String },
    adding: { state: true },
    isOver: { state: true },
  };

  static override styles: CSSResultGroup = [
    FlatbedElement.styles,
    css`
      .zone {
        display: grid;
        justify-items: center;
        gap: 4px;
        padding: 12px;
        border: 1px dashed var(--control-line);
        border-radius: var(--radius);
        text-align: center;
      }

      .zone.over {
        border-color: var(--accent);
        background: var(--chosen);
        box-shadow: inset 0 0 0 2px var(--accent);
      }

      p {
        font-size: 0.875rem;
      }
    `,
  ];

  declare place: DropPlace;
  declare private adding: number;
  declare private isOver: boolean;

  protected override readonly ignores: ReadonlySet<DeskPart> = new Set([
    "state",
    "document",
    "pages",
    "selection",
    "run",
    "work",
  ]);

  #around: Element | undefined;

  constructor() {
    super();
    this.place = "end";
    this.adding = 0;
    this.isOver = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const around = this.closest("flatbed-desk") ?? this;
    this.#around = around;
    around.addEventListener("dragover", this.#over);
    around.addEventListener("dragleave", this.#leave);
    around.addEventListener("drop", this.#drop);
    document.addEventListener("paste", this.#paste);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#around?.removeEventListener("dragover", this.#over);
    this.#around?.removeEventListener("dragleave", this.#leave);
    this.#around?.removeEventListener("drop", this.#drop);
    document.removeEventListener("paste", this.#paste);
  }

  protected override render() {
    const words = this.words.drop;
    const isAdding = this.adding > 0;
    return html`
      <div class="zone ${classMap({ over: this.isOver })}" part="zone ${this.isOver ? "over" : ""}">
        <input type="file" accept=${ACCEPTED} multiple hidden @change=${this.#picked} />
        <button type="button" part="button" aria-disabled=${isAdding} @click=${this.#pick}>
          ${icon("file")} ${isAdding ? words.adding(this.adding) : words.add}
        </button>
        <p class="quiet" part="hint">${words.hint}</p>
      </div>
    `;
  }

  get #insertPos(): number | undefined {
    const { desk, place } = this;
    if (place === "end" || desk.current === undefined) return undefined;
    return desk.placeOf(desk.current) + (place === "after" ? 1 : 0);
  }

  async #add(files: readonly File[]): Promise<void> {
    this.isOver = false;
    this.adding += files.length;
    try {
      const pages = await addFiles(this.desk, files, this.words.drop, this.#insertPos);
      if (pages > 0) this.tell("flatbed-files-added", { pages });
    } finally {
      this.adding -= files.length;
    }
  }

  readonly #pick = (): void => {
    if (this.adding === 0) this.renderRoot.querySelector("input")?.click();
  };

  readonly #picked = (event: Event): void => {
    if (!(event.target instanceof HTMLInputElement)) return;
    const files = [...(event.target.files ?? [])];
    event.target.value = ""; // the same file again is a choice, too
    if (files.length > 0) void this.#add(files);
  };

  readonly #over = (event: Event): void => {
    if (!(event instanceof DragEvent) || !hasFiles(event)) return;
    // What else takes files within the desk shows where by itself.
    this.isOver = !event.defaultPrevented;
    event.preventDefault();
  };

  readonly #leave = (event: Event): void => {
    const to = event instanceof DragEvent ? event.relatedTarget : null;
    if (!(to instanceof Node) || this.#around?.contains(to) !== true) this.isOver = false;
  };

  readonly #drop = (event: Event): void => {
    this.isOver = false;
    if (!(event instanceof DragEvent) || !hasFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    void this.#add(filesOf(event.dataTransfer));
  };

  readonly #paste = (event: ClipboardEvent): void => {
    const files = filesOf(event.clipboardData);
    if (files.length === 0 || event.defaultPrevented || isField(event.composedPath()[0])) return;
    event.preventDefault();
    void this.#add(files);
  };
}

/** Whether a person writes there: text goes in, even where pictures come along. */
function isField(target: EventTarget | undefined): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select"))
  );
}
