/** How the dialogs of elements look: a head, what scrolls, a foot with buttons; and their focus. */
import { css } from "lit";

/** For `<dialog>` with `.frame` within, of `.head`, `.body` and `.foot`. */
export const dialogStyles = css`
  dialog {
    inline-size: min(36rem, 100vw - 16px);
    max-inline-size: none;
    max-block-size: min(48rem, 100dvh - 16px);
    padding: 0;
    overflow: hidden;
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) * 1.5);
    background: var(--surface);
    color: var(--ink);
    box-shadow: 0 12px 48px rgb(0 0 0 / 0.28);
  }

  dialog[open] {
    display: grid;
  }

  dialog.wide {
    inline-size: min(56rem, 100vw - 16px);
  }

  dialog.small {
    inline-size: min(26rem, 100vw - 16px);
  }

  dialog::backdrop {
    background: rgb(0 0 0 / 0.42);
  }

  .frame {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr) auto;
    min-inline-size: 0;
    min-block-size: 0;
    max-block-size: inherit;
  }

  .head {
    display: flex;
    align-items: center;
    gap: 8px;
    padding-block: 8px;
    padding-inline: 20px 8px;
    border-block-end: 1px solid var(--line);
  }

  .head h2 {
    flex: 1;
    min-inline-size: 0;
    font-size: 1.0625em;
    overflow-wrap: anywhere;
  }

  .body {
    display: grid;
    align-content: start;
    gap: 16px;
    padding: 16px 20px;
    overflow: auto;
  }

  .body > * {
    min-inline-size: 0;
  }

  .foot {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    align-items: center;
    gap: 8px;
    padding: 12px 20px;
    border-block-start: 1px solid var(--line);
  }

  .foot .going {
    flex: 1 1 10rem;
    display: grid;
    gap: 4px;
    color: var(--quiet);
    font-size: 0.875em;
  }

  progress {
    inline-size: 100%;
    block-size: 6px;
    accent-color: var(--accent);
  }

  .fault {
    padding: 8px 12px;
    border-inline-start: 4px solid var(--bad);
    background: color-mix(in srgb, var(--bad) 8%, var(--surface));
    overflow-wrap: anywhere;
  }

  .caution {
    padding: 8px 12px;
    border-inline-start: 4px solid var(--caution);
    background: color-mix(in srgb, var(--caution) 8%, var(--surface));
    overflow-wrap: anywhere;
  }

  code {
    padding: 1px 6px;
    border-radius: 4px;
    background: var(--wash);
    font-family: ui-monospace, "Liberation Mono", monospace;
    font-size: 0.9375em;
    overflow-wrap: anywhere;
  }

  .options {
    display: grid;
    gap: 4px;
  }

  .options > legend {
    padding: 0;
    margin-block-end: 4px;
    font-weight: 600;
  }

  .option {
    display: flex;
    align-items: center;
    gap: 8px;
    min-block-size: 28px;
  }

  summary {
    min-block-size: 28px;
    padding-block: 2px;
    cursor: pointer;
  }

  @media (width < 30rem) {
    .head {
      padding-inline-start: 14px;
    }

    .body,
    .foot {
      padding-inline: 14px;
    }
  }
`;

/**
 * Puts the focus on what is marked by `data-first`, once a dialog shows something else: what had it
 * may be gone, and whoever works by keyboard would be nowhere.
 */
export function focusFirst(root: ParentNode): void {
  root.querySelector<HTMLElement>("dialog[open] [data-first]")?.focus();
}
