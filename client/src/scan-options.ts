/** What a scan is asked for, in words, and as the service's wire has it. */
import type { components } from "./api-types.js";
import { type Page, uidOf } from "./pages.js";
import type { Scanner } from "./scanners.js";

type Schemas = components["schemas"];

/** Where paper lies; `duplex` is the feeder, both sides. */
export type Source = "flatbed" | "feeder" | "duplex";

export type Color = "color" | "gray" | "bw";

export type PageSize = "all" | "a3" | "a4" | "a5" | "a6" | "letter" | "legal";

/** An operation that tells something about each page before anybody sees it. */
export interface PageOperation {
  readonly operation: string;
  readonly settings?: Readonly<Record<string, unknown>> | string;
}

/** How to scan; what is left out is the scanner's own choice. */
export interface ScanOptions {
  /** One of `scanners.list()`, or its `device`; the one used last, or the first. */
  readonly scanner?: Scanner | string | undefined;
  readonly source?: Source | undefined;
  /** Dots per inch. */
  readonly dpi?: number | undefined;
  readonly color?: Color | undefined;
  readonly pageSize?: PageSize | undefined;
  /** So many at most. */
  readonly maxPages?: number | undefined;
  /** -1000 to 1000. */
  readonly brightness?: number | undefined;
  /** -1000 to 1000. */
  readonly contrast?: number | undefined;
  /** Leaves pages out that have nothing on them. */
  readonly skipBlankPages?: boolean | undefined;
  /** Sets text straight. */
  readonly deskew?: boolean | undefined;
  /** Cuts off the bed around the sheet. */
  readonly autoCrop?: boolean | undefined;
  /**
   * Whether a jam, an open cover, an empty feeder or a full disk pauses the job until `resume` or
   * `finish` (the default), or ends it.
   */
  readonly onFault?: "pause" | "fault" | undefined;
  /** Fails before any paper moves where the feeder is known to be empty. */
  readonly checkFeederLoaded?: boolean | undefined;
  /** What its pages will be fetched as: made while paper moves. */
  readonly mediaType?: "image/png" | "image/jpeg" | undefined;
  readonly process?: readonly PageOperation[] | undefined;
  /** Of the first page in the document, from 1; at the end without. */
  readonly insertPos?: number | undefined;
  /** The page of the document whose place the first one takes. */
  readonly replace?: Page | string | undefined;
  /** A second pass with the stack turned over: the backs go between the pages. */
  readonly interleave?: boolean | undefined;
  /** Further keys of the job's `config`, and capabilities by their TWAIN numbers. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  readonly caps?: Partial<Schemas["CapabilitySet"]> | undefined;
  /** The same start under the same key never scans twice; one is made up without. */
  readonly idempotencyKey?: string | undefined;
  /** Stops the paper when it fires. */
  readonly signal?: AbortSignal | undefined;
}

const PIXEL_TYPES: Readonly<Record<Color, number>> = { bw: 0, gray: 1, color: 2 };

// Numbers of the TWAIN specification.
const PAGE_SIZES: Readonly<Record<PageSize, number>> = {
  all: 0,
  a4: 1,
  letter: 3,
  legal: 4,
  a5: 5,
  a3: 11,
  a6: 13,
};

/** The body of `POST /api/device/scanners/jobs`. */
export function toJobRequest(options: ScanOptions, document?: string): Record<string, unknown> {
  const { scanner, replace } = options;
  return {
    device: typeof scanner === "object" ? scanner.device : scanner,
    config: toConfig(options),
    caps: options.caps,
    onFault: options.onFault ?? "pause",
    checkFeederLoaded: options.checkFeederLoaded,
    mediaType: options.mediaType,
    process: options.process,
    document,
    insertPos: options.insertPos,
    replace: replace === undefined ? undefined : uidOf(replace),
    interleave: options.interleave,
  };
}

function toConfig(options: ScanOptions): Record<string, unknown> {
  const { source, color, pageSize } = options;
  return {
    IfFeederEnabled: source === undefined ? undefined : source !== "flatbed",
    IfDuplexEnabled: source === undefined ? undefined : source === "duplex",
    PixelType: color === undefined ? undefined : PIXEL_TYPES[color],
    PageSize: pageSize === undefined ? undefined : PAGE_SIZES[pageSize],
    Resolution: options.dpi,
    XferCount: options.maxPages,
    Brightness: options.brightness,
    Contrast: options.contrast,
    SkipBlankPages: options.skipBlankPages,
    Deskew: options.deskew,
    AutoCrop: options.autoCrop,
    ...options.config,
  };
}
