/** The words of the elements in German. */
import type { Words } from "./en.js";

const pages = (count: number): string => (count === 1 ? "1 Seite" : `${count} Seiten`);

export const de: Words = {
  page: (number) => `Seite ${number}`,
  pages,
  close: "Schließen",
  cancel: "Abbrechen",

  scan: {
    scan: "Scannen",
    stop: "Scan anhalten",
    starting: "Beginnt …",
    progress: (count) => (count === 0 ? "Scannt …" : `Scannt … ${pages(count)}`),
    pageScanned: (number) => `Seite ${number} gescannt`,
    done: (count) => (count === 0 ? "Es wurde nichts gescannt." : `${pages(count)} gescannt.`),
    canceled: (count) => `Angehalten. ${pages(count)} behalten.`,
  },
};
