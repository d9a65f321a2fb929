/** Pages from one document to another: split off, merged in. */
import type { Document, Page } from "../index.js";
import type { Desk } from "./desk.js";

/** Told how far it is, and stopped by a signal. */
export interface Going {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Moves pages of the open document into a new one.
 *
 * Cancelled or failed, the open document still has all of them and the new one is gone.
 *
 * @param name - Of the new one; it gets a number where the name is taken.
 * @returns The new document, which is not opened.
 */
export async function splitOff(
  desk: Desk,
  pages: readonly Page[],
  name: string,
  going: Going,
): Promise<Document> {
  const { document, flatbed } = desk;
  if (document === undefined) throw new Error("No document is open.");
  const free = await freeName(desk, name);
  const made = await flatbed.documents.create({ name: free });
  const total = pages.length * 2;
  try {
    for (const [index, page] of pages.entries()) {
      going.onProgress(index, total);
      await made.insert(page, { signal: going.signal });
    }
  } catch (error) {
    await flatbed.documents.delete(made.uid);
    throw error;
  }
  // From here on nothing is left half done: it is in the new one, so it leaves the old one.
  for (const [index, page] of pages.entries()) {
    going.onProgress(pages.length + index, total);
    await document.remove(page);
  }
  await desk.refresh();
  return made;
}

/**
 * Puts the pages of another document into the open one, which the other keeps, too.
 *
 * Cancelled, the pages that are in by then stay in; `undo` takes them out.
 *
 * @param uid - Of the other one.
 * @param insertPos - Of its first page, from 1; at the end without.
 * @returns How many there are.
 */
export async function mergeIn(
  desk: Desk,
  uid: string,
  insertPos: number | undefined,
  going: Going,
): Promise<number> {
  const { document, flatbed } = desk;
  if (document === undefined) throw new Error("No document is open.");
  const other = await flatbed.documents.get(uid, { signal: going.signal });
  const pages = await other.pages({ signal: going.signal });
  return insertAll(desk, pages, insertPos, going);
}

/** Puts pages of jobs or documents into the open document; see `mergeIn`. */
export async function insertAll(
  desk: Desk,
  pages: readonly (Page | string)[],
  insertPos: number | undefined,
  { signal, onProgress }: Going,
): Promise<number> {
  const { document } = desk;
  if (document === undefined) throw new Error("No document is open.");
  try {
    for (const [index, page] of pages.entries()) {
      onProgress(index, pages.length);
      const place = insertPos === undefined ? {} : { insertPos: insertPos + index };
      await document.insert(page, { ...place, signal });
    }
  } finally {
    await desk.refresh();
  }
  return pages.length;
}

/** A name that no document has: the wanted one, or it with a number. */
export async function freeName({ flatbed }: Desk, name: string): Promise<string> {
  const taken = new Set((await flatbed.documents.list()).map((each) => each.name));
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name} ${number}`;
  return free;
}
