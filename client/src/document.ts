/** One document: pages in an order, of any scans and files. */
import { readStream, type Api } from "./api.js";
import type { components } from "./api-types.js";
import { FlatbedError } from "./errors.js";
import { newKey, withQuery } from "./http.js";
import type { Job } from "./job.js";
import { startJob } from "./jobs.js";
import { Page, uidOf } from "./pages.js";
import type { ScanOptions } from "./scan-options.js";

type Answer = components["schemas"]["DocumentAnswer"];
type Metadata = string | Readonly<Record<string, unknown>>;

/** The only thing that some calls take. */
export interface Cancelable {
  readonly signal?: AbortSignal | undefined;
}

/** Where a page goes. */
export interface InsertOptions extends Cancelable {
  /** From 1; at the end without. */
  readonly insertPos?: number | undefined;
  /** The page whose place it takes instead. */
  readonly replace?: Page | string | undefined;
}

/** What is to be known of a file that becomes pages. */
export interface LoadOptions extends Cancelable {
  /** Where its first bytes do not tell. */
  readonly type?: string | undefined;
  /** Of its first page, from 1; at the end without. */
  readonly insertPos?: number | undefined;
  /** Dots per inch of a file that does not say, or that is drawn, as a PDF. */
  readonly dpi?: number | undefined;
  readonly color?: "color" | "gray" | "bw" | undefined;
  /** As `1-3,7`. */
  readonly pages?: string | undefined;
  /** Left, top, right, bottom in millimetres from the top left, as `10,10,100,150`. */
  readonly region?: string | undefined;
  /** Whether they are drawn. */
  readonly forms?: boolean | undefined;
  readonly annotations?: boolean | undefined;
  /** Of the file. */
  readonly password?: string | undefined;
}

/** How a document is wanted as a file. The names are those of the service's `content`. */
export interface ContentOptions extends Cancelable {
  /** Those pages only, in this order; by uid or place from 0. */
  readonly pages?: readonly (Page | string | number)[] | undefined;
  /** Of JPEGs, 0 to 100. */
  readonly quality?: number | undefined;
  readonly compression?: number | undefined;
  /** Whether pages of a PDF have a paper size: 0 as scanned, 2 A4, 6 letter, ... */
  readonly pageType?: number | undefined;
  readonly pageWidthMm?: number | undefined;
  readonly pageHeightMm?: number | undefined;
  readonly title?: string | undefined;
  readonly author?: string | undefined;
  readonly subject?: string | undefined;
  readonly keyWords?: string | undefined;
  readonly creator?: string | undefined;
  readonly producer?: string | undefined;
  readonly creationDate?: string | undefined;
  readonly modifiedDate?: string | undefined;
  readonly version?: string | undefined;
  /** `pdf/a-2b` or `pdf/a-3b`. */
  readonly standard?: string | undefined;
  /** Encrypts a PDF: needed to open it. */
  readonly password?: string | undefined;
  /** Gives all rights. */
  readonly ownerPassword?: string | undefined;
  /** Of who opens it without, as `print,copy`. */
  readonly permissions?: string | undefined;
  /** Told each sentence that is to be known of the file. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** A document as it is known since the last call. */
export class Document {
  readonly uid: string;
  readonly #api: Api;
  readonly #path: string;
  #last: Answer;

  /** @param api - Carries the password, if it has one. */
  constructor(api: Api, answer: Answer) {
    this.uid = answer.uid;
    this.#api = api;
    this.#path = `/api/storage/documents/${encodeURIComponent(answer.uid)}`;
    this.#last = answer;
  }

  /** Where it is: a `source` of operations. */
  get path(): string {
    return this.#path;
  }

  /** What goes along with requests about it, such as its password. */
  get headers(): Readonly<Record<string, string>> {
    return this.#api.headers;
  }

  get name(): string | undefined {
    return this.#last.name;
  }

  get canUndo(): boolean {
    return this.#last.canUndo;
  }

  get canRedo(): boolean {
    return this.#last.canRedo;
  }

  get metadata(): Metadata | undefined {
    return this.#last.metadata;
  }

  /** Its pages in their order, as they are now. */
  async pages(options: Cancelable = {}): Promise<Page[]> {
    return this.#take(await this.#api.json("GET", this.#path, undefined, options));
  }

  /** Scans into it; the promise is there as soon as the job is. */
  scan(options: ScanOptions = {}): Promise<Job> {
    return startJob(this.#api, options, this.uid);
  }

  /** Puts a page in, of a job or of a document, which keeps it, too. */
  insert(source: Page | string, options: InsertOptions = {}): Promise<Page[]> {
    const { signal, insertPos, replace } = options;
    const place = { insertPos, replace: replace === undefined ? undefined : uidOf(replace) };
    return this.#change("POST", "/pages", { source: uidOf(source), ...place }, { signal });
  }

  /** Puts all of its pages, each once, in another order. */
  reorder(order: readonly (Page | string)[], options: Cancelable = {}): Promise<Page[]> {
    return this.#change("PATCH", "/pages", { order: order.map(uidOf) }, options);
  }

  /** Takes a page out; `undo` brings it back. */
  async remove(page: Page | string, options: Cancelable = {}): Promise<void> {
    const path = `${this.#path}/pages/${encodeURIComponent(uidOf(page))}`;
    await this.#api.send("DELETE", path, undefined, options);
  }

  /** Takes the last step back, whatever it was. */
  undo(options: Cancelable = {}): Promise<Page[]> {
    return this.#change("POST", "/undo", undefined, options);
  }

  /** Does the step again that was taken back last. */
  redo(options: Cancelable = {}): Promise<Page[]> {
    return this.#change("POST", "/redo", undefined, options);
  }

  /** Replaces the metadata. */
  async setMetadata(metadata: Metadata, options: Cancelable = {}): Promise<void> {
    await this.#change("PATCH", "", { metadata }, options);
  }

  /**
   * Puts every page of a file in: a picture, a TIFF, a PDF.
   *
   * @returns Sentences about what could not be taken over.
   */
  async load(file: Blob, options: LoadOptions = {}): Promise<readonly string[]> {
    const { signal, password, ...query } = options;
    const headers = password === undefined ? undefined : { "Flatbed-File-Password": password };
    const path = withQuery(`${this.#path}/pages`, query);
    this.#take(await this.#api.json<Answer>("POST", path, file, { signal, headers }));
    return this.#last.warnings ?? [];
  }

  /** It as one file. */
  async toBlob(type = "application/pdf", options: ContentOptions = {}): Promise<Blob> {
    const answer = await this.#fetchContent(type, options);
    const stream = readStream(bodyOf(answer), options.signal);
    return new Response(stream, { headers: { "Content-Type": type } }).blob();
  }

  /** It as one file that never lies in memory as a whole. */
  async toStream(
    type = "application/pdf",
    options: ContentOptions = {},
  ): Promise<ReadableStream<Uint8Array>> {
    return readStream(bodyOf(await this.#fetchContent(type, options)), options.signal);
  }

  /** Splits it at its separators into new ones, as the add-on that does it is asked to. */
  async split(
    settings: Readonly<Record<string, unknown>> = {},
    options: Cancelable = {},
  ): Promise<Document[]> {
    const order = { source: this.#path, settings };
    const made = await this.#api.json<{ documents: Answer[] }>(
      ...(["POST", "/api/process/split-document", order] as const),
      { ...options, idempotencyKey: newKey() },
    );
    return made.documents.map((each) => new Document(this.#api, each));
  }

  /** Deletes it, and its pages where nothing else has them. */
  async delete(options: Cancelable = {}): Promise<void> {
    await this.#api.send("DELETE", this.#path, undefined, options);
  }

  async #change(
    method: string,
    below: string,
    body: unknown,
    options: Cancelable,
  ): Promise<Page[]> {
    const key = method === "POST" && body !== undefined ? newKey() : undefined;
    const sent = { ...options, idempotencyKey: key };
    return this.#take(await this.#api.json(method, this.#path + below, body, sent));
  }

  #take(answer: Answer): Page[] {
    this.#last = answer;
    return answer.pages.map(({ uid }) => new Page(this.#api, uid));
  }

  async #fetchContent(type: string, options: ContentOptions): Promise<Response> {
    const { signal, onWarning, pages, ...wanted } = options;
    const uids = pages?.map((each) => (typeof each === "number" ? each : uidOf(each))).join(",");
    const path = withQuery(`${this.#path}/content`, { ...wanted, type, pages: uids });
    const answer = await this.#api.send("GET", path, undefined, { signal });
    const warnings = JSON.parse(answer.headers.get("Flatbed-Warnings") ?? "[]") as string[];
    warnings.forEach((each) => onWarning?.(each));
    return answer;
  }
}

function bodyOf(answer: Response): ReadableStream<Uint8Array> {
  if (answer.body === null) {
    throw new FlatbedError({ code: "unknown_answer", message: "The file that came is empty." });
  }
  return answer.body;
}
