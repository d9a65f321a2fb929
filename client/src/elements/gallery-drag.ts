/** Pages carried by mouse, pen or finger to another place. */
import type { Spot } from "./gallery-layout.js";

/** Nearer to where it began it is a click. */
const CLICK_PX = 6;
/** A finger that rests so long takes hold; one that moves before scrolls. */
const HOLD_MS = 400;
/** So near to its edge the gallery scrolls, the faster the nearer. */
const EDGE_PX = 56;
const MOST_PX_A_FRAME = 18;

/** What is carried over. */
export interface DragHost {
  readonly scroller: () => HTMLElement | null;
  /** The page that was pressed is carried from now on. */
  readonly lift: () => void;
  /** Where the pages would go at a point of the window. */
  readonly spotAt: (clientX: number, clientY: number) => Spot;
  /** Draws anew: `spot` or `pointer` has changed. */
  readonly dragged: () => void;
  readonly drop: (spot: Spot) => void;
  /** A finger rested on a page and went away again where it was. */
  readonly held: () => void;
}

interface Point {
  readonly clientX: number;
  readonly clientY: number;
}

type Stage = "idle" | "pressed" | "held" | "carried";

/** One drag after the other; scrolls at the edges. */
export class GalleryDrag {
  #stage: Stage = "idle";
  #from: PointerEvent | undefined;
  #at: Point = { clientX: 0, clientY: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;
  #spot: Spot | undefined;
  #wasClick = true;

  constructor(private readonly host: DragHost) {}

  /** Where the pages would go; undefined while nothing is carried. */
  get spot(): Spot | undefined {
    return this.#spot;
  }

  /** Where the pointer is, in the window. */
  get pointer(): Point {
    return this.#at;
  }

  /** Whether a finger has taken hold and not moved since. */
  get isHeld(): boolean {
    return this.#stage === "held";
  }

  /** Whether the click that comes now ends no drag. */
  get wasClick(): boolean {
    return this.#wasClick;
  }

  /** Whether a finger holds a page: its menu would be in the way. */
  get isHolding(): boolean {
    return this.#stage !== "idle" && this.#from?.pointerType === "touch";
  }

  /** A pointer went down, on a page or beside all of them. */
  press(event: PointerEvent, isOnPage: boolean): void {
    this.cancel();
    this.#wasClick = true;
    if (!isOnPage || !event.isPrimary || event.button !== 0) return;
    this.#stage = "pressed";
    this.#from = event;
    this.#at = event;
    if (event.pointerType === "touch") this.#timer = setTimeout(this.#hold, HOLD_MS);
    window.addEventListener("pointermove", this.#move);
    window.addEventListener("pointerup", this.#release);
    window.addEventListener("pointercancel", this.#stop);
    window.addEventListener("keydown", this.#escape, { capture: true });
    this.host.scroller()?.addEventListener("touchmove", this.#keepStill, { passive: false });
  }

  /** Leaves everything where it was. */
  cancel(): void {
    const wasSeen = this.#stage === "held" || this.#stage === "carried";
    this.#stage = "idle";
    this.#spot = undefined;
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    window.removeEventListener("pointermove", this.#move);
    window.removeEventListener("pointerup", this.#release);
    window.removeEventListener("pointercancel", this.#stop);
    window.removeEventListener("keydown", this.#escape, { capture: true });
    this.host.scroller()?.removeEventListener("touchmove", this.#keepStill);
    if (wasSeen) this.host.dragged();
  }

  readonly #hold = (): void => {
    this.#stage = "held";
    this.#wasClick = false;
    this.host.dragged();
  };

  readonly #move = (event: PointerEvent): void => {
    if (event.pointerId !== this.#from?.pointerId) return;
    this.#at = event;
    if (this.#stage === "carried") return;
    if (distance(this.#from, event) < CLICK_PX) return;
    if (this.#stage === "pressed" && event.pointerType === "touch") this.cancel();
    else this.#begin();
  };

  #begin(): void {
    this.host.lift();
    this.#stage = "carried";
    this.#wasClick = false;
    this.#frame = requestAnimationFrame(this.#follow);
  }

  readonly #follow = (): void => {
    const scroller = this.host.scroller();
    if (scroller !== null) scroller.scrollTop += scrollBy(scroller, this.#at.clientY);
    this.#spot = this.host.spotAt(this.#at.clientX, this.#at.clientY);
    this.host.dragged();
    this.#frame = requestAnimationFrame(this.#follow);
  };

  readonly #release = (event: PointerEvent): void => {
    if (event.pointerId !== this.#from?.pointerId) return;
    const stage = this.#stage;
    this.cancel();
    if (stage === "carried") this.host.drop(this.host.spotAt(event.clientX, event.clientY));
    if (stage === "held") this.host.held();
  };

  readonly #stop = (): void => {
    this.cancel();
  };

  readonly #escape = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || this.#stage !== "carried") return;
    event.preventDefault();
    event.stopPropagation();
    this.cancel();
  };

  /** A finger that has taken hold does not scroll. */
  readonly #keepStill = (event: TouchEvent): void => {
    if (this.#stage === "held" || this.#stage === "carried") event.preventDefault();
  };
}

/** How far to scroll in this frame for a pointer near an edge. */
export function scrollBy(scroller: HTMLElement, clientY: number): number {
  const { top, bottom } = scroller.getBoundingClientRect();
  const above = Math.max(0, top + EDGE_PX - clientY);
  const below = Math.max(0, clientY - (bottom - EDGE_PX));
  const share = Math.min(1, Math.max(above, below) / EDGE_PX);
  return Math.round(share * MOST_PX_A_FRAME) * (above > 0 ? -1 : 1);
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
}
