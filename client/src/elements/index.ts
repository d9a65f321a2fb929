/** Elements for any page: `import "flatbed/elements"` defines them all. */
import { DeskElement } from "./desk-element.js";
import { NoticesElement } from "./notices-element.js";

export { Desk, DeskChange, type DeskOptions, type DeskPart } from "./desk.js";
export { DeskElement } from "./desk-element.js";
export { FlatbedElement, pageDesk } from "./element.js";
export { NoticesElement } from "./notices-element.js";
export { Notices, type Notice, type NoticeKind } from "./notices.js";
export type { ScanChoices } from "./recollection.js";
export { ScanRun, type RunState } from "./scan-run.js";

const ELEMENTS: readonly (readonly [string, CustomElementConstructor])[] = [
  // First: the others ask it.
  ["flatbed-desk", DeskElement],
  ["flatbed-notices", NoticesElement],
];

for (const [name, element] of ELEMENTS) {
  // Twice on a page, as two bundles may bring it, is no error.
  if (customElements.get(name) === undefined) customElements.define(name, element);
}
