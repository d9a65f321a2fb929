/** What is missing before files of a kind can be written, and how to get it. */
import { css, html, nothing, type TemplateResult } from "lit";

import type { Lack } from "./catalog.js";
import type { Words } from "./words/index.js";

/** What can be done about it. */
export interface LackDeeds {
  readonly isCopied: boolean;
  readonly copy: (command: string) => void;
  readonly look: () => void;
}

const COMMANDS = { missing: "install", disabled: "enable" } as const;

/** How it looks. */
export const lackStyles = css`
  .command {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    margin-block-start: 8px;
  }

  .command code {
    flex: 1 1 14rem;
    padding: 6px 10px;
    user-select: all;
  }
`;

/**
 * Says it.
 *
 * @param label - Of the kind of file, as "PDF".
 */
export function lackView(
  words: Words["save"],
  label: string,
  { addon, reason, message }: Lack,
  deeds: LackDeeds,
): TemplateResult {
  if (addon === undefined)
    return html`<p class="caution" role="status">${words.unknown(label)}</p>`;
  return html`<div class="caution" role="status">
    <p>${words[reason](label, addon)} <span lang="en">${message}</span></p>
    ${
      reason === "broken"
        ? nothing
        : command(words, `flatbed addons ${COMMANDS[reason]} ${addon}`, deeds)
    }
  </div>`;
}

function command(words: Words["save"], line: string, { isCopied, copy, look }: LackDeeds) {
  return html`<div class="command">
    <code dir="ltr">${line}</code>
    <button
      type="button"
      @click=${() => {
        copy(line);
      }}
    >
      ${isCopied ? words.copied : words.copy}
    </button>
    <button type="button" @click=${look}>${words.lookAgain}</button>
  </div>`;
}
