/** `<flatbed-gallery>`: the pages of the document in small, to choose, turn and put in order. */
import { type CSSResultGroup, html, nothing, type PropertyDeclarations } from "lit";
import { classMap } from "lit/directives/class-map.js";
import { repeat } from "lit/directives/repeat.js";

import type { Page } from "../index.js";
import type { DeskPart } from "./desk.js";
import { FlatbedElement } from "./element.js";
import { addFiles } from "./files.js";
import { galleryBar } from "./gallery-bar.js";
import { GalleryBlanks } from "./gallery-blanks.js";
import { type ChoiceKind, GalleryChoice } from "./gallery-choice.js";
import { GalleryDeeds } from "./gallery-deeds.js";
import { GalleryFileDrop } from "./gallery-file-drop.js";
import { GalleryHands } from "./gallery-hands.js";
import { pressKey } from "./gallery-keys.js";
import { GalleryLayout, type Spot, spotUnder } from "./gallery-layout.js";
import { GalleryPictures } from "./gallery-pictures.js";
import { GalleryRows } from "./gallery-rows.js";
import { GalleryScroll } from "./gallery-scroll.js";
import { galleryStyles } from "./gallery-styles.js";
import { cellView, emptyView, ghostView, placeOf } from "./gallery-view.js";
import { placed } from "./placed.js";
import type { Words } from "./words/index.js";

const SIZE_PX = 132;

/**
 * Shows the pages of the desk's document, thousands too, and the marks of blank ones.
 *
 * A click chooses a page and makes it the current one; with Shift a range, with Control one more.
 * Keys: arrows, Home, End, PageUp and PageDown go, with Shift they choose what lies between, with
 * Control they choose nothing, with Alt they move pages; Space chooses or not, Enter opens, Delete
 * takes out, Escape chooses none; Control with A, Z, Y. Pages are carried by mouse, pen, or a finger
 * that rests first. Files dropped on it are put in where they are dropped.
 *
 * It fills the height that it is given, else it ends with the window.
 *
 * Attributes: `size`, the least width of a page's place in CSS pixels (132); `language`.
 * Properties: those, and `desk`.
 * Parts: `bar`, `count`, `button`; `list`, `page` with `selected` and `current`, `picture`,
 * `number`, `blank`; `mark`, where pages would go; `ghost`, those that are carried; `empty`.
 * Events: `flatbed-open-page`, detail `{ uid }`, on Enter and double click; `flatbed-choose`, detail
 * `{ uids, current }`, as other pages are chosen, here or elsewhere.
 */
export class GalleryElement extends FlatbedElement {
  static override properties: PropertyDeclarations = {
    ...FlatbedElement.properties,
    size: { type: Number },
  };

  static override styles: CSSResultGroup = [FlatbedElement.styles, galleryStyles];

  declare size: number;

  protected override readonly ignores: ReadonlySet<DeskPart> = new Set(["work", "state"]);

  #layout = new GalleryLayout(0, 0, SIZE_PX);
  #shown: readonly Page[] = [];
  #focusIndex = -1;
  #last: string | undefined;
  #hadFocus = false;
  readonly #draw = (): void => {
    this.requestUpdate();
  };
  readonly #scroller = (): HTMLElement | null => this.renderRoot.querySelector(".scroller");
  readonly #spotAt = (clientX: number, clientY: number): Spot => {
    const scroller = this.#scroller();
    return scroller === null
      ? this.#layout.spotAt(0, 0)
      : spotUnder(this.#layout, scroller, clientX, clientY);
  };
  readonly #pictures = new GalleryPictures(this.#draw);
  readonly #blanks = new GalleryBlanks(this.#draw);
  readonly #choice = new GalleryChoice();
  readonly #scroll = new GalleryScroll();
  readonly #deeds = new GalleryDeeds(
    () => ({ desk: this.desk, words: this.words.gallery }),
    this.#blanks,
  );
  readonly #rows = new GalleryRows(this, {
    scroller: this.#scroller,
    layout: () => this.#layout,
    focusIndex: () => this.#focusIndex,
  });
  readonly #hands = new GalleryHands({
    desk: () => this.desk,
    scroller: this.#scroller,
    spotAt: this.#spotAt,
    draw: this.#draw,
    choose: (page, kind) => {
      this.#last = page.uid; // it is in view: nothing may move between two clicks
      this.#choice.choose(this.desk, page, kind);
    },
    chooseNone: () => {
      this.desk.select([], this.desk.current?.uid);
    },
    open: () => {
      this.#open();
    },
    move: (pages, place) => void this.#deeds.moveTo(pages, place),
  });
  readonly #files = new GalleryFileDrop({
    scroller: this.#scroller,
    spotAt: this.#spotAt,
    changed: this.#draw,
    drop: (files, { index }) => void addFiles(this.desk, files, this.words.drop, index + 1),
  });
  readonly #resized = new ResizeObserver(this.#draw);

  constructor() {
    super();
    this.size = SIZE_PX;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // The scroller is drawn once; what it is in may change.
    void this.updateComplete.then(() => {
      const scroller = this.#scroller();
      if (scroller !== null && this.isConnected) this.#resized.observe(scroller);
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#hands.letGo();
    this.#resized.disconnect();
    this.#pictures.use(undefined);
    this.#blanks.use(undefined);
  }

  protected override deskAttached(): void {
    super.deskAttached();
    this.#pictures.use(this.desk.thumbnails);
    this.#blanks.use(this.desk);
    this.#last = this.desk.current?.uid;
    this.#scroll.reveal(this.#last);
  }

  protected override deskChanged(part: DeskPart): void {
    super.deskChanged(part);
    const { current, flatbed } = this.desk;
    if (part === "state" && flatbed.state.name === "ready") this.#pictures.retry();
    if (part === "run" || part === "pages") this.#scroll.follow(this.desk);
    if (part === "selection" && current?.uid !== this.#last) this.#scroll.reveal(current?.uid);
    this.#last = current?.uid;
    if (part !== "selection") return;
    this.tell("flatbed-choose", { uids: [...this.desk.selected], current: current?.uid });
  }

  protected override willUpdate(): void {
    super.willUpdate();
    const width = this.#scroller()?.clientWidth ?? 0;
    this.#layout = new GalleryLayout(this.desk.pages.length, width, this.size);
    this.#focusIndex = this.#findFocus();
    this.#hadFocus = this.shadowRoot?.activeElement?.classList.contains("cell") === true;
  }

  protected override updated(): void {
    this.#scroll.updated(this.desk, this.#layout, this.#scroller());
    this.#pictures.show(this.#shown, this.#scroll.isFlying);
    this.#blanks.show(this.#shown);
    // Over everything, whatever is around the gallery.
    this.renderRoot.querySelector<HTMLElement>(".ghost:not(:popover-open)")?.showPopover();
    if (this.#hadFocus) this.#cellOf(this.#focusIndex)?.focus({ preventScroll: true });
  }

  protected override render() {
    const { pages } = this.desk;
    const words = this.words.gallery;
    const { cellPx, cellHeightPx } = this.#layout;
    const isTaking = this.#files.spot !== undefined && pages.length === 0;
    const indexes = this.#rows.indexes;
    this.#shown = indexes.flatMap((index) => pages[index] ?? []);
    return html`
      ${galleryBar(this.desk, this.#deeds, words)}
      <div
        class="scroller ${classMap({ taking: isTaking })}"
        ${placed({ "--cell": `${cellPx}px`, "--cell-height": `${cellHeightPx}px` })}
        @scroll=${this.#scrolled}
        @wheel=${this.#left}
        @pointerdown=${this.#press}
        @click=${this.#hands.click}
        @dblclick=${this.#hands.doubleClick}
        @contextmenu=${this.#hands.menu}
        @dragover=${this.#files.over}
        @dragleave=${this.#files.leave}
        @drop=${this.#files.drop}
      >
        ${pages.length === 0 ? emptyView(words) : this.#list(indexes, words)} ${this.#mark()}
        ${this.#ghost()}
      </div>
    `;
  }

  #list(indexes: readonly number[], words: Words["gallery"]) {
    return html`
      <div
        class="list ${classMap({ many: this.desk.selected.size > 1 })}"
        part="list"
        role="listbox"
        aria-label=${words.label}
        aria-multiselectable="true"
        aria-orientation="horizontal"
        aria-description=${words.keys}
        ${placed({ "block-size": `${this.#layout.heightPx}px` })}
        @keydown=${this.#key}
      >
        ${repeat(
          indexes,
          (index) => this.desk.pages[index]?.uid,
          (index) => this.#cell(index, words),
        )}
      </div>
    `;
  }

  #mark() {
    const spot = this.#hands.spot ?? this.#files.spot;
    if (spot === undefined || this.#layout.count === 0) return nothing;
    const place = placeOf(this.#layout.markOf(spot));
    return html`<div class="mark" part="mark" ${placed(place)}></div>`;
  }

  #ghost() {
    const [first, ...more] = this.#hands.carried;
    if (first === undefined) return nothing;
    return ghostView(this.#pictures.urlOf(first), more.length + 1, this.#hands.pointer);
  }

  #cell(index: number, words: Words["gallery"]) {
    const { pages, selected, current } = this.desk;
    const page = pages[index];
    if (page === undefined) return nothing;
    return cellView(
      {
        uid: page.uid,
        index,
        count: pages.length,
        corner: this.#layout.cornerOf(index),
        url: this.#pictures.urlOf(page),
        hasFailed: this.#pictures.hasFailed(page),
        isBlank: this.#blanks.has(page),
        isSelected: selected.has(page.uid),
        isCurrent: page.uid === current?.uid,
        hasFocus: index === this.#focusIndex,
        isLifted: this.#hands.carried.some(({ uid }) => uid === page.uid),
      },
      words,
    );
  }

  /** Where the keys are: at the current page, else at the first one. */
  #findFocus(): number {
    const { pages, current } = this.desk;
    return current === undefined ? Math.min(0, pages.length - 1) : this.desk.placeOf(current) - 1;
  }

  #cellOf(index: number): HTMLElement | null {
    const uid = this.desk.pages[index]?.uid ?? "";
    return this.renderRoot.querySelector(`[data-uid="${CSS.escape(uid)}"]`);
  }

  readonly #go = (by: number, kind: ChoiceKind): void => {
    const { pages } = this.desk;
    const to = Math.min(Math.max(this.#findFocus() + by, 0), pages.length - 1);
    const page = pages[to];
    if (page !== undefined) this.#choice.choose(this.desk, page, kind);
  };

  readonly #open = (): void => {
    const { current } = this.desk;
    if (current !== undefined) this.tell("flatbed-open-page", { uid: current.uid });
  };

  readonly #key = (event: KeyboardEvent): void => {
    this.#scroll.leave();
    const host = {
      desk: this.desk,
      deeds: this.#deeds,
      isRightToLeft: this.isRightToLeft,
      columns: this.#layout.columns,
      pagePlaces: this.#layout.placesIn(this.#scroller()?.clientHeight ?? 0),
      go: this.#go,
      open: this.#open,
    };
    if (pressKey(host, event)) event.preventDefault();
  };

  readonly #press = (event: PointerEvent): void => {
    this.#scroll.leave();
    this.#hands.press(event);
  };

  readonly #scrolled = (): void => {
    const scroller = this.#scroller();
    if (scroller !== null) this.#scroll.scrolled(scroller);
  };

  readonly #left = (): void => {
    this.#scroll.leave();
  };
}
