/** Pages: what they are, how they look, and edits of them. */
import { orAbort } from "./aborting.js";
import type { Api } from "./api.js";
import type { components } from "./api-types.js";
import { FlatbedError } from "./errors.js";
import { withQuery } from "./http.js";

type PageAnswer = components["schemas"]["PageAnswer"];

/** What a page is as it now looks. */
export interface PageInfo {
  readonly uid: string;
  /** Width and height in pixels. */
  readonly sizePx: readonly [number, number];
  /** Dots per inch, across and down. */
  readonly dpi: readonly [number, number];
  /** Black and white, gray, or color. */
  readonly mode: "1" | "L" | "RGB";
  /** Of each sample. */
  readonly bits: 1 | 8 | 16;
  /** The document that it is in. */
  readonly document?: string | undefined;
  /** The job that scanned it, where it is in no document. */
  readonly job?: string | undefined;
  /** What was done to it, first to last. */
  readonly edits: readonly Readonly<Record<string, unknown>>[];
  /** What operations of its scan found, by their names. */
  readonly results: Readonly<Record<string, unknown>>;
}

/** Left, top, right and bottom in pixels of the page as it looks before the edit. */
export type Box = readonly [number, number, number, number];

/** The edits that come with Flatbed, and their settings; add-ons can declare theirs here, too. */
export interface Edits {
  /** Degrees, clockwise. */
  rotate: { angle: number };
  flip: Record<string, never>;
  mirror: Record<string, never>;
  crop: { box: Box };
  erase: { box: Box; color?: string };
  /** Pixels; one of them is enough. */
  resize: { width?: number; height?: number };
  "change-dpi": { dpi: number | readonly [number, number] };
  grayscale: Record<string, never>;
  invert: Record<string, never>;
  "black-white": { method?: "fixed" | "adaptive"; threshold?: number };
  /** -1000 to 1000. */
  brightness: { value: number };
  /** -1000 to 1000. */
  contrast: { value: number };
  /** 0.1 to 10. */
  gamma: { value: number };
  despeckle: { size_px?: number };
  /** 0 to 100. */
  "clean-background": { strength?: number };
  deskew: { size?: "keep" | "grow" };
  "auto-crop": { straighten?: boolean };
}

/** The settings of an edit by its name; of an unknown one any. */
export type EditSettings<Name extends string> = Name extends keyof Edits
  ? Edits[Name]
  : Readonly<Record<string, unknown>>;

/** How a page is wanted as a file. */
export interface PageContentOptions {
  /** Such as `image/jpeg`; PNG without it. */
  readonly type?: string | undefined;
  /** Pixels to be scaled down into. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Of a JPEG, 0 to 100. */
  readonly quality?: number | undefined;
  /** 16 for all bits of a page that has them, as PNG. */
  readonly depth?: 8 | 16 | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a page is wanted in small. */
export interface ThumbnailOptions {
  /** Of the picture on the screen, in CSS pixels. */
  readonly width?: number | undefined;
  /** What is read out in its place. */
  readonly alt?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const WIDTH = 240;
// Sheets of paper are higher than wide, and `size` is that of the longer side.
const HEIGHT_TO_WIDTH = Math.SQRT2;
const SIZE_MOST = 2560;

/** One page of a job or of a document. */
export class Page {
  readonly uid: string;
  readonly #api: Api;
  readonly #path: string;

  /** @param api - Carries the password, if its document has one. */
  constructor(api: Api, uid: string) {
    this.uid = uid;
    this.#api = api;
    this.#path = `/api/storage/pages/${encodeURIComponent(uid)}`;
  }

  /** What goes along with requests about it, such as its document's password. */
  get headers(): Readonly<Record<string, string>> {
    return this.#api.headers;
  }

  /** What it is, and what was done to it. */
  async info(options: { signal?: AbortSignal } = {}): Promise<PageInfo> {
    return toInfo(await this.#api.json("GET", this.#path, undefined, options));
  }

  /** It in small, loaded, for `append`. */
  async thumbnail(options: ThumbnailOptions = {}): Promise<HTMLImageElement> {
    const scale = globalThis.devicePixelRatio || 1;
    const blob = await this.thumbnailBlob({
      width: (options.width ?? WIDTH) * scale,
      signal: options.signal,
    });
    return showImage(blob, options);
  }

  /** It in small as a JPEG; `width` in pixels is the least that it has, up to 2,560 a side. */
  thumbnailBlob(options: Omit<ThumbnailOptions, "alt"> = {}): Promise<Blob> {
    const size = Math.ceil((options.width ?? WIDTH) * HEIGHT_TO_WIDTH);
    const path = withQuery(`${this.#path}/thumbnail`, { size: Math.min(size, SIZE_MOST) });
    return this.#api.blob(path, { signal: options.signal });
  }

  /** It as a file, as it now looks. */
  content({ signal, ...wanted }: PageContentOptions = {}): Promise<Blob> {
    return this.#api.blob(withQuery(`${this.#path}/content`, { ...wanted }), { signal });
  }

  /** Adds an edit; the original stays, and the document's `undo` takes it back. */
  async edit<Name extends string>(
    op: Name,
    ...[settings, options = {}]: EditArguments<Name>
  ): Promise<PageInfo> {
    const edit = { ...settings, op };
    return toInfo(await this.#api.json("POST", `${this.#path}/edits`, edit, options));
  }

  /** Takes all edits away. */
  async resetEdits(options: { signal?: AbortSignal } = {}): Promise<PageInfo> {
    return toInfo(await this.#api.json("DELETE", `${this.#path}/edits`, undefined, options));
  }
}

/** An edit's settings, which can be left out where all of them can. */
export type EditArguments<Name extends string> =
  Record<string, never> extends EditSettings<Name>
    ? [settings?: EditSettings<Name>, options?: { signal?: AbortSignal }]
    : [settings: EditSettings<Name>, options?: { signal?: AbortSignal }];

/** The uid of a page that may be named by it. */
export function uidOf(page: Page | string): string {
  return typeof page === "string" ? page : page.uid;
}

function toInfo({ size_px: sizePx, edits = [], results = {}, ...same }: PageAnswer): PageInfo {
  return { ...same, sizePx, edits, results };
}

async function showImage(blob: Blob, options: ThumbnailOptions): Promise<HTMLImageElement> {
  const image = new Image();
  image.width = options.width ?? WIDTH;
  image.alt = options.alt ?? "Scanned page";
  const url = URL.createObjectURL(blob);
  try {
    await orAbort(load(image, url), options.signal);
  } finally {
    // Once loaded the picture needs it no more; a thousand of them would stay in memory.
    URL.revokeObjectURL(url);
  }
  return image;
}

function load(image: HTMLImageElement, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    image.onload = () => {
      resolve();
    };
    image.onerror = () => {
      const message =
        "The page cannot be shown. Allow blob: images in this site's security policy.";
      reject(new FlatbedError({ code: "image_not_shown", message }));
    };
    image.src = url;
  });
}
