/** Which rows of a gallery are there: those in view, some around it, and the one with the focus. */
import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from "@tanstack/virtual-core";
import type { ReactiveController, ReactiveControllerHost } from "lit";

import type { GalleryLayout } from "./gallery-layout.js";

/** Rows above and below the view, so that a turn of the wheel finds them drawn. */
const OVERSCAN = 2;

/** What they are rows of. */
export interface RowsView {
  readonly scroller: () => HTMLElement | null;
  readonly layout: () => GalleryLayout;
  /** Index of the page with the focus: its row stays, or the focus would be lost. */
  readonly focusIndex: () => number;
}

/** Has its host drawn anew as rows come into view. */
export class GalleryRows implements ReactiveController {
  readonly #virtualizer: Virtualizer<HTMLElement, HTMLElement>;
  #unmount: (() => void) | undefined;
  #rowPx = 0;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly view: RowsView,
  ) {
    this.#virtualizer = new Virtualizer<HTMLElement, HTMLElement>(this.#options());
    host.addController(this);
  }

  /** Indexes of the pages that are there, in their order. */
  get indexes(): number[] {
    const { columns, count } = this.view.layout();
    return this.#virtualizer.getVirtualItems().flatMap(({ index }) => {
      const first = index * columns;
      const length = Math.max(0, Math.min(columns, count - first));
      return Array.from({ length }, (_, column) => first + column);
    });
  }

  hostConnected(): void {
    this.#unmount = this.#virtualizer._didMount();
  }

  hostDisconnected(): void {
    this.#unmount?.();
  }

  hostUpdate(): void {
    this.#virtualizer.setOptions(this.#options());
    if (this.view.layout().rowPx === this.#rowPx) return;
    this.#rowPx = this.view.layout().rowPx;
    this.#virtualizer.measure();
  }

  hostUpdated(): void {
    this.#virtualizer._willUpdate();
  }

  #options() {
    return {
      count: this.view.layout().rows,
      getScrollElement: () => this.view.scroller(),
      estimateSize: () => this.view.layout().rowPx,
      overscan: OVERSCAN,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) =>
        this.#withFocus(defaultRangeExtractor(range)),
      onChange: () => {
        this.host.requestUpdate();
      },
    };
  }

  #withFocus(rows: number[]): number[] {
    const index = this.view.focusIndex();
    if (index < 0) return rows;
    const row = this.view.layout().rowOf(index);
    return [...new Set([...rows, row])].sort((one, other) => one - other);
  }
}
