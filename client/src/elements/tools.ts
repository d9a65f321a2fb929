/** `<flatbed-tools>`: what each installed add-on brings for pages, as its manifest says. */
import { css, type CSSResultGroup, html, nothing, type PropertyDeclarations } from "lit";

import { type Catalog, catalogOf, sentenceOf } from "./catalog.js";
import type { DeskPart } from "./desk.js";
import { FlatbedElement } from "./element.js";
import { humanName } from "./human.js";
import type { ToolElement } from "./tool.js";
import { type Tool, type Toolbox, toolboxesOf } from "./tool-runs.js";

/**
 * A button for each operation and each edit of the add-ons that are installed, with a form for its
 * settings, progress, and what it found: texts to copy, tables, pictures, new pages and documents.
 *
 * Attribute `addons`: names of those to show, separated by spaces; all without.
 * Parts: `box`, `tool`, `dialog`, `field`, `result`. Event `flatbed-tool-result` with
 * `{ addon, tool, result }`, as the service answered.
 */
export class ToolsElement extends FlatbedElement {
  static override properties: PropertyDeclarations = {
    addons: { type: String },
    boxes: { state: true },
    tool: { state: true },
  };

  static override styles: CSSResultGroup = [
    FlatbedElement.styles,
    css`
      .box {
        display: grid;
        gap: 6px;
        padding-block: 12px;
        border-block-start: 1px solid var(--line);
      }

      .box h2 {
        font-size: 0.9375em;
      }

      .tools {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
      }

      .tools button {
        min-block-size: 32px;
        padding-inline: 10px;
        font-size: 0.9375em;
      }

      .box summary {
        color: var(--quiet);
        font-size: 0.9375em;
      }

      details[open] > summary {
        margin-block-end: 6px;
      }
    `,
  ];

  declare addons: string | undefined;
  declare protected boxes: readonly Toolbox[] | undefined;
  declare protected tool: Tool | undefined;

  protected override readonly ignores: ReadonlySet<DeskPart> = new Set<DeskPart>(["run", "work"]);
  #catalog: Catalog | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    // Whoever installs an add-on does it in another window, and comes back.
    document.addEventListener("visibilitychange", this.#lookAgain);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.#lookAgain);
    this.#catalog?.removeEventListener("change", this.#fill);
  }

  protected override deskAttached(): void {
    super.deskAttached();
    this.#catalog?.removeEventListener("change", this.#fill);
    this.#catalog = catalogOf(this.desk);
    this.#catalog.addEventListener("change", this.#fill);
    this.#lookAgain();
    if (this.#catalog.entries.length > 0) this.#fill();
  }

  protected override deskChanged(part: DeskPart): void {
    super.deskChanged(part);
    if (part === "state") this.#lookAgain();
  }

  protected override render() {
    const { tools } = this.words;
    if (this.boxes === undefined) return nothing;
    const wanted = this.addons?.split(/\s+/).filter(Boolean);
    const boxes = this.boxes.filter(({ addon }) => wanted?.includes(addon) ?? true);
    return html`
      ${boxes.length === 0 ? html`<p class="quiet">${tools.none}</p>` : boxes.map(this.#box)}
      ${
        this.tool === undefined
          ? nothing
          : html`<flatbed-tool
              exportparts="dialog, field, result"
              language=${this.tag}
              .desk=${this.desk}
              .tool=${this.tool}
              @close=${this.#closed}
            ></flatbed-tool>`
      }
    `;
  }

  readonly #box = ({ addon, description, operations, edits }: Toolbox) =>
    html`<section class="box" part="box">
      <h2 lang="en" dir="auto" title=${description}>${humanName(addon)}</h2>
      ${
        operations.length === 0
          ? nothing
          : html`<div class="tools">${operations.map(this.#button)}</div>`
      }
      ${
        edits.length === 0
          ? nothing
          : html`<details>
              <summary>${this.words.tools.edits(edits.length)}</summary>
              <div class="tools">${edits.map(this.#button)}</div>
            </details>`
      }
    </section>`;

  readonly #button = (tool: Tool) =>
    html`<button
      type="button"
      part="tool"
      lang="en"
      title=${tool.declared.help}
      @click=${() => void this.#open(tool)}
    >
      ${humanName(tool.name)}
    </button>`;

  async #open(tool: Tool): Promise<void> {
    this.tool = tool;
    await this.updateComplete;
    await this.renderRoot.querySelector<ToolElement>("flatbed-tool")?.open();
  }

  readonly #closed = (): void => {
    this.tool = undefined;
  };

  readonly #lookAgain = (): void => {
    if (document.hidden || this.desk.flatbed.state.name !== "ready") return;
    // What keeps the list from coming is told by the state.
    void this.#catalog?.look().catch(sentenceOf);
  };

  readonly #fill = (): void => {
    const catalog = this.#catalog;
    if (catalog !== undefined)
      void this.desk.do(async () => (this.boxes = await toolboxesOf(catalog)));
  };
}
