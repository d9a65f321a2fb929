/** Pages as a file for the person's own disk. */
import { downloadZip } from "client-zip";

import type { Document, Page } from "../index.js";
import { type Catalog, writingOperation } from "./catalog.js";
import type { Going } from "./copying.js";
import type { Desk } from "./desk.js";
import type { Declarations, Values } from "./settings-form.js";

/** The kinds of files, with the end of their names, and whether one file holds many pages. */
export const KINDS = [
  { type: "application/pdf", label: "PDF", ending: "pdf", isForMany: true },
  { type: "image/tiff", label: "TIFF", ending: "tif", isForMany: true },
  { type: "image/jpeg", label: "JPEG", ending: "jpg", isForMany: false },
  { type: "image/png", label: "PNG", ending: "png", isForMany: false },
] as const;

/** One of the kinds. */
export type Kind = (typeof KINDS)[number];

/** How files of a kind are written: by an operation of an add-on, with its settings. */
export interface Writing {
  readonly operation: string;
  readonly settings: Declarations;
  /** Whether it has to be told the kind. */
  readonly isForKinds: boolean;
}

/** What is wanted. */
export interface SaveOrder {
  readonly document: Document;
  readonly pages: readonly Page[];
  readonly kind: Kind;
  /** Without an ending. */
  readonly name: string;
  readonly values: Values;
  readonly writing: Writing | undefined;
}

// More of them are no list of sources to the service, only a document is.
const SOURCES_MOST = 2000;
const NAME_MOST = 120;

/** How a kind is written here; undefined where the add-on does not say it. */
export async function writingOf(catalog: Catalog, { type }: Kind): Promise<Writing | undefined> {
  const writer = catalog.writer(type);
  if (writer === undefined) return undefined;
  const found = writingOperation(await catalog.details(writer), type);
  if (found === undefined) return undefined;
  const [operation, { settings }] = found;
  const own = Object.entries(settings).filter(([name]) => name !== "media_type");
  return { operation, settings: Object.fromEntries(own), isForKinds: "media_type" in settings };
}

/** Makes the file: pages that need one each come in a zip, numbered. */
export async function makeFile(desk: Desk, order: SaveOrder, going: Going): Promise<File> {
  const { kind, pages } = order;
  const name = fileName(order.name);
  if (kind.isForMany) {
    const blob = await writeMany(desk, order, going);
    return new File([blob], `${name}.${kind.ending}`, { type: kind.type });
  }
  const [first] = pages;
  if (first !== undefined && pages.length === 1) {
    const blob = await writeOne(desk, order, first, going.signal);
    return new File([blob], `${name}.${kind.ending}`, { type: kind.type });
  }
  const zip = await downloadZip(eachFile(desk, order, name, going)).blob();
  return new File([zip], `${name}.zip`, { type: "application/zip" });
}

/** Gives a file to the browser to be stored. */
export function download(file: File): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = file.name;
  link.click();
  // The browser has its own hold on it by then; at once would be too early for some.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}

/** A text as a name that every system takes. */
export function fileName(text: string): string {
  const clean = text.replaceAll(/[\p{Cc}<>:"/\\|?*]+/gu, "-").replaceAll(/^[\s.]+|[\s.]+$/g, "");
  return clean.slice(0, NAME_MOST) || "scan";
}

async function writeMany(desk: Desk, order: SaveOrder, going: Going): Promise<Blob> {
  const { document, kind, pages, writing, values } = order;
  const { signal, onProgress } = going;
  const isAll = pages.length === desk.pages.length;
  if (writing !== undefined && (isAll || pages.length <= SOURCES_MOST)) {
    const made: unknown = await desk.flatbed.processing.process(
      writing.operation,
      isAll ? document : pages,
      settingsFor(writing, kind, values),
      {
        signal,
        onProgress: ({ done, total }) => {
          onProgress(done, total);
        },
      },
    );
    if (made instanceof Blob) return made;
  }
  const onWarning = (sentence: string) => {
    desk.notices.add("caution", sentence);
  };
  return document.toBlob(kind.type, { pages, signal, onWarning });
}

async function* eachFile(desk: Desk, order: SaveOrder, name: string, going: Going) {
  const { kind, pages } = order;
  const digits = Math.max(String(pages.length).length, 3);
  for (const [index, page] of pages.entries()) {
    going.onProgress(index, pages.length);
    const number = String(index + 1).padStart(digits, "0");
    const input = await writeOne(desk, order, page, going.signal);
    yield { name: `${name}-${number}.${kind.ending}`, input, lastModified: new Date() };
  }
  going.onProgress(pages.length, pages.length);
}

async function writeOne(
  desk: Desk,
  { kind, writing, values }: SaveOrder,
  page: Page,
  signal: AbortSignal,
): Promise<Blob> {
  if (writing !== undefined && Object.keys(values).length > 0) {
    const settings = settingsFor(writing, kind, values);
    const made: unknown = await desk.flatbed.processing.process(
      ...([writing.operation, [page], settings, { signal }] as const),
    );
    if (made instanceof Blob) return made;
  }
  // As it lies in the store, where it does: nothing is encoded twice.
  return page.content({ type: kind.type, signal });
}

function settingsFor({ settings, isForKinds }: Writing, kind: Kind, values: Values): Values {
  const known = Object.entries(values).filter(([name]) => name in settings);
  return { ...Object.fromEntries(known), ...(isForKinds ? { media_type: kind.type } : {}) };
}
