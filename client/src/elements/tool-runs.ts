/** Operations and edits of add-ons over pages, as a person starts them. */
import type { Page } from "../index.js";
import { type Catalog, type Details, type Operation, usable, writingOperation } from "./catalog.js";
import type { Going } from "./copying.js";
import type { Desk } from "./desk.js";
import { KINDS } from "./saving.js";
import type { Values } from "./settings-form.js";

/** Something that an add-on brings. */
export interface Tool {
  readonly addon: string;
  readonly name: string;
  readonly kind: "operation" | "edit";
  readonly declared: Operation;
}

/** What one add-on brings. */
export interface Toolbox {
  readonly addon: string;
  readonly description: string;
  readonly operations: readonly Tool[];
  readonly edits: readonly Tool[];
}

// `file` and `none` are kept for later versions of the contract.
const INPUTS = ["page", "pages", "document"];

/** What the installed add-ons bring for pages, those that came later before those of the core. */
export async function toolboxesOf(catalog: Catalog): Promise<readonly Toolbox[]> {
  const boxes: Toolbox[] = [];
  const worth = catalog.entries.filter((entry) =>
    usable(entry).some(({ operations, edits }) => operations.length + edits.length > 0),
  );
  // One after the other: each is started for it.
  for (const entry of coreLast(worth)) boxes.push(toBox(await catalog.details(entry)));
  return boxes.filter(({ operations, edits }) => operations.length + edits.length > 0);
}

/**
 * Carries an operation out.
 *
 * @param pages - All of the document's, or some of them.
 * @returns What it answers.
 */
export function runOperation(
  desk: Desk,
  { name, declared }: Tool,
  pages: readonly Page[],
  values: Values,
  { signal, onProgress }: Going,
): Promise<unknown> {
  const { document, flatbed } = desk;
  if (document === undefined) throw new Error("No document is open.");
  const [only] = pages;
  const isWhole = declared.input === "document" || pages.length === desk.pages.length;
  // Of one page alone the answer may be a file, too.
  const isOne = declared.input === "page" && pages.length === 1 && only !== undefined;
  return flatbed.processing.process(name, isOne ? only : isWhole ? document : pages, values, {
    signal,
    onProgress: ({ done, total }) => {
      onProgress(done, total);
    },
  });
}

/** Adds an edit to each page; cancelled, those that have it by then keep it. */
export async function runEdit(
  desk: Desk,
  { name }: Tool,
  pages: readonly Page[],
  values: Values,
  { signal, onProgress }: Going,
): Promise<number> {
  try {
    for (const [index, page] of pages.entries()) {
      signal.throwIfAborted();
      onProgress(index, pages.length);
      await page.edit(name, values);
      desk.infos.forget(page.uid);
      desk.thumbnails.renew(page.uid);
    }
  } finally {
    await desk.refresh();
  }
  return pages.length;
}

/** Whether it works on the document alone, not on some of its pages. */
export function isForDocument({ declared }: Tool): boolean {
  return declared.input === "document";
}

function toBox(details: Details): Toolbox {
  const { name: addon, description } = details;
  // Saving has a dialog of its own.
  const written = KINDS.map(({ type }) => writingOperation(details, type)?.[0]);
  const operations = Object.entries(details.operations)
    .filter(([name, { input }]) => INPUTS.includes(input) && !written.includes(name))
    .map(([name, declared]): Tool => ({ addon, name, kind: "operation", declared }));
  const edits = Object.entries(details.edits).map(([name, declared]): Tool => ({
    addon,
    name,
    kind: "edit",
    declared,
  }));
  return { addon, description, operations, edits };
}

function coreLast<Each extends { versions: readonly { where: string }[] }>(
  entries: readonly Each[],
): readonly Each[] {
  const isCore = ({ versions }: Each) => versions.some(({ where }) => where === "core");
  return [...entries.filter((each) => !isCore(each)), ...entries.filter(isCore)];
}
