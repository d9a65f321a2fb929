/** Scan jobs of a service in memory. */
import { delay } from "../aborting.js";
import { newUid, noPage, Refusal } from "./answers.js";
import type { EventLog } from "./log.js";
import type { MockOptions } from "./options.js";
import { sizeOf } from "./pictures.js";
import { drawingOf, type Sheet, type Shelf } from "./shelf.js";

type Status = "pending" | "running" | "paused" | "completed" | "faulted" | "canceled";
type Body = Readonly<Record<string, unknown>>;

interface Fault {
  readonly error: string;
  readonly code: number;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

interface Scan {
  readonly uid: string;
  readonly body: Body;
  readonly sheets: number;
  readonly startedAt: string;
  readonly pages: Sheet[];
  readonly documentPages: Sheet[];
  readonly met: Set<string>;
  status: Status;
  error: Fault | null;
  finishedAt: string | null;
  handedOut: number;
}

const SHEETS = 3;
const SHEET_MS = 20;
const SANE = 0x100;

const FAULTS = [
  ["jamAfter", "paper_jam", -1020, "Paper is stuck in the feeder. Take it out, then continue."],
  [
    "doubleFeedAfter",
    "double_feed",
    -1021,
    "Two sheets went in at once. Put one back, then continue.",
  ],
  ["coverOpenAfter", "cover_open", -1005, "The cover is open. Close it, then continue."],
  ["diskFullAfter", "disk_full", -1022, "The disk is full. Free some space, then continue."],
] as const;

/** The scanners and their jobs. */
export class Scans {
  readonly #scans = new Map<string, Scan | undefined>();

  constructor(
    private readonly options: MockOptions,
    private readonly shelf: Shelf,
    private readonly log: EventLog,
  ) {}

  /** The scanners, as the service lists them. */
  scanners(): { name: string; type: number; device: string }[] {
    const names = this.options.scanners ?? ["Flatbed mock scanner"];
    return names.map((name, place) => {
      const device = JSON.stringify({ driver: "mock", id: String(place), name });
      return { name, type: SANE, device };
    });
  }

  /** Starts a job. */
  create(body: Body): Record<string, unknown> {
    const scanner = this.#scannerOf(body.device);
    const scan: Scan = {
      ...{ uid: newUid(), body, sheets: this.#sheetsOf(body), startedAt: now(), handedOut: 0 },
      ...{ pages: [], documentPages: [], met: new Set<string>(), error: null, finishedAt: null },
      status: "pending",
    };
    this.#scans.set(scan.uid, scan);
    if (body.autoRun !== false) this.#run(scan);
    return { jobuid: scan.uid, status: scan.status, scanner, warnings: [] };
  }

  /** How a job is. */
  show(uid: string): Record<string, unknown> {
    const { status, error, pages, body, startedAt, finishedAt } = this.#scan(uid);
    const fault = { code: error?.code ?? 0, message: error?.message ?? "", error };
    const document = body.document ?? null;
    const lists = { waiting: null, warnings: [], blankPages: [] };
    return {
      jobuid: uid,
      status,
      ...fault,
      pages: pages.length,
      ...lists,
      document,
      startedAt,
      finishedAt,
    };
  }

  /** Starts a pending job, goes on with a paused one, or cancels it. */
  order(uid: string, wanted: unknown): Record<string, unknown> {
    const scan = this.#scan(uid);
    const isStart = wanted === "running" && ["pending", "paused"].includes(scan.status);
    const isCancel = wanted === "canceled" && ["running", "paused"].includes(scan.status);
    if (isStart) this.#run(scan);
    else if (isCancel) this.#move(scan, "canceled");
    else throw new Refusal(409, "wrong_state", -1011, "The job is in the wrong state for this.");
    return { status: scan.status };
  }

  /** Cancels and forgets a job; its pages in documents stay. */
  delete(uid: string): void {
    const scan = this.#scan(uid);
    if (scan.status === "running") scan.status = "canceled";
    for (const page of scan.pages) this.shelf.drop(page.uid);
    this.#scans.set(uid, undefined);
    this.log.tell("job.status", uid, { status: "deleted" });
  }

  /** The records of a job's pages from an ordinal on. */
  pages(uid: string, from: number): Record<string, unknown>[] {
    const scan = this.#scan(uid);
    return scan.pages.map((_, ordinal) => record(scan, ordinal)).slice(from);
  }

  /** A job's page by its place. */
  page(uid: string, place: number): Sheet {
    const sheet = this.#scan(uid).pages[place];
    if (sheet === undefined) throw noPage();
    return sheet;
  }

  /** The next page that was not handed out yet; undefined after the last. */
  async next(uid: string, signal?: AbortSignal): Promise<Sheet | undefined> {
    const scan = this.#scan(uid);
    while (scan.handedOut >= scan.pages.length && isLive(scan)) {
      await delay(this.#sheetMs, signal);
    }
    const sheet = scan.pages[scan.handedOut];
    if (sheet !== undefined) scan.handedOut += 1;
    return sheet;
  }

  get #sheetMs(): number {
    return this.options.sheetMs ?? SHEET_MS;
  }

  #scan(uid: string): Scan {
    const scan = this.#scans.get(uid);
    if (scan !== undefined) return scan;
    if (this.#scans.has(uid)) throw new Refusal(410, "job_gone", -1034, "This job was deleted.");
    throw new Refusal(404, "job_not_found", -1034, "There is no such job.");
  }

  #scannerOf(device: unknown) {
    const scanners = this.scanners();
    const wanted = (device ?? scanners[0]?.name) as string | undefined;
    const found = scanners.find((each) => [each.name, each.device].includes(wanted ?? ""));
    if (found !== undefined) return found;
    throw new Refusal(404, "scanner_not_found", -1040, "There is no such scanner.");
  }

  /** All of the feeder, as many as were asked for, or the one on the glass. */
  #sheetsOf({ config }: Body): number {
    const wishes = (config ?? {}) as Readonly<Record<string, unknown>>;
    const most = typeof wishes.XferCount === "number" ? wishes.XferCount : -1;
    const isFed = wishes.IfFeederEnabled === true || wishes.IfDuplexEnabled === true;
    const sheets = isFed ? (this.options.sheets ?? SHEETS) : 1;
    return most > 0 ? Math.min(most, sheets) : sheets;
  }

  #run(scan: Scan): void {
    this.#move(scan, "running");
    void this.#feed(scan);
  }

  async #feed(scan: Scan): Promise<void> {
    while (scan.pages.length < scan.sheets) {
      const fault = this.#meet(scan);
      if (fault !== undefined) {
        this.#move(scan, scan.body.onFault === "pause" ? "paused" : "faulted", fault);
        return;
      }
      await delay(this.#sheetMs);
      if (scan.status !== "running") return;
      this.#add(scan);
    }
    this.#move(scan, "completed");
  }

  /** The fault that is due, once. */
  #meet({ pages, met }: Scan): Fault | undefined {
    const due = FAULTS.find(([key]) => this.options[key] === pages.length && !met.has(key));
    if (due === undefined) return undefined;
    const [key, error, code, message] = due;
    met.add(key);
    return { error, code, message, details: {} };
  }

  #add(scan: Scan): void {
    const sheet = this.shelf.add(scan.pages.length + 1, scan.uid);
    scan.pages.push(sheet);
    const { document, insertPos, replace } = scan.body;
    if (typeof document === "string") {
      const step = scan.documentPages.length;
      const place = typeof insertPos === "number" ? insertPos + step : undefined;
      const at = step === 0 ? { insertPos: place, replace } : { insertPos: place };
      scan.documentPages.push(this.shelf.insert(document, sheet, at));
    }
    this.log.tell("page.added", scan.uid, record(scan, scan.pages.length - 1));
  }

  #move(scan: Scan, status: Status, error: Fault | null = null): void {
    scan.status = status;
    scan.error = error;
    scan.finishedAt = isLive(scan) ? null : now();
    this.log.tell("job.status", scan.uid, { status, error, waiting: null });
  }
}

function record(scan: Scan, ordinal: number): Record<string, unknown> {
  const sheet = scan.pages[ordinal];
  if (sheet === undefined) throw noPage();
  const copy = scan.documentPages[ordinal];
  const place = copy && { document: scan.body.document, document_page: copy.uid };
  return { page: sheet.uid, ordinal, size_px: sizeOf(drawingOf(sheet)), ...place };
}

function isLive({ status }: Scan): boolean {
  return status === "pending" || status === "running" || status === "paused";
}

function now(): string {
  return new Date().toISOString();
}
