/** What operations answer, sorted into what a person can read: texts, tables, pages, files. */
import type { components, EachResult } from "../index.js";
import { humanName } from "./human.js";

type Schemas = components["schemas"];
type Facts = Readonly<Record<string, unknown>>;

/** Words for what is no text. */
export interface ResultWords {
  readonly page: string;
  readonly value: string;
  readonly yes: string;
  readonly no: string;
}

/** Of a page, from 1; of the whole without. */
export interface Text {
  readonly page: number | undefined;
  readonly text: string;
}

/** Pages that were made of a page, by their uids. */
export interface Made {
  readonly page: number | undefined;
  readonly uids: readonly string[];
}

/** An answer, sorted. */
export interface Findings {
  readonly file: Blob | undefined;
  readonly documents: readonly Schemas["DocumentAnswer"][];
  readonly made: readonly Made[];
  readonly texts: readonly Text[];
  readonly table: Table | undefined;
  /** Where nothing was found. */
  readonly empty: readonly (number | undefined)[];
  readonly faults: readonly Text[];
  /** All of it, where the table leaves something out. */
  readonly raw: unknown;
}

/** Rows of texts under headings. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Something that was found on a page. */
interface Row {
  readonly page: number | undefined;
  readonly facts: Facts;
}

/**
 * Sorts an answer, whatever it is.
 *
 * @param placeOf - The number of a page by its uid.
 * @param page - The number of the one page that was asked about, if it was one.
 */
export function sortResult(
  result: unknown,
  placeOf: (uid: string) => number,
  words: ResultWords,
  page?: number,
): Findings {
  const sorting = new Sorting(words);
  if (result instanceof Blob || !isFacts(result)) return sorting.add(page, result).done(result);
  const { documents, pages } = result;
  if (isListOf<Schemas["DocumentAnswer"]>(documents, "uid", "pages")) {
    sorting.documents.push(...documents);
  } else if (isListOf<EachResult<unknown>>(pages, "source")) {
    for (const each of pages) sorting.addEach(placeOf(each.source), each);
  } else if (isListOf<Schemas["PageAnswer"]>(pages, "uid", "size_px")) {
    sorting.made.push({ page, uids: pages.map(({ uid }) => uid) });
  } else {
    sorting.add(page, result);
  }
  return sorting.done(result);
}

/** A table as text for other programs. */
export function asText({ columns, rows }: Table): string {
  const lines = [columns, ...rows].map((row) => row.map((cell) => cell.replaceAll(/\s+/g, " ")));
  return lines.map((line) => line.join("\t")).join("\n");
}

class Sorting {
  readonly documents: Schemas["DocumentAnswer"][] = [];
  readonly made: Made[] = [];
  readonly #texts: Text[] = [];
  readonly #rows: Row[] = [];
  readonly #empty: (number | undefined)[] = [];
  readonly #faults: Text[] = [];
  #file: Blob | undefined;

  constructor(private readonly words: ResultWords) {}

  addEach(page: number, { result, pages, error }: EachResult<unknown>): void {
    if (error !== undefined) this.#faults.push({ page, text: error.message });
    else if (pages !== undefined) this.made.push({ page, uids: pages.map(({ uid }) => uid) });
    else this.add(page, result);
  }

  add(page: number | undefined, value: unknown): this {
    const text = textOf(value);
    if (value instanceof Blob) this.#file = value;
    else if (text !== undefined) this.#addText(page, text);
    else if (value === null || value === undefined) this.#empty.push(page);
    else if (Array.isArray(value)) this.#addList(page, value);
    else this.#rows.push({ page, facts: this.#factsOf(value) });
    return this;
  }

  done(raw: unknown): Findings {
    const isPartial = this.#rows.some(({ facts }) => Object.values(facts).some(isNested));
    return {
      file: this.#file,
      documents: this.documents,
      made: this.made,
      texts: this.#texts,
      table: this.#rows.length === 0 ? undefined : toTable(this.#rows, this.words),
      empty: this.#empty,
      faults: this.#faults,
      raw: isPartial ? raw : undefined,
    };
  }

  #addText(page: number | undefined, text: string): void {
    if (text.trim() === "") this.#empty.push(page);
    else this.#texts.push({ page, text });
  }

  #addList(page: number | undefined, list: readonly unknown[]): void {
    if (list.length === 0) this.#empty.push(page);
    for (const each of list) this.#rows.push({ page, facts: this.#factsOf(each) });
  }

  #factsOf(value: unknown): Facts {
    return isFacts(value) ? value : { [this.words.value]: value };
  }
}

/** Running text: a text, or what the contract calls one, of lines of words. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!isFacts(value)) return undefined;
  if (typeof value.text === "string" && Object.keys(value).length === 1) return value.text;
  const { lines } = value;
  const isText = Array.isArray(lines) && lines.every((each) => isFacts(each) && "words" in each);
  if (!isText) return undefined;
  return (lines as readonly Facts[]).map(({ words }) => lineOf(words)).join("\n");
}

function lineOf(words: unknown): string {
  const all = Array.isArray(words) ? (words as readonly unknown[]) : [];
  return all.map((word) => (isFacts(word) ? shown(word.text) : "")).join(" ");
}

function toTable(rows: readonly Row[], words: ResultWords): Table {
  const hasPages = rows.some(({ page }) => page !== undefined);
  const pages = { heading: words.page, cells: rows.map(({ page }) => shown(page)) };
  const columns = columnsOf(rows).map((key) => ({
    // One value is called so by the contract.
    heading: key === "result" ? words.value : humanName(key),
    cells: rows.map(({ facts }) => cell(facts[key], words)),
  }));
  const all = [...(hasPages ? [pages] : []), ...columns.filter(isNew)];
  return {
    columns: all.map(({ heading }) => heading),
    rows: rows.map((_, index) => all.map(({ cells }) => cells[index] ?? "")),
  };
}

/** Not the same as a column before it, as the same thing under an older name is. */
function isNew(
  { cells }: { readonly cells: readonly string[] },
  place: number,
  all: readonly { readonly cells: readonly string[] }[],
): boolean {
  const plain = (texts: readonly string[]) => texts.map(plainOf).join("\n");
  const own = plain(cells);
  return cells.length < 2 || !all.slice(0, place).some((other) => plain(other.cells) === own);
}

function plainOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}.]/gu, "");
}

/** The keys of plain values, each once: not again in other capitals, nor where all are empty. */
function columnsOf(rows: readonly Row[]): readonly string[] {
  const found = new Map<string, string>();
  for (const { facts } of rows) {
    for (const [key, value] of Object.entries(facts)) {
      const isWorth = value !== null && value !== "" && !isNested(value);
      const same = key.toLowerCase();
      if (isWorth && !found.has(same)) found.set(same, key);
    }
  }
  return [...found.values()];
}

function cell(value: unknown, words: ResultWords): string {
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (Array.isArray(value)) return isNested(value) ? "" : value.map(shown).join(", ");
  return shown(value);
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(Math.round(value * 1000) / 1000);
  return typeof value === "boolean" ? String(value) : "";
}

/** More than a cell can hold; a short list of numbers or words is not. */
function isNested(value: unknown): boolean {
  if (Array.isArray(value))
    return value.length > 8 || value.some((each) => typeof each === "object");
  return typeof value === "object" && value !== null;
}

function isFacts(value: unknown): value is Facts {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether it is a list whose entries have some keys: then it is what the contract calls so. */
function isListOf<Each>(
  value: unknown,
  ...keys: readonly (keyof Each & string)[]
): value is readonly Each[] {
  if (!Array.isArray(value)) return false;
  return value.every((each) => isFacts(each) && keys.every((key) => key in each));
}
