/** What mouse, pen and finger do in a gallery: choose, open, carry. */
import type { Page } from "../index.js";
import type { Desk } from "./desk.js";
import { type ChoiceKind, pagesMeant } from "./gallery-choice.js";
import { GalleryDrag } from "./gallery-drag.js";
import type { Spot } from "./gallery-layout.js";

/** What is in their reach. */
export interface HandsHost {
  readonly desk: () => Desk;
  readonly scroller: () => HTMLElement | null;
  readonly spotAt: (clientX: number, clientY: number) => Spot;
  /** Draws anew: what is carried, or where it is. */
  readonly draw: () => void;
  readonly choose: (page: Page, kind: ChoiceKind) => void;
  readonly chooseNone: () => void;
  readonly open: () => void;
  readonly move: (pages: readonly Page[], place: number) => void;
}

/** Takes the browser's events. */
export class GalleryHands {
  readonly #drag: GalleryDrag;
  #pressed: Page | undefined;
  #carried: readonly Page[] = [];

  constructor(private readonly host: HandsHost) {
    this.#drag = new GalleryDrag({
      scroller: host.scroller,
      spotAt: host.spotAt,
      dragged: host.draw,
      lift: () => {
        this.#lift();
      },
      drop: ({ index }) => {
        host.move(this.#carried, index);
      },
      held: () => {
        if (this.#pressed !== undefined) host.choose(this.#pressed, "toggle");
      },
    });
  }

  /** Where the pages that are carried would go; undefined while there are none. */
  get spot(): Spot | undefined {
    return this.#drag.spot;
  }

  /** Where the pointer is, in the window. */
  get pointer(): { readonly clientX: number; readonly clientY: number } {
    return this.#drag.pointer;
  }

  /** The pages that are carried, or the one that a finger holds. */
  get carried(): readonly Page[] {
    if (this.#drag.isHeld && this.#pressed !== undefined) return [this.#pressed];
    return this.#drag.spot === undefined ? [] : this.#carried;
  }

  /** Leaves what is carried where it was. */
  letGo(): void {
    this.#drag.cancel();
  }

  readonly press = (event: PointerEvent): void => {
    this.#pressed = this.#pageOf(event);
    this.#drag.press(event, this.#pressed !== undefined);
  };

  readonly click = (event: MouseEvent): void => {
    if (!this.#drag.wasClick) return;
    const page = this.#pageOf(event);
    if (page !== undefined) this.host.choose(page, kindOf(event));
    else if (this.host.desk().selected.size > 0) this.host.chooseNone();
  };

  readonly doubleClick = (event: MouseEvent): void => {
    if (this.#pageOf(event) !== undefined && kindOf(event) === "only") this.host.open();
  };

  readonly menu = (event: MouseEvent): void => {
    if (this.#drag.isHolding) event.preventDefault();
  };

  #pageOf(event: Event): Page | undefined {
    const { target } = event;
    const cell = target instanceof Element ? target.closest<HTMLElement>(".cell") : null;
    return this.host.desk().pages.find(({ uid }) => uid === cell?.dataset.uid);
  }

  #lift(): void {
    const desk = this.host.desk();
    const page = this.#pressed;
    if (page !== undefined && !desk.selected.has(page.uid)) this.host.choose(page, "only");
    this.#carried = pagesMeant(desk);
  }
}

function kindOf(event: MouseEvent): ChoiceKind {
  if (event.shiftKey) return "range";
  const isTick = event.target instanceof Element && event.target.closest(".tick") !== null;
  return isTick || event.ctrlKey || event.metaKey ? "toggle" : "only";
}
