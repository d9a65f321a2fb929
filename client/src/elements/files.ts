/** Files that a person drops, pastes or picks, into the open document. */
import type { Desk } from "./desk.js";
import type { Words } from "./words/index.js";

/** What can become pages, for the browser's own list of files. */
export const ACCEPTED = "image/*,application/pdf,.pdf,.tif,.tiff";

/** Whether something that is dragged over is files, which cannot be looked at yet. */
export function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") === true;
}

/** The files of something dropped or pasted; folders are left out. */
export function filesOf(transfer: DataTransfer | null): File[] {
  const items = [...(transfer?.items ?? [])].filter(({ kind }) => kind === "file");
  return items
    .filter((item) => item.webkitGetAsEntry()?.isDirectory !== true)
    .map((item) => item.getAsFile())
    .filter((file) => file !== null);
}

/**
 * Puts the pages of files into the document, says so, and goes to the first of them.
 *
 * @param insertPos - Of the first page, from 1; at the end without.
 * @returns How many pages have come.
 */
export async function addFiles(
  desk: Desk,
  files: readonly File[],
  words: Words["drop"],
  insertPos?: number,
): Promise<number> {
  if (files.length === 0) {
    desk.notices.add("caution", words.nothing);
    return 0;
  }
  const before = new Set(desk.pages.map(({ uid }) => uid));
  await desk.load(files, { insertPos });
  const added = desk.pages.filter(({ uid }) => !before.has(uid));
  const [first] = added;
  if (first === undefined) return 0;
  desk.select([first.uid]);
  desk.notices.say(words.added(added.length));
  return added.length;
}
