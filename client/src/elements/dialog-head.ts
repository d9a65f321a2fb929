/** The head of a dialog: its title, and a button that closes it. */
import { html, type TemplateResult } from "lit";

import { icon } from "./icons.js";

/**
 * A head for a `.frame`.
 *
 * @param title - A text, or a heading of its own with the id `title`.
 * @param label - Of the button.
 */
export function dialogHead(
  title: string | TemplateResult,
  label: string,
  close: () => void,
): TemplateResult {
  return html`<div class="head">
    ${typeof title === "string" ? html`<h2 id="title">${title}</h2>` : title}
    <button class="icon" type="button" aria-label=${label} title=${label} @click=${close}>
      ${icon("close")}
    </button>
  </div>`;
}
