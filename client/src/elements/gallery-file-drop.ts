/** Files that are dragged over a gallery and dropped at a place in it. */
import { hasFiles, filesOf } from "./files.js";
import { scrollBy } from "./gallery-drag.js";
import type { Spot } from "./gallery-layout.js";

/** What they are dropped on. */
export interface FileDropView {
  readonly scroller: () => HTMLElement | null;
  readonly spotAt: (clientX: number, clientY: number) => Spot;
  /** Draws anew: `spot` has changed. */
  readonly changed: () => void;
  readonly drop: (files: readonly File[], spot: Spot) => void;
}

/** Takes the browser's events. */
export class GalleryFileDrop {
  #spot: Spot | undefined;

  constructor(private readonly view: FileDropView) {}

  /** Where they would go; undefined while there are none. */
  get spot(): Spot | undefined {
    return this.#spot;
  }

  readonly over = (event: DragEvent): void => {
    if (!hasFiles(event)) return;
    // Else the browser opens them in place of the page.
    event.preventDefault();
    const scroller = this.view.scroller();
    if (scroller !== null) scroller.scrollTop += scrollBy(scroller, event.clientY);
    this.#set(this.view.spotAt(event.clientX, event.clientY));
  };

  readonly leave = (event: DragEvent): void => {
    const to = event.relatedTarget;
    if (!(to instanceof Node) || this.view.scroller()?.contains(to) !== true) this.#set(undefined);
  };

  readonly drop = (event: DragEvent): void => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    this.#set(undefined);
    const spot = this.view.spotAt(event.clientX, event.clientY);
    this.view.drop(filesOf(event.dataTransfer), spot);
  };

  #set(spot: Spot | undefined): void {
    this.#spot = spot;
    this.view.changed();
  }
}
