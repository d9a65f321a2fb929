/** How a gallery is drawn: a page in its place, those that are carried, none at all. */
import { html, nothing, type TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";

import { icon } from "./icons.js";
import { placed } from "./placed.js";
import type { Words } from "./words/index.js";

/** One page as it is shown. */
export interface Cell {
  readonly uid: string;
  /** From 0. */
  readonly index: number;
  readonly count: number;
  /** Where its place begins, in CSS pixels. */
  readonly corner: { readonly x: number; readonly y: number };
  readonly url: string | undefined;
  readonly hasFailed: boolean;
  readonly isBlank: boolean;
  readonly isSelected: boolean;
  readonly isCurrent: boolean;
  readonly hasFocus: boolean;
  readonly isLifted: boolean;
}

/** A page in its place. */
export function cellView(cell: Cell, words: Words["gallery"]): TemplateResult {
  const { uid, index, corner, isBlank } = cell;
  return html`
    <div
      class="cell ${classMap({ lifted: cell.isLifted })}"
      part="page ${cell.isSelected ? "selected" : ""} ${cell.isCurrent ? "current" : ""}"
      role="option"
      data-uid=${uid}
      tabindex=${cell.hasFocus ? 0 : -1}
      aria-label=${words.page(index + 1, isBlank)}
      aria-selected=${cell.isSelected}
      aria-current=${cell.isCurrent ? "true" : nothing}
      aria-setsize=${cell.count}
      aria-posinset=${index + 1}
      ${placed(placeOf(corner))}
    >
      <div class="picture">${pictureView(cell, words)}</div>
      <div class="caption" part="number">
        ${index + 1}${isBlank ? html`<span class="blank" part="blank">${words.blank}</span>` : ""}
      </div>
      <div class="tick">${icon("check")}</div>
    </div>
  `;
}

/** Where something stands, for `placed`. */
export function placeOf({ x, y }: { readonly x: number; readonly y: number }) {
  return { "inset-inline-start": `${x}px`, "inset-block-start": `${y}px` };
}

function pictureView({ url, hasFailed }: Cell, words: Words["gallery"]): TemplateResult {
  if (url !== undefined) {
    return html`<img part="picture" src=${url} alt="" draggable="false" decoding="async" />`;
  }
  return html`<div class="sheet">${hasFailed ? words.failed : ""}</div>`;
}

/** The pages that are carried, at the pointer. */
export function ghostView(
  url: string | undefined,
  count: number,
  at: { readonly clientX: number; readonly clientY: number },
): TemplateResult {
  const transform = `translate(${at.clientX + 10}px, ${at.clientY + 10}px)`;
  return html`
    <div class="ghost" part="ghost" popover="manual" ${placed({ transform })}>
      ${url === undefined ? html`<div class="sheet"></div>` : html`<img src=${url} alt="" />`}
      ${count > 1 ? html`<b>${count}</b>` : nothing}
    </div>
  `;
}

/** No pages. */
export function emptyView(words: Words["gallery"]): TemplateResult {
  return html`
    <div class="empty" part="empty">
      ${icon("documents")}
      <p>${words.empty}</p>
      <p class="quiet">${words.emptyHint}</p>
    </div>
  `;
}
