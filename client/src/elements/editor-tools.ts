/** The buttons of the editor. */
import { html } from "lit";

import { icon, type IconName } from "./icons.js";
import type { Words } from "./words/index.js";

const OPEN_TOOLS = ["crop", "erase", "tones"] as const;

/** What needs more than one click. */
export type OpenTool = (typeof OPEN_TOOLS)[number];

/** A button with a picture, and its text where there is room. */
export interface Tool {
  readonly name: string;
  readonly icon: IconName;
  readonly label: string;
  readonly act: () => void;
  /** What it does cannot be done now; it keeps the focus nevertheless. */
  readonly isOff?: boolean;
  /** Whether what it opens is open; undefined where it opens nothing. */
  readonly isOpen?: boolean;
  /** Whether the picture stands for it however much room there is. */
  readonly isShort?: boolean;
}

/** One button. */
export function toolButton({ name, icon: picture, label, act, isOff, isOpen, isShort }: Tool) {
  return html`<button
    class="tool"
    part="tool ${name}"
    type="button"
    data-tool=${name}
    title=${label}
    aria-disabled=${isOff === true ? "true" : "false"}
    aria-expanded=${isOpen === undefined ? undefined : String(isOpen)}
    @click=${() => {
      if (isOff !== true) act();
    }}
  >
    ${icon(picture)}<span class=${isShort === true ? "unseen" : "text"}>${label}</span>
  </button>`;
}

/** Buttons that belong together. */
export function toolGroup(label: string, tools: readonly Tool[]) {
  return html`<div class="group" role="group" aria-label=${label}>${tools.map(toolButton)}</div>`;
}

/** What the buttons of a page do. */
export interface PageActs {
  readonly words: Words["editor"];
  /** Whether there is no page. */
  readonly isOff: boolean;
  /** What is open. */
  readonly open: OpenTool | undefined;
  readonly rotate: (angle: number, said: string) => void;
  readonly edit: (op: "deskew" | "auto-crop", said: string) => void;
  readonly toggle: (tool: OpenTool) => void;
}

/** The tools by their names, as a person reads them; only the wanted ones where any are named. */
export function pageTools(acts: PageActs, wanted: readonly string[] | undefined): Tool[] {
  const { words, isOff, open } = acts;
  const turn = (name: IconName, label: string, angle: number): Tool => ({
    name: "rotate",
    icon: name,
    label,
    act: () => {
      acts.rotate(angle, label);
    },
  });
  const edit = (name: "deskew" | "auto-crop", picture: IconName, label: string): Tool => ({
    name,
    icon: picture,
    label,
    act: () => {
      acts.edit(name, label);
    },
  });
  const opening = (name: OpenTool): Tool => ({
    name,
    icon: name,
    label: words[name],
    isOpen: open === name,
    act: () => {
      acts.toggle(name);
    },
  });
  const all = [
    turn("left", words.left, -90),
    turn("right", words.right, 90),
    edit("deskew", "straighten", words.deskew),
    edit("auto-crop", "trim", words.trim),
    ...OPEN_TOOLS.map(opening),
  ];
  return all
    .filter(({ name }) => wanted?.includes(name) ?? true)
    .map((tool) => ({ ...tool, isOff }));
}

/** What the buttons below the page do, and where it stands. */
export interface ViewActs {
  readonly words: Words["editor"];
  readonly place: number;
  readonly count: number;
  /** As it is shown; empty without a page. */
  readonly percent: string;
  readonly isFitting: boolean;
  /** Then the page before is to the right. */
  readonly isRightToLeft: boolean;
  readonly turn: (by: 1 | -1) => void;
  /** 0 shows all of the page. */
  readonly zoom: (by: 1 | -1 | 0) => void;
}

/** From page to page, and how large it is. */
export function viewTools(acts: ViewActs) {
  const { words, place, count, percent, turn, zoom } = acts;
  const tool = (name: IconName, label: string, isOff: boolean, act: () => void) =>
    toolButton({ name, icon: pointed(name, acts), label, isOff, isShort: true, act });
  const isOff = percent === "";
  return html`
    <div class="group" role="group" aria-label=${words.pages}>
      ${tool("previous", words.previous, place <= 1, () => {
        turn(-1);
      })}
      <span class="place">${words.shortPlace(place, count)}</span>
      ${tool("next", words.next, place >= count, () => {
        turn(1);
      })}
    </div>
    <div class="group" role="group" aria-label=${words.zoom}>
      ${tool("zoomOut", words.zoomOut, isOff, () => {
        zoom(-1);
      })}
      <span class="zoom">${percent}</span>
      ${tool("zoomIn", words.zoomIn, isOff, () => {
        zoom(1);
      })}
      ${tool("fit", words.fit, isOff || acts.isFitting, () => {
        zoom(0);
      })}
    </div>
  `;
}

function pointed(name: IconName, { isRightToLeft }: ViewActs): IconName {
  if (!isRightToLeft || (name !== "previous" && name !== "next")) return name;
  return name === "previous" ? "next" : "previous";
}
