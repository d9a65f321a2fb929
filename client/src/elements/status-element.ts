/** `<flatbed-status>`: how far the page has come to the scanners, and what to do about it. */
import { css, type CSSResultGroup, html, nothing, type PropertyDeclarations } from "lit";

import type { StateAction } from "../index.js";
import type { DeskPart } from "./desk.js";
import { FlatbedElement } from "./element.js";

/**
 * The sentence of the client's state, with its button or link.
 *
 * Attribute `when-needed`: nothing is there once all is well.
 * Events: `flatbed-state`, whose `detail` is the name of the new state.
 * Parts: `sentence`, `action`.
 */
export class StatusElement extends FlatbedElement {
  static override properties: PropertyDeclarations = {
    whenNeeded: { type: Boolean, attribute: "when-needed" },
  };

  static override styles: CSSResultGroup = [
    FlatbedElement.styles,
    css`
      .state {
        --tone: var(--caution);
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 12px;
        padding: 12px;
        border: 1px solid var(--line);
        border-inline-start: 4px solid var(--tone);
        border-radius: var(--radius);
        background: var(--surface);
      }

      .checking {
        --tone: var(--control-line);
      }

      .blocked,
      .foreign,
      .missing,
      .stopped,
      .version {
        --tone: var(--bad);
      }

      .ready {
        padding: 0;
        border: 0;
        background: none;
        color: var(--quiet);
        font-size: 0.875em;
      }

      .ready p::before {
        content: "";
        display: inline-block;
        inline-size: 8px;
        block-size: 8px;
        margin-inline-end: 8px;
        border-radius: 50%;
        background: var(--good);
      }

      p {
        flex: 1 1 12rem;
        overflow-wrap: anywhere;
      }

      @media (forced-colors: active) {
        .ready p::before {
          background: CanvasText;
        }
      }
    `,
  ];

  declare whenNeeded: boolean;
  #told: string | undefined;

  constructor() {
    super();
    this.whenNeeded = false;
  }

  protected override deskChanged(part: DeskPart): void {
    if (part !== "state") return;
    super.deskChanged(part);
    const { name } = this.desk.flatbed.state;
    if (name !== this.#told) this.tell("flatbed-state", name);
    this.#told = name;
  }

  protected override render() {
    const { name, sentence, action } = this.desk.flatbed.state;
    const isHidden = this.whenNeeded && name === "ready";
    // Always there: what comes into it later is read aloud.
    return html`
      <div role="status">
        ${
          isHidden
            ? nothing
            : html`<div class="state ${name}">
                <p part="sentence"><bdi>${sentence}</bdi></p>
                ${action === undefined ? nothing : this.#action(action)}
              </div>`
        }
      </div>
    `;
  }

  #action(action: StateAction) {
    const { label, href } = action;
    if (href !== undefined) {
      return html`<a
        class="button"
        part="action"
        target="_blank"
        rel="noopener"
        href=${href}
        @click=${this.#watch}
        >${label}</a
      >`;
    }
    return html`<button
      class="main"
      part="action"
      type="button"
      @click=${() => {
        // Called at once: windows can be opened in the click alone.
        void action.run();
      }}
    >
      ${label}
    </button>`;
  }

  /** The link leads there; what is being installed or allowed there is waited for here. */
  readonly #watch = (): void => {
    this.desk.flatbed.watch().catch((error: unknown) => {
      this.desk.notices.addError(error);
    });
  };
}
