/** Pages and documents in memory. */
import { newUid, noPage, Refusal } from "./answers.js";
import type { EventLog } from "./log.js";
import { sizeOf, toPdf, toPng, type Drawing } from "./pictures.js";

/** What was done to a page. */
export type Edit = Readonly<Record<string, unknown>>;

/** A page in a job or document. */
export interface Sheet {
  readonly uid: string;
  readonly number: number;
  readonly edits: readonly Edit[];
  readonly job?: string;
}

interface Folder {
  readonly uid: string;
  readonly name?: string | undefined;
  readonly createdAt: string;
  metadata?: unknown;
  sheets: readonly Sheet[];
  undone: (readonly Sheet[])[];
  done: (readonly Sheet[])[];
}

/** Resolution of every drawn page, dots per inch. */
const DPI = 15;

/** All pages, those of jobs by themselves and those of documents. */
export class Shelf {
  readonly #loose = new Map<string, Sheet>();
  readonly #folders = new Map<string, Folder>();

  constructor(private readonly log: EventLog) {}

  /** Keeps a scanned page. */
  add(number: number, job: string): Sheet {
    const sheet: Sheet = { uid: newUid(), number, edits: [], job };
    this.#loose.set(sheet.uid, sheet);
    return sheet;
  }

  /** Lets go of a job's page. */
  drop(uid: string): void {
    this.#loose.delete(uid);
  }

  /** A page by its uid, or by a URL that ends in one. */
  find(source: string): Sheet {
    const uid = /[0-9a-f]{32}(?=\D*$)/.exec(source)?.[0] ?? "";
    const sheet = this.#loose.get(uid) ?? this.#folderWith(uid)?.sheets.find(has(uid));
    if (sheet === undefined) throw noPage();
    return sheet;
  }

  /** What a page is, as the service says it. */
  describe(uid: string): Record<string, unknown> {
    const sheet = this.find(uid);
    const folder = this.#folderWith(uid);
    const place = folder === undefined ? { job: sheet.job } : { document: folder.uid };
    const look = { size_px: sizeOf(drawingOf(sheet)), dpi: [DPI, DPI], mode: "L", bits: 8 };
    return { uid, ...look, ...place, edits: sheet.edits };
  }

  /** Adds an edit to a page of a document, or takes all of them away. */
  edit(uid: string, edit: Edit | undefined): Record<string, unknown> {
    const change = (sheet: Sheet): Sheet =>
      sheet.uid === uid ? { ...sheet, edits: edit ? [...sheet.edits, edit] : [] } : sheet;
    const folder = this.#folderWith(uid);
    if (folder !== undefined) this.#change(folder, folder.sheets.map(change));
    else this.#loose.set(uid, change(this.find(uid)));
    return this.describe(uid);
  }

  /** A new document. */
  create(name: string | undefined): Record<string, unknown> {
    const taken = [...this.#folders.values()].find((each) => name && each.name === name);
    if (taken !== undefined) {
      const message = "A document of this name is there already.";
      throw new Refusal(409, "name_taken", -1011, message, { uid: taken.uid });
    }
    const createdAt = new Date().toISOString();
    const folder: Folder = { uid: newUid(), name, createdAt, sheets: [], done: [], undone: [] };
    this.#folders.set(folder.uid, folder);
    return this.show(folder.uid);
  }

  /** The documents, of one name if that is given. */
  list(name: string | null): Record<string, unknown>[] {
    const folders = [...this.#folders.values()];
    return folders
      .filter((folder) => name === null || folder.name === name)
      .map(({ uid, name: its, sheets, createdAt }) => {
        const facts = { uid, pages: sheets.length, hasPassword: false };
        return { ...facts, createdAt, changedAt: createdAt, name: its };
      });
  }

  /** A document as the service says it. */
  show(uid: string): Record<string, unknown> {
    const { name, metadata, sheets, done, undone } = this.#folder(uid);
    const pages = sheets.map((sheet) => ({ uid: sheet.uid }));
    const steps = { canUndo: done.length > 0, canRedo: undone.length > 0 };
    return { uid, pages, ...steps, name, metadata };
  }

  /** Replaces its metadata. */
  annotate(uid: string, metadata: unknown): Record<string, unknown> {
    this.#folder(uid).metadata = metadata;
    return this.show(uid);
  }

  /** The uids of its pages. */
  uids(uid: string): string[] {
    return this.#folder(uid).sheets.map((sheet) => sheet.uid);
  }

  delete(uid: string): void {
    this.#folder(uid);
    this.#folders.delete(uid);
    this.log.tell("document.deleted", uid);
  }

  /** Puts a copy of a page into a document, at a place from 1 or in the place of another. */
  insert(uid: string, sheet: Sheet, at?: { insertPos?: unknown; replace?: unknown }): Sheet {
    const folder = this.#folder(uid);
    const copy: Sheet = { ...sheet, uid: newUid() };
    const sheets = [...folder.sheets];
    const replaced = sheets.findIndex((each) => each.uid === at?.replace);
    const place = typeof at?.insertPos === "number" ? at.insertPos - 1 : sheets.length;
    if (replaced >= 0) sheets[replaced] = copy;
    else sheets.splice(place, 0, copy);
    this.#change(folder, sheets);
    return copy;
  }

  reorder(uid: string, order: readonly string[]): Record<string, unknown> {
    const folder = this.#folder(uid);
    const sheets = order.map((each) => folder.sheets.find(has(each)) ?? missing());
    if (new Set(sheets).size !== folder.sheets.length) missing();
    this.#change(folder, sheets);
    return this.show(uid);
  }

  remove(uid: string, page: string): void {
    const folder = this.#folder(uid);
    const gone = folder.sheets.find(has(page)) ?? folder.sheets[Number(page)];
    if (gone === undefined) throw noPage();
    this.#change(
      folder,
      folder.sheets.filter((sheet) => sheet !== gone),
    );
  }

  /** One step back, or forward again. */
  step(uid: string, way: "undo" | "redo"): Record<string, unknown> {
    const folder = this.#folder(uid);
    const [from, to] = way === "undo" ? [folder.done, folder.undone] : [folder.undone, folder.done];
    const sheets = from.pop();
    if (sheets === undefined) {
      throw new Refusal(409, "wrong_state", -1011, `There is nothing to ${way}.`);
    }
    to.push(folder.sheets);
    folder.sheets = sheets;
    this.#told(folder);
    return this.show(uid);
  }

  /** Some pages of a document as a file: a PDF of all, or a PNG of the first. */
  toFile(uid: string, type: string, pages: readonly string[]): [Uint8Array<ArrayBuffer>, string] {
    const { sheets } = this.#folder(uid);
    const chosen = pages.map((page) => sheets.find(has(page)) ?? sheets[Number(page)] ?? missing());
    const drawings = (pages.length > 0 ? chosen : sheets).map(drawingOf);
    const [first] = drawings;
    if (first === undefined) throw new Refusal(400, "no_pages", -2113, "There are no pages yet.");
    if (type === "application/pdf") return [toPdf(drawings), type];
    return [toPng(first), "image/png"];
  }

  #folder(uid: string): Folder {
    const folder = this.#folders.get(uid);
    if (folder !== undefined) return folder;
    throw new Refusal(404, "document_not_found", -1040, "There is no such document.");
  }

  #folderWith(page: string): Folder | undefined {
    return [...this.#folders.values()].find((folder) => folder.sheets.some(has(page)));
  }

  #change(folder: Folder, sheets: readonly Sheet[]): void {
    folder.done.push(folder.sheets);
    folder.undone = [];
    folder.sheets = sheets;
    this.#told(folder);
  }

  #told(folder: Folder): void {
    this.log.tell("document.changed", folder.uid, { pages: folder.sheets.length });
  }
}

/** How a page now looks: quarter turns are drawn, other edits only noted. */
export function drawingOf({ number, edits }: Sheet): Drawing {
  const degrees = edits.map(({ op, angle }) => (op === "rotate" ? Number(angle) : 0));
  const quarters = Math.round(degrees.reduce((sum, each) => sum + each, 0) / 90);
  return { number, turns: ((quarters % 4) + 4) % 4 };
}

function has(uid: string): (sheet: Sheet) => boolean {
  return (sheet) => sheet.uid === uid;
}

function missing(): never {
  throw noPage();
}
