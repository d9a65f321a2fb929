/** How a page lies under its window: zoom and pan by buttons, keys, wheel and fingers. */
import type { ReactiveController, ReactiveControllerHost } from "lit";

import type { Point, Size } from "./box.js";
import { type Paper, screenSize } from "./paper.js";

/** Around the page, in CSS pixels: handles at its edges have to be reached. */
export const MARGIN_PX = 20;
const LEAST_ZOOM = 0.05;
const MOST_ZOOM = 8;
const STEPS = [0.1, 0.25, 0.33, 0.5, 0.67, 0.75, 1, 1.25, 1.5, 2, 3, 4, 6, 8];
const LINE_PX = 48;
// A notch of a wheel is 120 and makes it a third larger; touchpads send a few at a time.
const WHEEL_POWER = 0.0025;

/** Keeps the zoom of a page, and the place under a pointer where it is while that changes. */
export class Viewport implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #resizing = new ResizeObserver(() => {
    this.#measure();
  });
  readonly #touches = new Map<number, Point>();
  #stage: HTMLElement | undefined;
  #paper: Paper | undefined;
  #room: Size = { width: 0, height: 0 };
  /** Undefined: as large as there is room for. */
  #zoom: number | undefined;

  /** @param host - Draws a sheet of `sizeOf()` as the first thing within the stage. */
  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#resizing.disconnect();
  }

  hostConnected(): void {
    if (this.#stage !== undefined) this.#resizing.observe(this.#stage);
  }

  /** The page that lies there. */
  set paper(paper: Paper | undefined) {
    this.#paper = paper;
  }

  /** Whether all of the page is shown, however much room there is. */
  get isFitting(): boolean {
    return this.#zoom === undefined;
  }

  /** 1 is the size of the sheet itself. */
  get zoom(): number {
    return this.#zoom ?? (this.#paper === undefined ? 1 : this.#fit(this.#paper));
  }

  /** Sides of a page on the screen as it would lie there, in CSS pixels. */
  sizeOf(paper: Paper): Size {
    return screenSize(paper, this.#zoom ?? this.#fit(paper));
  }

  /** For `ref()`: the scrolling element that the page lies in. */
  readonly attach = (element?: Element): void => {
    if (element === this.#stage) return;
    this.#resizing.disconnect();
    this.#stage = element instanceof HTMLElement ? element : undefined;
    if (this.#stage === undefined) return;
    this.#resizing.observe(this.#stage);
    // Else the browser may take the wheel as already handled by itself.
    this.#stage.addEventListener("wheel", this.#turnWheel, { passive: false });
    this.#stage.addEventListener("pointerdown", this.#take);
    this.#stage.addEventListener("pointermove", this.#drag);
    for (const type of ["pointerup", "pointercancel"] as const) {
      this.#stage.addEventListener(type, this.#release);
    }
  };

  /** Shows all of the page. */
  fit(): void {
    this.#zoom = undefined;
    this.#host.requestUpdate();
  }

  /** One step larger (1) or smaller (-1), around the middle. */
  step(by: 1 | -1): void {
    const now = this.zoom;
    const next =
      by === 1
        ? STEPS.find((each) => each > now * 1.01)
        : STEPS.filter((each) => each < now * 0.99).at(-1);
    if (next !== undefined) void this.#zoomTo(next);
  }

  /** Moves the page under its window by arrow keys; false where there is nothing to move. */
  scroll(x: number, y: number): boolean {
    const stage = this.#stage;
    if (stage === undefined) return false;
    const { scrollLeft, scrollTop } = stage;
    stage.scrollBy(x * LINE_PX, y * LINE_PX);
    return stage.scrollLeft !== scrollLeft || stage.scrollTop !== scrollTop;
  }

  /** Whether a page up (-1) or down (1) has anything left to show. */
  hasMore(way: 1 | -1): boolean {
    if (this.#stage === undefined) return false;
    const { scrollTop, clientHeight, scrollHeight } = this.#stage;
    return way === -1 ? scrollTop > 1 : scrollTop + clientHeight < scrollHeight - 1;
  }

  /** The part of the page that is seen, from 0 to 1 of its sides. */
  get seen(): { readonly from: Point; readonly to: Point } {
    const sheet = this.#sheet?.getBoundingClientRect();
    const stage = this.#stage?.getBoundingClientRect();
    if (sheet === undefined || stage === undefined || sheet.width === 0) {
      return { from: { x: 0, y: 0 }, to: { x: 1, y: 1 } };
    }
    const part = (at: number, begin: number, length: number) =>
      Math.max(0, Math.min((at - begin) / length, 1));
    return {
      from: {
        x: part(stage.left, sheet.left, sheet.width),
        y: part(stage.top, sheet.top, sheet.height),
      },
      to: {
        x: part(stage.right, sheet.left, sheet.width),
        y: part(stage.bottom, sheet.top, sheet.height),
      },
    };
  }

  get #sheet(): Element | null | undefined {
    return this.#stage?.firstElementChild;
  }

  #fit(paper: Paper): number {
    const { width, height } = screenSize(paper, 1);
    const room = (side: number) => Math.max(side - 2 * MARGIN_PX, 1);
    return Math.min(room(this.#room.width) / width, room(this.#room.height) / height, MOST_ZOOM);
  }

  #measure(): void {
    if (this.#stage === undefined) return;
    // With its scroll bars: without them the whole page would shrink as they come.
    const { offsetWidth: width, offsetHeight: height } = this.#stage;
    if (width === this.#room.width && height === this.#room.height) return;
    this.#room = { width, height };
    this.#host.requestUpdate();
  }

  /** @param at - Of the window, in CSS pixels: what is there stays there; the middle without. */
  async #zoomTo(zoom: number, at: Point = this.#middle()): Promise<void> {
    const before = this.#sheet?.getBoundingClientRect();
    this.#zoom = Math.max(LEAST_ZOOM, Math.min(zoom, MOST_ZOOM));
    this.#host.requestUpdate();
    await this.#host.updateComplete;
    const after = this.#sheet?.getBoundingClientRect();
    if (before === undefined || after === undefined || before.width === 0) return;
    const x = after.left + ((at.x - before.left) / before.width) * after.width;
    const y = after.top + ((at.y - before.top) / before.height) * after.height;
    this.#stage?.scrollBy(x - at.x, y - at.y);
  }

  #middle(): Point {
    const { left = 0, top = 0 } = this.#stage?.getBoundingClientRect() ?? {};
    return { x: left + this.#room.width / 2, y: top + this.#room.height / 2 };
  }

  readonly #turnWheel = (event: WheelEvent): void => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const factor = Math.exp(-Math.max(-200, Math.min(event.deltaY, 200)) * WHEEL_POWER);
    void this.#zoomTo(this.zoom * factor, { x: event.clientX, y: event.clientY });
  };

  readonly #take = (event: PointerEvent): void => {
    const isMain = event.button === 0 || event.button === 1;
    if (!isMain || event.defaultPrevented || this.#isOnBar(event)) return;
    this.#touches.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.#stage?.setPointerCapture(event.pointerId);
  };

  readonly #drag = (event: PointerEvent): void => {
    const before = this.#touches.get(event.pointerId);
    if (before === undefined) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...this.#touches].find(([id]) => id !== event.pointerId)?.[1];
    this.#touches.set(event.pointerId, now);
    if (other === undefined) {
      this.#stage?.scrollBy(before.x - now.x, before.y - now.y);
    } else {
      const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
      void this.#zoomTo((this.zoom * distance(now, other)) / distance(before, other), middle);
    }
  };

  readonly #release = (event: PointerEvent): void => {
    this.#touches.delete(event.pointerId);
  };

  /** Whether a scroll bar was meant. */
  #isOnBar(event: PointerEvent): boolean {
    const stage = this.#stage;
    if (stage === undefined || event.target !== stage) return false;
    return event.offsetX >= stage.clientWidth || event.offsetY >= stage.clientHeight;
  }
}

function distance(one: Point, other: Point): number {
  return Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
}
