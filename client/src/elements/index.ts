/** Elements for any page: `import "flatbed/elements"` defines them all. */
import { CameraElement } from "./camera.js";
import { DeskElement } from "./desk-element.js";
import { DropElement } from "./drop-zone.js";
import { EditorElement } from "./editor.js";
import { GalleryElement } from "./gallery.js";
import { DocumentsElement } from "./documents-element.js";
import { NoticesElement } from "./notices-element.js";
import { PausePanelElement } from "./pause-panel.js";
import { SaveElement } from "./save.js";
import { ScanButtonElement } from "./scan-button.js";
import { ScanPresetsElement } from "./scan-presets.js";
import { ScanSettingsElement } from "./scan-settings.js";
import { StatusElement } from "./status-element.js";
import { ToolElement } from "./tool.js";
import { ToolsElement } from "./tools.js";

export { CameraElement } from "./camera.js";
export { Desk, DeskChange, type DeskOptions, type DeskPart } from "./desk.js";
export { DeskElement } from "./desk-element.js";
export { DropElement } from "./drop-zone.js";
export { DocumentsElement } from "./documents-element.js";
export { EditorElement } from "./editor.js";
export { FlatbedElement, pageDesk } from "./element.js";
export { GalleryElement } from "./gallery.js";
export { NoticesElement } from "./notices-element.js";
export { Notices, type Notice, type NoticeKind } from "./notices.js";
export { PausePanelElement } from "./pause-panel.js";
export { SaveElement } from "./save.js";
export type { ScanChoices } from "./recollection.js";
export { ScanButtonElement } from "./scan-button.js";
export { ScanPresetsElement } from "./scan-presets.js";
export { ScanRun, type RunState } from "./scan-run.js";
export { ScanSettingsElement } from "./scan-settings.js";
export { StatusElement } from "./status-element.js";
export type { ElementEvents, ElementProperties, ElementTags, ScanDetail } from "./tags.js";
export { ToolsElement } from "./tools.js";

const ELEMENTS: readonly (readonly [string, CustomElementConstructor])[] = [
  // First: the others ask it.
  ["flatbed-desk", DeskElement],
  ["flatbed-camera", CameraElement],
  ["flatbed-editor", EditorElement],
  ["flatbed-drop", DropElement],
  ["flatbed-gallery", GalleryElement],
  ["flatbed-documents", DocumentsElement],
  ["flatbed-notices", NoticesElement],
  ["flatbed-pause", PausePanelElement],
  ["flatbed-save", SaveElement],
  ["flatbed-scan-button", ScanButtonElement],
  ["flatbed-scan-presets", ScanPresetsElement],
  ["flatbed-scan-settings", ScanSettingsElement],
  ["flatbed-status", StatusElement],
  ["flatbed-tool", ToolElement],
  ["flatbed-tools", ToolsElement],
];

for (const [name, element] of ELEMENTS) {
  // Twice on a page, as two bundles may bring it, is no error.
  if (customElements.get(name) === undefined) customElements.define(name, element);
}
