/** All documents in a dialog, with what a crash left above them. */
import { css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

import type { DocumentEntry } from "../index.js";
import { dialogHead } from "./dialog-head.js";
import type { Question } from "./document-questions.js";
import { icon } from "./icons.js";
import type { Remains } from "./remains.js";
import type { Words } from "./words/index.js";
import type { Work } from "./work.js";

/** What the list shows, and what becomes of clicks. */
export interface ListView {
  /** Undefined until they are known. */
  readonly entries: readonly DocumentEntry[] | undefined;
  readonly openUid: string | undefined;
  readonly remains: readonly Remains[];
  readonly search: string;
  readonly tag: string;
  readonly work: Work;
  readonly close: () => void;
  readonly find: (text: string) => void;
  readonly open: (entry: DocumentEntry) => void;
  readonly ask: (question: Question) => void;
  readonly keep: (remains: Remains) => void;
}

// Fewer are seen at a glance.
const SEARCH_FROM = 9;

/** How it looks. */
export const listStyles = css`
  .rows {
    display: grid;
    list-style: none;
  }

  .entry {
    display: flex;
    align-items: center;
    gap: 4px;
    padding-inline-end: 4px;
    border-radius: var(--radius);
  }

  .entry + .entry {
    margin-block-start: 2px;
  }

  .entry.here {
    background: var(--chosen);
  }

  .entry .which {
    flex: 1;
    display: grid;
    justify-content: stretch;
    justify-items: start;
    gap: 0;
    min-inline-size: 0;
    padding: 6px 12px;
    border-color: transparent;
    background: none;
    text-align: start;
  }

  .entry .which strong {
    overflow-wrap: anywhere;
  }

  .entry .which .quiet {
    font-size: 0.875em;
  }

  .remains {
    display: grid;
    gap: 12px;
    padding: 12px;
    border: 1px solid var(--line);
    border-inline-start: 4px solid var(--caution);
    border-radius: var(--radius);
  }

  .remains h3 {
    font-size: 1em;
  }

  .remains .one {
    display: grid;
    gap: 8px;
  }

  button.grave {
    border-color: var(--bad);
    color: var(--bad);
    font-weight: 600;
  }

  button.grave:disabled {
    border-color: var(--line);
    color: var(--quiet);
  }
`;

/** The frame of the dialog. */
export function documentList(words: Words, view: ListView): TemplateResult {
  const { documents, close, cancel } = words;
  return html`<div class="frame">
    ${dialogHead(documents.title, close, view.close)}
    <div class="body">${remains(words, view)} ${view.work.alert()} ${entries(words, view)}</div>
    <div class="foot">
      ${
        view.work.isRunning
          ? html`${view.work.bar(documents.busy)}
              <button type="button" @click=${view.work.stop}>${cancel}</button>`
          : html`<button
              class="main"
              type="button"
              @click=${() => {
                view.ask({ kind: "create" });
              }}
            >
              ${icon("add")}${documents.create}
            </button>`
      }
    </div>
  </div>`;
}

function entries({ documents, pages }: Words, view: ListView) {
  const all = view.entries ?? [];
  const wanted = view.search.trim().toLocaleLowerCase(view.tag);
  const shown = all.filter(({ name = "" }) => name.toLocaleLowerCase(view.tag).includes(wanted));
  const time = new Intl.DateTimeFormat(view.tag, { dateStyle: "medium", timeStyle: "short" });
  return html`
    ${
      all.length < SEARCH_FROM
        ? nothing
        : html`<input
            type="search"
            aria-label=${documents.find}
            placeholder=${documents.find}
            .value=${view.search}
            @input=${({ target }: InputEvent) => {
              view.find((target as HTMLInputElement).value);
            }}
          />`
    }
    <ul class="rows">
      ${repeat(
        shown,
        ({ uid }) => uid,
        (entry) => {
          const when = documents.changed(time.format(new Date(entry.changedAt)));
          const about = [pages(entry.pages), when, entry.hasPassword ? documents.locked : ""];
          return row(documents, view, entry, about.filter(Boolean).join(" · "));
        },
      )}
    </ul>
    ${
      all.length > 0 && shown.length === 0
        ? html`<p class="quiet" role="status">${documents.nothingFound}</p>`
        : nothing
    }
  `;
}

function row(words: Words["documents"], view: ListView, entry: DocumentEntry, about: string) {
  const name = entry.name ?? words.unnamed;
  const isHere = entry.uid === view.openUid;
  const canMerge = !isHere && entry.pages > 0 && !entry.hasPassword;
  return html`<li class=${isHere ? "entry here" : "entry"} part="row">
    <button
      class="which"
      type="button"
      aria-current=${isHere ? "true" : "false"}
      ?data-first=${isHere && view.remains.length === 0}
      ?disabled=${entry.hasPassword && !isHere}
      @click=${() => {
        view.open(entry);
      }}
    >
      <strong dir="auto">${name}</strong>
      <span class="quiet">${isHere ? `${words.isOpen} · ${about}` : about}</span>
    </button>
    ${
      canMerge
        ? deed("merge", words.merge(name), () => {
            view.ask({ kind: "merge", entry });
          })
        : nothing
    }
    ${deed("delete", words.delete(name), () => {
      view.ask({ kind: "delete", entry });
    })}
  </li>`;
}

function deed(picture: "merge" | "delete", label: string, act: () => void) {
  return html`<button class="icon" type="button" aria-label=${label} title=${label} @click=${act}>
    ${icon(picture)}
  </button>`;
}

function remains({ documents }: Words, view: ListView) {
  if (view.remains.length === 0) return nothing;
  return html`<section class="remains" aria-labelledby="remains">
    <h3 id="remains">${documents.recoveredTitle}</h3>
    ${view.remains.map((each, place) => {
      const { document, pages } = each;
      const isHere = document !== undefined && document.uid === view.openUid;
      const keep =
        document === undefined ? documents.keepHere : isHere ? documents.keep : documents.keepOpen;
      return html`<div class="one">
        <p>
          ${
            document === undefined
              ? documents.recoveredAlone(pages)
              : documents.recoveredIn(document.name ?? documents.unnamed, pages)
          }
        </p>
        <div class="row">
          <button
            type="button"
            ?data-first=${place === 0}
            @click=${() => {
              view.keep(each);
            }}
          >
            ${icon("check")}${keep}
          </button>
          <button
            type="button"
            @click=${() => {
              view.ask({ kind: "throw", remains: each });
            }}
          >
            ${documents.throwAway}
          </button>
        </div>
      </div>`;
    })}
  </section>`;
}
