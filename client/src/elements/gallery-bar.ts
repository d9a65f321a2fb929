/** The buttons over a gallery. */
import { html, type TemplateResult } from "lit";

import type { Desk } from "./desk.js";
import { pagesMeant } from "./gallery-choice.js";
import type { GalleryDeeds } from "./gallery-deeds.js";
import { icon, type IconName } from "./icons.js";
import type { Words } from "./words/index.js";

interface Tool {
  readonly name: string;
  readonly icon: IconName;
  readonly label: string;
  readonly isOff: boolean;
  readonly deed: () => unknown;
}

/** The number of pages, and a button for each deed; those that would do nothing are off. */
export function galleryBar(
  desk: Desk,
  deeds: GalleryDeeds,
  words: Words["gallery"],
): TemplateResult {
  return html`
    <div class="bar" part="bar" role="group" aria-label=${words.actions}>
      <span class="count" part="count" dir="auto"
        >${words.count(desk.pages.length, desk.selected.size)}</span
      >
      ${[ofPages(desk, deeds, words), ofDocument(desk, deeds, words)].map(
        (tools) => html`<div class="group">${tools.map(button)}</div>`,
      )}
    </div>
  `;
}

function ofPages(desk: Desk, deeds: GalleryDeeds, words: Words["gallery"]): Tool[] {
  const { pages } = desk;
  const meant = pagesMeant(desk);
  const isOff = meant.length === 0;
  const isFirst = isOff || meant.every((page, index) => page === pages[index]);
  const rest = pages.length - meant.length;
  const isLast = isOff || meant.every((page, index) => page === pages[rest + index]);
  return [
    tool("rotate-left", "left", words.rotateLeft, isOff, () => deeds.rotate(-90)),
    tool("rotate-right", "right", words.rotateRight, isOff, () => deeds.rotate(90)),
    tool("earlier", "previous", words.earlier, isFirst, () => deeds.shift(-1)),
    tool("later", "next", words.later, isLast, () => deeds.shift(1)),
    tool("delete", "delete", words.remove, isOff, () => deeds.remove()),
  ];
}

function ofDocument(desk: Desk, deeds: GalleryDeeds, words: Words["gallery"]): Tool[] {
  const { pages, document } = desk;
  const isAll = desk.selected.size === pages.length;
  const isEmpty = pages.length === 0;
  const cannotSplit = desk.placeOf(desk.current ?? "") < 2;
  const all = isAll ? words.chooseNone : words.chooseAll;
  return [
    tool("undo", "undo", words.undo, document?.canUndo !== true, () => deeds.undo()),
    tool("redo", "redo", words.redo, document?.canRedo !== true, () => deeds.redo()),
    tool("all", "check", all, isEmpty, () => {
      deeds.choose(isAll ? [] : pages);
    }),
    tool("blank", "blank", words.chooseBlank, isEmpty, () => deeds.chooseBlank()),
    tool("split", "split", words.splitHere, cannotSplit, () => deeds.split()),
  ];
}

function tool(
  name: string,
  picture: IconName,
  label: string,
  isOff: boolean,
  deed: () => unknown,
): Tool {
  return { name, icon: picture, label, isOff, deed };
}

// aria-disabled: a button that goes off while it has the focus keeps it.
function button({ name, icon: picture, label, isOff, deed }: Tool): TemplateResult {
  return html`
    <button
      class="icon"
      part="button"
      type="button"
      data-tool=${name}
      title=${label}
      aria-label=${label}
      aria-disabled=${isOff}
      @click=${() => {
        if (!isOff) deed();
      }}
    >
      ${icon(picture)}
    </button>
  `;
}
