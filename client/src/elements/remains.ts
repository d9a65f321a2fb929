/** What a crash left of scans, to keep or to delete. */
import { type DocumentEntry, FlatbedError, type Page } from "../index.js";
import type { Desk } from "./desk.js";

/** A scan that was cut off, with its document, if it went into one. */
export interface Remains {
  /** Id of the job. */
  readonly job: string;
  /** How many pages of the scan are safe. */
  readonly pages: number;
  readonly document: DocumentEntry | undefined;
}

/** All of them; those without a page are nothing to offer. */
export async function remainsOf(
  { flatbed }: Desk,
  documents: readonly DocumentEntry[],
): Promise<readonly Remains[]> {
  const found = await flatbed.jobs.recovered();
  return found
    .filter(({ kind, job }) => kind === "job" && job.pages > 0)
    .map(({ job }) => {
      const document = documents.find(({ uid }) => uid === job.document);
      return { job: job.jobuid, pages: job.pages, document };
    });
}

/** The pages of a scan that was cut off, in their order. */
export async function pagesOfJob(
  { flatbed }: Desk,
  { job: id, pages: count }: Remains,
  signal: AbortSignal,
): Promise<readonly Page[]> {
  const job = await flatbed.jobs.get(id, { signal });
  const pages: Page[] = [];
  try {
    for await (const page of job.pages()) pages.push(page);
  } catch (error) {
    // How it ended is known; what counts is that all that was safe is here.
    if (!(error instanceof FlatbedError) || pages.length < count) throw error;
  }
  return pages;
}
