/** Pictures on buttons: lines on a grid of 24, coloured as the text beside them. */
import { svg, type SVGTemplateResult } from "lit";

const PATHS = {
  scan: "M4 7V5h4M20 7V5h-4M4 17v2h4M20 17v2h-4M3 12h18",
  stop: "M7 7h10v10H7z",
  left: "M10 10h10v11H10zM11 4H9a5 5 0 0 0-5 5v3M1 9l3 3 3-3",
  right: "M4 10h10v11H4zM13 4h2a5 5 0 0 1 5 5v3M17 9l3 3 3-3",
  undo: "m9 5-5 5 5 5M4 10h10a5 5 0 0 1 0 10h-3",
  redo: "m15 5 5 5-5 5M20 10H10a5 5 0 0 0 0 10h3",
  crop: "M6 2v16h16M2 6h16v16",
  erase: "m14 4 6 6-9 9H6l-3-3zM9 9l6 6M11 19h10",
  straighten: "M3 17 21 9M3 21h18M5 4l3 3M8 4 5 7",
  trim: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5M9 9h6v6H9z",
  tones: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 3v18M12 7.5h7.5M12 12h9M12 16.5h7.5",
  delete: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v6M14 11v6",
  zoomIn: "M4 11a7 7 0 1 0 14 0 7 7 0 0 0-14 0M16 16l5 5M8 11h6M11 8v6",
  zoomOut: "M4 11a7 7 0 1 0 14 0 7 7 0 0 0-14 0M16 16l5 5M8 11h6",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  save: "M12 3v12M7 10l5 5 5-5M4 20h16",
  add: "M12 5v14M5 12h14",
  camera: "M4 8h4l2-3h4l2 3h4v11H4zM8.5 13a3.5 3.5 0 1 0 7 0 3.5 3.5 0 0 0-7 0",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  split: "M12 3v18M8 8l-4 4 4 4M16 8l4 4-4 4",
  merge: "M12 3v18M4 8l4 4-4 4M20 8l-4 4 4 4",
  tools: "M14 6a4 4 0 0 1 5-1l-3 3 1 2 2 1 3-3a4 4 0 0 1-6 5l-8 8-3-3 8-8a4 4 0 0 1 1-4",
  sound: "M4 9v6h4l5 4V5L8 9zM17 9a4 4 0 0 1 0 6M19.5 6.5a8 8 0 0 1 0 11",
  silence: "M4 9v6h4l5 4V5L8 9zM17 10l4 4M21 10l-4 4",
  close: "M6 6l12 12M18 6 6 18",
  up: "m6 15 6-6 6 6",
  down: "m6 9 6 6 6-6",
  previous: "m15 5-7 7 7 7",
  next: "m9 5 7 7-7 7",
  first: "M6 5v14M18 5l-7 7 7 7",
  blank: "M6 3h12v18H6zM9 9l6 6M15 9l-6 6",
  reset: "M4 4v6h6M5 15a8 8 0 1 0 1-8l-2 3",
  check: "m5 12 5 5 9-10",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  documents: "M8 3h8l4 4v10H8zM4 7v14h12",
  pause: "M9 5v14M15 5v14",
  go: "m7 4 12 8-12 8z",
} as const;

export type IconName = keyof typeof PATHS;

/** A picture for beside or in place of a text; those who listen hear the text alone. */
export function icon(name: IconName): SVGTemplateResult {
  return svg`<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" data-icon=${name}>
    <path d=${PATHS[name]}></path>
  </svg>`;
}
