/** One page from one scanner, to see that it works; nothing of it is kept. */

import { ApiFault, ask, load } from "../shared/api";
import type { Fault, JobState, Scanner } from "../shared/wire";

const JOBS = "/api/device/scanners/jobs";
const THUMBNAIL_PX = 320;
const DPI = 100;

/** What came of it. */
export type TestResult =
  | {
      readonly kind: "page";
      readonly picture: Blob;
      readonly widthPx: number;
      readonly heightPx: number;
      readonly seconds: number;
    }
  | { readonly kind: "empty" }
  | { readonly kind: "canceled" }
  | { readonly kind: "fault"; readonly message: string; readonly code: string };

interface PageInfo {
  readonly imageuid: string;
  readonly imageInfo: { readonly ImageWidth: number; readonly ImageLength: number };
}

/** Scans the page, shows nothing, leaves nothing behind; the signal cancels the job. */
export async function testScan(scanner: Scanner, signal: AbortSignal): Promise<TestResult> {
  const begun = performance.now();
  const job = `${JOBS}/${await start(scanner.device)}`;
  const cancel = (): void => void ask("PATCH", job, { status: "canceled" }).catch(ignoreEnded);
  signal.addEventListener("abort", cancel);
  if (signal.aborted) cancel();
  try {
    const page = await ask<PageInfo | undefined>("GET", `${job}/next-page-info`);
    if (page === undefined || signal.aborted) return await explain(job, signal);
    const path = `/api/storage/pages/${page.imageuid}/thumbnail?size=${THUMBNAIL_PX}`;
    const picture = await load(path);
    const { ImageWidth: widthPx, ImageLength: heightPx } = page.imageInfo;
    const seconds = (performance.now() - begun) / 1000;
    return { kind: "page", picture, widthPx, heightPx, seconds };
  } finally {
    signal.removeEventListener("abort", cancel);
    await ask("DELETE", job);
  }
}

async function start(device: string): Promise<string> {
  const config = { Resolution: DPI, XferCount: 1 };
  const create = async (wishes: object): Promise<string> => {
    const body = { device, config: wishes };
    return (await ask<{ jobuid: string }>("POST", JOBS, body)).jobuid;
  };
  try {
    return await create(config);
  } catch (failure) {
    if (!(failure instanceof ApiFault) || failure.code !== "unsupported_setting") throw failure;
    return await create({ XferCount: 1 });
  }
}

async function explain(job: string, signal: AbortSignal): Promise<TestResult> {
  if (signal.aborted) return { kind: "canceled" };
  const found = await ask<{ status: JobState; error: Fault | null }>("GET", job);
  if (found.error !== null) {
    return { kind: "fault", message: found.error.message, code: found.error.error };
  }
  return { kind: found.status === "canceled" ? "canceled" : "empty" };
}

/** A job that has ended by then needs no cancelling. */
function ignoreEnded(failure: unknown): void {
  if (!(failure instanceof ApiFault)) throw failure;
}
