/** The scanners that tests of jobs have, and what is asked of them. */
import type { Page } from "../../src/pages.js";
import { collect } from "./waiting.js";

/** Three scanners: one without faults, one whose pages 2 and 4 take a second, one that jams. */
export const SCANNERS = {
  ADDONS__VIRTUAL__NAMES: '["Quick", "Slow", "Jams"]',
  ADDONS__VIRTUAL__FAULTS: '["slow@2!#2", "slow@4!#2", "jam@3#3", "jam@4#3", "jam@4#3"]',
};

export const QUICK = { scanner: "Quick", source: "feeder", dpi: 75 } as const;
export const SLOW = { scanner: "Slow", source: "feeder", dpi: 75 } as const;
export const JAMS = { scanner: "Jams", source: "feeder", dpi: 75 } as const;

/** The uids of all pages that come, to the end. */
export async function uidsOf(pages: AsyncIterable<Page>): Promise<string[]> {
  return (await collect(pages)).map((page) => page.uid);
}
