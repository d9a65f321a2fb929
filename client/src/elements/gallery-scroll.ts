/** Where a gallery is scrolled to: the page that a person goes to, or those that a scan brings. */
import type { Desk } from "./desk.js";
import type { GalleryLayout } from "./gallery-layout.js";
import type { ScanRun } from "./scan-run.js";

/** Nearer to its end it is at its end. */
const END_PX = 4;

/** Faster, in pixels a millisecond, nobody can see what flies by. */
const FLYING = 2.5;
/** So long after the last was heard it rests. */
const REST_MS = 90;

/** Scrolls once what it scrolls to is drawn. */
export class GalleryScroll {
  #wanted: string | undefined;
  #run: ScanRun | undefined;
  #isFollowing = false;
  #at = 0;
  #since = 0;
  #isFlying = false;

  /** Whether it goes by faster than one can look, by the last that was heard. */
  get isFlying(): boolean {
    return this.#isFlying && performance.now() - this.#since < REST_MS;
  }

  /** Has a page come into view. */
  reveal(uid: string | undefined): void {
    this.#wanted = uid;
  }

  /** Goes along with a scan from its begin, until a person looks elsewhere. */
  follow(desk: Desk): void {
    if (desk.run !== this.#run) this.#isFollowing = desk.isScanning;
    this.#run = desk.run;
    if (this.#isFollowing && desk.isScanning) this.#wanted = desk.run?.lastPage?.uid;
  }

  /** A person scrolls: they choose what they see. */
  leave(): void {
    this.#isFollowing = false;
    this.#wanted = undefined;
  }

  /** The gallery is scrolled; at its end it goes along with what comes. */
  scrolled(scroller: HTMLElement): void {
    const { scrollTop, clientHeight, scrollHeight } = scroller;
    const now = performance.now();
    this.#isFlying = Math.abs(scrollTop - this.#at) > FLYING * (now - this.#since);
    this.#at = scrollTop;
    this.#since = now;
    if (scrollTop + clientHeight >= scrollHeight - END_PX) this.#isFollowing = true;
  }

  /** Scrolls; a page that is not there yet is waited for. */
  updated(desk: Desk, layout: GalleryLayout, scroller: HTMLElement | null): void {
    const index = desk.placeOf(this.#wanted ?? "") - 1;
    if (index < 0 || scroller === null || layout.widthPx === 0) return;
    this.#wanted = undefined;
    scroller.scrollTop = layout.scrollFor(index, scroller.scrollTop, scroller.clientHeight);
  }
}
