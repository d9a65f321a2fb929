/** How what operations found is shown. */
import { css, html, nothing, type TemplateResult } from "lit";

import { asText, type Findings, type Made, type Table, type Text } from "./results.js";
import type { Words } from "./words/index.js";

// Characters of a cell that stay on one line.
const LONG = 28;

/** What can be done with what was found. */
export interface ResultDeeds {
  readonly copy: (text: string) => void;
  readonly open: (uid: string) => void;
  readonly add: (made: readonly Made[]) => void;
  readonly save: (file: Blob) => void;
  /** For the picture of a file; the same URL for the same one. */
  readonly urlOf: (file: Blob) => string;
}

/** How it looks. */
export const resultStyles = css`
  .findings {
    display: grid;
    gap: 16px;
  }

  .finding {
    display: grid;
    gap: 8px;
  }

  .finding .top {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
  }

  .finding h3 {
    font-size: 1em;
  }

  .text {
    margin: 0;
    padding: 10px 12px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--ground);
    font: inherit;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  .scroll {
    max-block-size: 24rem;
    overflow: auto;
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }

  table {
    inline-size: 100%;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }

  th,
  td {
    padding: 6px 12px;
    text-align: start;
    vertical-align: top;
  }

  th {
    position: sticky;
    inset-block-start: 0;
    background: var(--wash);
    font-weight: 600;
    white-space: nowrap;
  }

  td {
    border-block-start: 1px solid var(--line);
    white-space: nowrap;
  }

  td.long {
    min-inline-size: 14rem;
    white-space: normal;
    overflow-wrap: anywhere;
  }

  .raw {
    max-block-size: 20rem;
    overflow: auto;
    font-family: ui-monospace, "Liberation Mono", monospace;
    font-size: 0.8125em;
  }

  .lines {
    display: grid;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    list-style: none;
  }

  .lines li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 4px 12px;
    padding: 6px 8px 6px 12px;
  }

  .lines li + li {
    border-block-start: 1px solid var(--line);
  }

  .lines span {
    overflow-wrap: anywhere;
  }

  .picture {
    max-inline-size: 100%;
    max-block-size: 24rem;
    border: 1px solid var(--line);
  }
`;

/** All that was found. */
export function showFindings(
  words: Words,
  found: Findings,
  deeds: ResultDeeds,
  tag: string,
): TemplateResult {
  return html`<div class="findings" part="result">
    ${faults(words, found.faults)} ${documents(words, found, deeds)} ${made(words, found, deeds)}
    ${found.file === undefined ? nothing : file(words, found.file, deeds, tag)}
    ${texts(words, found.texts, deeds)}
    ${found.table === undefined ? nothing : table(words, found.table, deeds)} ${empty(words, found)}
    ${raw(words, found)}
  </div>`;
}

function faults(words: Words, all: readonly Text[]) {
  return all.map(
    ({ page, text }) =>
      html`<p class="fault">
        ${page === undefined ? nothing : html`<strong>${words.tools.failed(page)}:</strong> `}${text}
      </p>`,
  );
}

function documents({ tools, pages }: Words, found: Findings, deeds: ResultDeeds) {
  if (found.documents.length === 0) return nothing;
  return html`<section class="finding">
    <h3>${tools.madeDocuments(found.documents.length)}</h3>
    <ul class="lines">
      ${found.documents.map(
        (each) =>
          html`<li>
            <span
              ><strong>${each.name ?? tools.unnamed}</strong>
              <span class="quiet">${pages(each.pages.length)}</span></span
            >
            <button
              type="button"
              aria-label="${tools.open}: ${each.name ?? tools.unnamed}, ${pages(each.pages.length)}"
              @click=${() => {
                deeds.open(each.uid);
              }}
            >
              ${tools.open}
            </button>
          </li>`,
      )}
    </ul>
  </section>`;
}

function made({ tools }: Words, found: Findings, deeds: ResultDeeds) {
  const worth = found.made.filter(({ uids }) => uids.length > 0);
  if (worth.length === 0) return nothing;
  const count = worth.reduce((sum, { uids }) => sum + uids.length, 0);
  return html`<section class="finding">
    <div class="top">
      <h3>${tools.madePages(count)}</h3>
      <button
        type="button"
        @click=${() => {
          deeds.add(worth);
        }}
      >
        ${tools.addPages}
      </button>
    </div>
    ${
      worth.some(({ page }) => page !== undefined)
        ? html`<ul class="lines">
            ${worth.map(
              ({ page, uids }) =>
                html`<li>
                  <span>${page === undefined ? nothing : tools.failed(page)}</span>
                  <span class="quiet">${tools.madePages(uids.length)}</span>
                </li>`,
            )}
          </ul>`
        : nothing
    }
  </section>`;
}

function file({ tools }: Words, blob: Blob, deeds: ResultDeeds, tag: string) {
  const isPicture = /^image\/(png|jpeg|gif|webp|bmp)$/.test(blob.type);
  return html`<section class="finding">
    <div class="top">
      <h3>${tools.file(blob.type, sizeOf(blob, tag))}</h3>
      <button
        type="button"
        @click=${() => {
          deeds.save(blob);
        }}
      >
        ${tools.saveFile}
      </button>
    </div>
    ${isPicture ? html`<img class="picture" src=${deeds.urlOf(blob)} alt=${tools.result} />` : nothing}
  </section>`;
}

function texts({ tools }: Words, all: readonly Text[], deeds: ResultDeeds) {
  if (all.length === 0) return nothing;
  const copy = (text: string, label: string, shown: string) =>
    html`<button
      type="button"
      aria-label=${label}
      @click=${() => {
        deeds.copy(text);
      }}
    >
      ${shown}
    </button>`;
  const joined = all.map(({ text }) => text).join("\n\n");
  return html`
    ${
      all.length > 1
        ? html`<div class="row">${copy(joined, tools.copyAllText, tools.copyAllText)}</div>`
        : nothing
    }
    ${all.map(({ page, text }) => {
      const title = page === undefined ? tools.result : tools.failed(page);
      return html`<section class="finding">
        <div class="top">
          <h3>${title}</h3>
          ${copy(text, `${tools.copyAll}: ${title}`, tools.copyAll)}
        </div>
        <pre class="text" dir="auto">${text}</pre>
      </section>`;
    })}
  `;
}

function table({ tools }: Words, found: Table, deeds: ResultDeeds) {
  return html`<section class="finding">
    <div class="top">
      <h3>${tools.found(found.rows.length)}</h3>
      <button
        type="button"
        @click=${() => {
          deeds.copy(asText(found));
        }}
      >
        ${tools.copyAll}
      </button>
    </div>
    <div class="scroll" tabindex="0" role="region" aria-label=${tools.result}>
      <table>
        <thead>
          <tr>
            ${found.columns.map((each) => html`<th scope="col">${each}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${found.rows.map(
            (row) =>
              html`<tr>
                ${row.map(
                  (each) =>
                    html`<td class=${each.length > LONG ? "long" : ""} dir="auto">${each}</td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function empty({ tools }: Words, { empty: places }: Findings) {
  if (places.length === 0) return nothing;
  const numbers = places.filter((each) => each !== undefined);
  if (numbers.length === 0) return html`<p class="quiet">${tools.nothingAtAll}</p>`;
  const list = tools.pageList(ranges(numbers), numbers.length);
  return html`<p class="quiet">${tools.nothingFound(list)}</p>`;
}

function raw({ tools }: Words, { raw: value }: Findings) {
  if (value === undefined) return nothing;
  return html`<details>
    <summary>${tools.details}</summary>
    <pre class="text raw" tabindex="0" dir="ltr">${JSON.stringify(value, undefined, 2)}</pre>
  </details>`;
}

/** Numbers in short: 1–3, 7. */
function ranges(numbers: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const each of numbers) {
    const last = parts.at(-1);
    if (last?.[1] === each - 1) last[1] = each;
    else parts.push([each, each]);
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(", ");
}

function sizeOf({ size }: Blob, tag: string): string {
  const isSmall = size < 1_000_000;
  const number = size / (isSmall ? 1000 : 1_000_000);
  const unit = isSmall ? "kilobyte" : "megabyte";
  const style = { style: "unit", unit, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(tag, style).format(number);
}
