/** The words of the elements, in English: the measure for all other languages. */

const pages = (count: number): string => (count === 1 ? "1 page" : `${count} pages`);

export const en = {
  page: (number: number) => `Page ${number}`,
  pages,
  close: "Close",
  cancel: "Cancel",

  scan: {
    scan: "Scan",
    stop: "Stop scanning",
    starting: "Starting …",
    progress: (count: number) => (count === 0 ? "Scanning …" : `Scanning … ${pages(count)}`),
    pageScanned: (number: number) => `Page ${number} scanned`,
    done: (count: number) => (count === 0 ? "Nothing was scanned." : `${pages(count)} scanned.`),
    canceled: (count: number) => `Stopped. ${pages(count)} kept.`,
  },
};

export type Words = typeof en;
