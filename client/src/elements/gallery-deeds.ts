/** What a gallery does with pages, one thing after the other, and says afterwards. */
import type { Page } from "../index.js";
import { splitOff } from "./copying.js";
import type { Desk } from "./desk.js";
import type { GalleryBlanks } from "./gallery-blanks.js";
import { pagesMeant } from "./gallery-choice.js";
import { moved } from "./ordering.js";
import type { Words } from "./words/index.js";

/** Nobody waits at a bar, and nothing stops it. */
const GOING_ON = { signal: new AbortController().signal, onProgress: () => undefined };

/** Whose pages they are, and what is said of them. */
export interface DeedsHost {
  readonly desk: Desk;
  readonly words: Words["gallery"];
}

/** The deeds of buttons, keys and drags, over the pages that are meant. */
export class GalleryDeeds {
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly host: () => DeedsHost,
    private readonly blanks: GalleryBlanks,
  ) {}

  /** Turns pages by some degrees, clockwise. */
  rotate(angle: number): Promise<void> {
    return this.#inTurn(async ({ desk, words }) => {
      const pages = pagesMeant(desk);
      const places = placesOf(desk, pages);
      if (await desk.edit(pages, "rotate", { angle })) desk.notices.say(words.rotated(places));
    });
  }

  /** Takes pages out. */
  remove(): Promise<void> {
    return this.#inTurn(async ({ desk, words }) => {
      const pages = pagesMeant(desk);
      const places = placesOf(desk, pages);
      if (pages.length > 0 && (await desk.remove(pages))) {
        desk.notices.say(words.removed(places));
      }
    });
  }

  /** Moves pages by so many places; those that stood apart stand together then. */
  shift(by: number): Promise<void> {
    return this.#inTurn(async ({ desk }) => {
      const pages = pagesMeant(desk);
      await this.#move(pages, placeShifted(desk.pages, pages, by));
    });
  }

  /** Moves pages before the one at a place from 0. */
  moveTo(pages: readonly Page[], place: number): Promise<void> {
    return this.#inTurn(() => this.#move(pages, place));
  }

  undo(): Promise<void> {
    return this.#inTurn(async ({ desk, words }) => {
      if (desk.document?.canUndo === true && (await desk.undo())) {
        desk.notices.say(words.undone);
      }
    });
  }

  redo(): Promise<void> {
    return this.#inTurn(async ({ desk, words }) => {
      if (desk.document?.canRedo === true && (await desk.redo())) {
        desk.notices.say(words.redone);
      }
    });
  }

  /** Chooses all pages, or none. */
  choose(pages: readonly Page[]): void {
    const { desk, words } = this.host();
    desk.select(
      pages.map(({ uid }) => uid),
      desk.current?.uid,
    );
    desk.notices.say(words.chosen(pages.length));
  }

  /** Chooses the blank ones; says so if there are none. */
  chooseBlank(): Promise<void> {
    return this.#inTurn(async ({ desk, words }) => {
      const blank = await desk.do(() => this.blanks.find(desk.pages));
      if (blank === undefined) return;
      desk.select(blank.map(({ uid }) => uid));
      if (blank.length === 0) desk.notices.add("good", words.noneBlank);
      else desk.notices.say(words.chosen(blank.length));
    });
  }

  /** Puts the page shown in large and all after it into a document of their own. */
  split(): Promise<void> {
    return this.#inTurn(async ({ desk, words }) => {
      const at = desk.placeOf(desk.current ?? "") - 1;
      if (at < 1) return;
      const pages = desk.pages.slice(at);
      const last = desk.pages[at - 1]?.uid ?? "";
      const wanted = desk.document?.name ?? words.label;
      const made = await desk.do(() => splitOff(desk, pages, wanted, GOING_ON));
      if (made === undefined) return;
      desk.select([last]);
      desk.notices.add("good", words.splitOff(pages.length, made.name ?? wanted));
    });
  }

  async #move(pages: readonly Page[], place: number): Promise<void> {
    const { desk, words } = this.host();
    const wanted = moved(desk.pages, pages, place);
    if (wanted.every(({ uid }, index) => uid === desk.pages[index]?.uid)) return;
    const before = placesOf(desk, pages);
    if (!(await desk.move(pages, place))) return;
    desk.notices.say(words.moved(before, desk.placeOf(pages[0] ?? "")));
  }

  /** Keys come faster than answers: each deed begins with what the one before has made. */
  #inTurn(deed: (host: DeedsHost) => Promise<void>): Promise<void> {
    const done = this.#last.then(() => deed(this.host()));
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** The place in the whole order, from 0, before which pages come to stand that go some further. */
function placeShifted(order: readonly Page[], pages: readonly Page[], by: number): number {
  const going = new Set(pages.map(({ uid }) => uid));
  const first = order.findIndex(({ uid }) => going.has(uid));
  const staying = order.filter(({ uid }) => !going.has(uid));
  const next = staying[Math.max(0, first + by)];
  return next === undefined ? order.length : order.indexOf(next);
}

function placesOf(desk: Desk, pages: readonly Page[]): number[] {
  return pages.map((page) => desk.placeOf(page));
}
