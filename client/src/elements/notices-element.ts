/** `<flatbed-notices>`: sentences that a person has to read, and those that are only read aloud. */
import { css, type CSSResultGroup, html } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { FlatbedElement } from "./element.js";
import { icon } from "./icons.js";
import type { Notice, Notices } from "./notices.js";

const ROLES = { good: "status", caution: "status", bad: "alert" } as const;

/**
 * Shows the notices of the desk, newest last, each with a button that closes it, and holds the live
 * region for what happens elsewhere, as "Page 7 scanned".
 *
 * Parts: `notice`, with `good`, `caution` or `bad`; `close`.
 */
export class NoticesElement extends FlatbedElement {
  static override styles: CSSResultGroup = [
    FlatbedElement.styles,
    css`
      ul {
        display: grid;
        gap: 8px;
        list-style: none;
      }

      li {
        --tone: var(--good);
        display: flex;
        align-items: flex-start;
        gap: 8px;
        padding-block: 8px;
        padding-inline: 14px 6px;
        border: 1px solid var(--line);
        border-inline-start: 4px solid var(--tone);
        border-radius: var(--radius);
        background: var(--surface);
        box-shadow: 0 4px 16px rgb(0 0 0 / 0.14);
      }

      li.bad {
        --tone: var(--bad);
      }

      li.caution {
        --tone: var(--caution);
      }

      p {
        flex: 1;
        align-self: center;
        overflow-wrap: anywhere;
      }

      button.icon {
        min-block-size: 32px;
        inline-size: 32px;
        min-inline-size: 32px;
      }
    `,
  ];

  #heard: Notices | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#heard?.removeEventListener("change", this.#hear);
  }

  protected override deskAttached(): void {
    super.deskAttached();
    this.#heard?.removeEventListener("change", this.#hear);
    this.#heard = this.desk.notices;
    this.#heard.addEventListener("change", this.#hear);
  }

  protected override render() {
    const { all, said } = this.desk.notices;
    return html`
      <div class="unseen" role="status">${said}</div>
      <ul ?hidden=${all.length === 0}>
        ${repeat(
          all,
          ({ id }) => id,
          (notice) => this.#row(notice),
        )}
      </ul>
    `;
  }

  #row({ id, kind, text }: Notice) {
    const { close } = this.words;
    return html`
      <li class=${kind} part="notice ${kind}">
        <p role=${ROLES[kind]}>${text}</p>
        <button
          class="icon"
          part="close"
          type="button"
          title=${close}
          aria-label="${close}: ${text}"
          @click=${() => {
            this.desk.notices.close(id);
          }}
        >
          ${icon("close")}
        </button>
      </li>
    `;
  }

  readonly #hear = (): void => {
    this.requestUpdate();
  };
}
