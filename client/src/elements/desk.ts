/** What the elements of a page share: the service, one open document, a selection, a scan. */
import {
  type Document,
  Flatbed,
  FlatbedError,
  type FlatbedOptions,
  type LoadOptions,
  type Page,
  type ScanOptions,
  type ServiceEvent,
} from "../index.js";
import type { EditArguments } from "../pages.js";
import { Coalesced } from "./coalesced.js";
import { Infos } from "./infos.js";
import { Notices } from "./notices.js";
import { moved, nextTo } from "./ordering.js";
import { Recollection } from "./recollection.js";
import { ScanRun } from "./scan-run.js";
import { Thumbnails } from "./thumbnails.js";

/** What of a desk has changed. */
export type DeskPart = "state" | "document" | "pages" | "selection" | "run" | "work";

/** Options of a desk: those of the client, or a client, and the document to begin with. */
export interface DeskOptions extends FlatbedOptions {
  readonly flatbed?: Flatbed | undefined;
  /** Name of the document; without one the document is the one that was open last. */
  readonly document?: string | undefined;
}

/** Something of a desk is not as it was. */
export class DeskChange extends Event {
  /** @param part - What. */
  constructor(readonly part: DeskPart) {
    super("change");
  }
}

const UNNAMED = "Scan";

/**
 * The model behind the elements. It tells of changes by `change` events (`DeskChange`); whatever
 * goes wrong in a deed that a person began stands in `notices`.
 */
export class Desk extends EventTarget {
  readonly flatbed: Flatbed;
  readonly notices = new Notices();
  readonly thumbnails = new Thumbnails();
  readonly infos = new Infos();
  readonly recollection: Recollection;
  #wanted: string | undefined;
  #document: Document | undefined;
  #pages: readonly Page[] = [];
  #selected: ReadonlySet<string> = new Set();
  #current: string | undefined;
  #run: ScanRun | undefined;
  #works = 0;
  #arriving: Promise<void> | undefined;
  #isListening = false;
  #watch: AbortController | undefined;
  readonly #refresh = new Coalesced(() => this.#look());

  constructor(options: DeskOptions = {}) {
    super();
    const { flatbed, document, ...rest } = options;
    this.flatbed = flatbed ?? new Flatbed(rest);
    this.recollection = new Recollection();
    this.#wanted = document;
    this.flatbed.addEventListener("statechange", () => {
      this.#tell("state");
      if (this.flatbed.state.name === "ready") void this.#arrive();
    });
  }

  /** The document that is open. */
  get document(): Document | undefined {
    return this.#document;
  }

  /** Its pages in their order. */
  get pages(): readonly Page[] {
    return this.#pages;
  }

  /** The uids of the pages that are chosen. */
  get selected(): ReadonlySet<string> {
    return this.#selected;
  }

  /** The chosen pages in their order. */
  get selectedPages(): readonly Page[] {
    return this.#pages.filter(({ uid }) => this.#selected.has(uid));
  }

  /** The page that is shown in large. */
  get current(): Page | undefined {
    return this.#pages.find(({ uid }) => uid === this.#current);
  }

  /** The scan that goes on, or the last one. */
  get run(): ScanRun | undefined {
    return this.#run;
  }

  /** Whether a scan goes on, paused ones too. */
  get isScanning(): boolean {
    return this.#run?.isLive === true;
  }

  /** Whether something that a person began is under way. */
  get isBusy(): boolean {
    return this.#works > 0;
  }

  /** Where a page stands, from 1; 0 if it is not here. */
  placeOf(page: Page | string): number {
    const uid = typeof page === "string" ? page : page.uid;
    return this.#pages.findIndex((each) => each.uid === uid) + 1;
  }

  /** Connects where nobody has to be asked, and opens the document; for when elements appear. */
  async begin(): Promise<void> {
    if (this.flatbed.state.name === "ready") await this.#arrive();
    else await this.flatbed.reconnect();
  }

  /** Opens another document, by its name or uid; made where there is none of that name. */
  async open(which: { readonly name: string } | { readonly uid: string }): Promise<void> {
    const { documents } = this.flatbed;
    const found =
      "uid" in which
        ? await documents.get(which.uid)
        : await documents.open(which.name, { create: true });
    this.#take(found);
    await this.refresh();
  }

  /** Opens a new document under a name that is free: the wanted one, or it with a number. */
  async create(name: string): Promise<void> {
    const taken = new Set((await this.flatbed.documents.list()).map((each) => each.name));
    let free = name;
    for (let number = 2; taken.has(free); number += 1) free = `${name} ${number}`;
    this.#take(await this.flatbed.documents.create({ name: free }));
    await this.refresh();
  }

  /** Looks how the document is now. */
  refresh(): Promise<void> {
    return this.#refresh.run();
  }

  /** Chooses pages; the current one is the last of them, or stays where they are none. */
  select(uids: Iterable<string>, current?: string): void {
    this.#selected = new Set(uids);
    this.#current = current ?? [...this.#selected].at(-1) ?? this.#current;
    this.#tell("selection");
  }

  /**
   * Scans into the document; to be called from a click, as the person may have to be asked.
   *
   * @returns The run, which goes on; undefined if it could not begin, for which there is a notice.
   */
  scan(options: ScanOptions = {}): Promise<ScanRun | undefined> {
    // Called at once: windows can be opened in the click alone.
    const ready = this.flatbed.request();
    return this.do(async () => {
      await ready;
      await this.#arrive();
      const job = await this.#mustHave().scan(options);
      return this.#follow(new ScanRun(job));
    });
  }

  /** Adds an edit to each of some pages. */
  edit<Name extends string>(
    pages: readonly Page[],
    op: Name,
    ...settings: EditArguments<Name>
  ): Promise<boolean> {
    return this.#did(async () => {
      try {
        for (const page of pages) await page.edit(op, ...settings);
      } finally {
        this.#forget(pages);
        await this.refresh();
      }
    });
  }

  /** Takes pages out; `undo` brings them back. */
  remove(pages: readonly Page[]): Promise<boolean> {
    return this.#did(async () => {
      const next = nextTo(this.#pages, pages);
      for (const page of pages) await this.#mustHave().remove(page);
      await this.refresh();
      this.select(next === undefined ? [] : [next]);
    });
  }

  /** Moves pages, in their order, before the page at a place from 0; the end is the count. */
  move(pages: readonly Page[], place: number): Promise<boolean> {
    return this.#did(async () => {
      this.#show(await this.#mustHave().reorder(moved(this.#pages, pages, place)));
    });
  }

  /** Takes the last step back. */
  undo(): Promise<boolean> {
    return this.#step((document) => document.undo());
  }

  /** Does the step again that was taken back last. */
  redo(): Promise<boolean> {
    return this.#step((document) => document.redo());
  }

  /** Puts the pages of files in, one file after the other. */
  load(files: readonly Blob[], options: LoadOptions = {}): Promise<boolean> {
    return this.#did(async () => {
      await this.begin();
      await this.#arriving;
      let place = options.insertPos;
      for (const file of files) {
        const before = this.#pages.length;
        const where = place === undefined ? {} : { insertPos: place };
        const warnings = await this.#mustHave().load(file, { ...options, ...where });
        await this.refresh();
        for (const each of warnings) this.notices.add("caution", each);
        if (place !== undefined) place += this.#pages.length - before;
      }
    });
  }

  /**
   * Carries something out that a person asked for: elements show that there is work, and what goes
   * wrong becomes a notice.
   *
   * @returns What it gives; undefined if it failed or was cancelled.
   */
  async do<Result>(deed: () => Promise<Result>): Promise<Result | undefined> {
    this.#works += 1;
    this.#tell("work");
    try {
      return await deed();
    } catch (error) {
      this.notices.addError(error);
      return undefined;
    } finally {
      this.#works -= 1;
      this.#tell("work");
    }
  }

  /** Lets go of everything; a scan that runs goes on. */
  close(): void {
    this.#watch?.abort();
    this.thumbnails.clear();
    this.flatbed.close();
  }

  /** Once the service is there: the document, a scan of before, and what happens from now on. */
  #arrive(): Promise<void> {
    if (this.#isListening) return Promise.resolve();
    this.#arriving ??= this.#settle().finally(() => {
      this.#arriving = undefined;
    });
    return this.#arriving;
  }

  async #settle(): Promise<void> {
    try {
      if (this.#document === undefined) await this.#openFirst();
      else await this.refresh();
      await this.#resumeRun();
      void this.#listen();
    } catch (error) {
      this.notices.addError(error);
    }
  }

  async #openFirst(): Promise<void> {
    const { lastDocument } = this.recollection.read();
    if (this.#wanted === undefined && lastDocument !== undefined) {
      const all = await this.flatbed.documents.list();
      if (all.some(({ uid }) => uid === lastDocument)) return this.open({ uid: lastDocument });
    }
    await this.open({ name: this.#wanted ?? UNNAMED });
  }

  async #resumeRun(): Promise<void> {
    const { lastJob } = this.recollection.read();
    if (lastJob === undefined || this.#run !== undefined) return;
    try {
      this.#follow(new ScanRun(await this.flatbed.jobs.get(lastJob)));
    } catch {
      // It is gone, with nothing to go on with; its pages are in its document.
      this.recollection.add({ lastJob: undefined });
    }
  }

  #follow(run: ScanRun): ScanRun {
    this.#run = run;
    this.recollection.add({ lastJob: run.job.id });
    run.addEventListener("change", () => {
      this.#tell("run");
      if (!run.isLive) this.recollection.add({ lastJob: undefined });
    });
    this.#tell("run");
    return run;
  }

  async #listen(): Promise<void> {
    const { signal } = (this.#watch = new AbortController());
    this.#isListening = true;
    try {
      for await (const event of this.flatbed.events({ signal })) this.#hear(event);
    } catch (error) {
      // Without the service the client looks for it; a fault of ours has to be seen.
      if (!(error instanceof FlatbedError) && !signal.aborted) throw error;
    } finally {
      this.#isListening = false;
    }
  }

  #hear(event: ServiceEvent): void {
    const isOurs = event.type === "document.changed" && event.subject === this.#document?.uid;
    if (isOurs || event.type === "resync") void this.do(() => this.refresh());
  }

  #take(document: Document): void {
    this.#document = document;
    this.recollection.add({ lastDocument: document.uid });
    this.#pages = [];
    this.#selected = new Set();
    this.#current = undefined;
    this.#tell("document");
  }

  async #look(): Promise<void> {
    const document = this.#document;
    if (document === undefined) return;
    const pages = await document.pages();
    if (document === this.#document) this.#show(pages);
  }

  #show(pages: readonly Page[]): void {
    const there = new Set(pages.map(({ uid }) => uid));
    this.#pages = pages;
    this.#selected = new Set([...this.#selected].filter((uid) => there.has(uid)));
    if (this.#current !== undefined && !there.has(this.#current)) this.#current = undefined;
    this.#tell("pages");
  }

  #step(step: (document: Document) => Promise<Page[]>): Promise<boolean> {
    return this.#did(async () => {
      const pages = await step(this.#mustHave());
      // Nothing says which pages look different now.
      this.#forget(pages);
      this.#show(pages);
    });
  }

  #forget(pages: readonly Page[]): void {
    for (const { uid } of pages) {
      this.infos.forget(uid);
      this.thumbnails.renew(uid);
    }
  }

  async #did(deed: () => Promise<void>): Promise<boolean> {
    const done = await this.do(async () => {
      await deed();
      return true;
    });
    return done ?? false;
  }

  #mustHave(): Document {
    if (this.#document !== undefined) return this.#document;
    const { name, sentence } = this.flatbed.state;
    throw new FlatbedError({ code: "no_document", message: sentence, details: { state: name } });
  }

  #tell(part: DeskPart): void {
    this.dispatchEvent(new DeskChange(part));
  }
}
