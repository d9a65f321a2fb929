/** The frame around a part of a page: drawn, moved and resized by pointer and by keyboard. */
import { html, type ReactiveController, type ReactiveControllerHost } from "lit";

import { type Area, type Handle, HANDLES, type Point, resized, shifted, spanned } from "./box.js";
import { type Paper, pixelsPer } from "./paper.js";
import { placed } from "./placed.js";
import type { Words } from "./words/index.js";

const STEPS_MM = { short: 1, long: 10 };
// A click that trembles draws nothing.
const LEAST_DRAWN_CSS_PX = 6;
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** What a pointer that is down does. */
type Grip = Handle | "move" | "draw";

interface Drag {
  readonly grip: Grip;
  readonly from: Point;
  readonly area: Area;
  /** CSS pixels of one pixel of the page. */
  readonly scale: Point;
  readonly sheet: Element;
}

/** One area of one page. */
export class AreaFrame implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #moved: () => void;
  #paper: Paper | undefined;
  #area: Area | undefined;
  #drag: Drag | undefined;

  /** @param moved - Called once an area was changed by keyboard, for those who listen. */
  constructor(host: ReactiveControllerHost, moved: () => void) {
    this.#host = host;
    this.#moved = moved;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#drag = undefined;
  }

  /** In pixels of the page; undefined where there is none. */
  get area(): Area | undefined {
    return this.#area;
  }

  /** Puts the frame around a part of a page. */
  show(area: Area, paper: Paper): void {
    this.#area = area;
    this.#paper = paper;
    this.#host.requestUpdate();
  }

  /** Takes it away. */
  hide(): void {
    this.#area = undefined;
    this.#drag = undefined;
    this.#host.requestUpdate();
  }

  /** The frame over a sheet that is its container; empty where there is none. */
  render(words: Words["editor"], kind: string) {
    const [area, paper] = [this.#area, this.#paper];
    if (area === undefined || paper === undefined) return "";
    const place = placed(shares(area, paper));
    return html`
      <div class="shade" aria-hidden="true"><div class=${kind} ${place}></div></div>
      <div class="frame ${kind}" part="frame" ${place}>
        <button
          class="grip"
          type="button"
          aria-label=${words.move}
          aria-describedby="hint"
          @pointerdown=${this.#begin("move")}
          @keydown=${this.#press("move")}
        ></button>
        ${HANDLES.map((handle) => this.#renderHandle(handle, words.handles[handle]))}
      </div>
    `;
  }

  /** For the sheet: draws a new area, by mouse or pen; fingers move the page. */
  readonly draw = (event: PointerEvent): void => {
    if (this.#area === undefined || event.pointerType === "touch" || event.button !== 0) return;
    this.#begin("draw")(event);
  };

  /** For the sheet: goes on with what a pointer does. */
  readonly follow = (event: PointerEvent): void => {
    const [drag, paper] = [this.#drag, this.#paper];
    if (drag === undefined || paper === undefined) return;
    const by = {
      x: (event.clientX - drag.from.x) / drag.scale.x,
      y: (event.clientY - drag.from.y) / drag.scale.y,
    };
    const now = dragged(drag, by, paper);
    if (now !== undefined) this.show(now, paper);
  };

  /** For the sheet: the pointer is up again. */
  readonly end = (): void => {
    this.#drag = undefined;
  };

  #renderHandle(handle: Handle, label: string) {
    return html`<button
      class="handle ${handle}"
      part="handle"
      type="button"
      data-handle=${handle}
      aria-label=${label}
      aria-describedby="hint"
      @pointerdown=${this.#begin(handle)}
      @keydown=${this.#press(handle)}
    ></button>`;
  }

  #begin(grip: Grip): (event: PointerEvent) => void {
    return (event) => {
      const [area, paper] = [this.#area, this.#paper];
      const { currentTarget: target } = event;
      if (!(target instanceof HTMLElement) || event.button !== 0) return;
      const sheet = target.closest(".sheet");
      if (sheet === null || area === undefined || paper === undefined) return;
      // Neither is the page moved, nor does the sheet take what a handle has taken.
      event.preventDefault();
      event.stopPropagation();
      if (grip !== "draw") target.focus({ preventScroll: true });
      sheet.setPointerCapture(event.pointerId);
      const { width, height } = sheet.getBoundingClientRect();
      const scale = { x: width / paper.width, y: height / paper.height };
      const from = { x: event.clientX, y: event.clientY };
      this.#drag = { grip, from, area, scale, sheet };
    };
  }

  #press(grip: Handle | "move"): (event: KeyboardEvent) => void {
    return (event) => {
      const way = ARROWS[event.key];
      const [area, paper] = [this.#area, this.#paper];
      if (way === undefined || area === undefined || paper === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      const step = event.shiftKey ? STEPS_MM.long : STEPS_MM.short;
      const per = pixelsPer("mm", paper);
      const by = { x: way.x * step * per.x, y: way.y * step * per.y };
      this.show(grip === "move" ? shifted(area, by, paper) : resized(area, grip, by, paper), paper);
      this.#moved();
    };
  }
}

/** What a drag has made of the area so far; undefined where it is too short to be meant. */
function dragged({ grip, from, area, scale, sheet }: Drag, by: Point, paper: Paper) {
  if (grip === "move") return shifted(area, by, paper);
  if (grip !== "draw") return resized(area, grip, by, paper);
  if (Math.hypot(by.x * scale.x, by.y * scale.y) < LEAST_DRAWN_CSS_PX) return undefined;
  const { left, top } = sheet.getBoundingClientRect();
  const begin = { x: (from.x - left) / scale.x, y: (from.y - top) / scale.y };
  return spanned(begin, { x: begin.x + by.x, y: begin.y + by.y }, paper);
}

/** Where an area lies on its page, in shares of it. */
function shares({ left, top, width, height }: Area, paper: Paper): Record<string, string> {
  const percent = (value: number, of: number) => `${(value / of) * 100}%`;
  return {
    left: percent(left, paper.width),
    top: percent(top, paper.height),
    width: percent(width, paper.width),
    height: percent(height, paper.height),
  };
}
