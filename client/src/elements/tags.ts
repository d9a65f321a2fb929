/** The elements by their tags, what can be set on each, and what they tell, for TypeScript. */
import type { FlatbedError, Job, Page, StateName } from "../index.js";
import type { CameraElement } from "./camera.js";
import type { DeskElement } from "./desk-element.js";
import type { DocumentsElement } from "./documents-element.js";
import type { DropElement } from "./drop-zone.js";
import type { EditorElement } from "./editor.js";
import type { GalleryElement } from "./gallery.js";
import type { NoticesElement } from "./notices-element.js";
import type { PausePanelElement } from "./pause-panel.js";
import type { ScanChoices } from "./recollection.js";
import type { SaveElement } from "./save.js";
import type { ScanButtonElement } from "./scan-button.js";
import type { ScanPresetsElement } from "./scan-presets.js";
import type { RunState } from "./scan-run.js";
import type { ScanSettingsElement } from "./scan-settings.js";
import type { StatusElement } from "./status-element.js";
import type { ToolElement } from "./tool.js";
import type { ToolsElement } from "./tools.js";

/** What all have but the desk. */
type Shared = "desk" | "language";

// Their base is Lit's, whose types an author need not have installed.
type Html<Element> = HTMLElement & Element;

/** The elements by their tags. */
export interface ElementTags {
  "flatbed-camera": Html<CameraElement>;
  "flatbed-desk": Html<DeskElement>;
  "flatbed-documents": Html<DocumentsElement>;
  "flatbed-drop": Html<DropElement>;
  "flatbed-editor": Html<EditorElement>;
  "flatbed-gallery": Html<GalleryElement>;
  "flatbed-notices": Html<NoticesElement>;
  "flatbed-pause": Html<PausePanelElement>;
  "flatbed-save": Html<SaveElement>;
  "flatbed-scan-button": Html<ScanButtonElement>;
  "flatbed-scan-presets": Html<ScanPresetsElement>;
  "flatbed-scan-settings": Html<ScanSettingsElement>;
  "flatbed-status": Html<StatusElement>;
  "flatbed-tool": Html<ToolElement>;
  "flatbed-tools": Html<ToolsElement>;
}

/** What a page sets on each, as a framework's templates need it. */
export interface ElementProperties {
  "flatbed-camera": Pick<CameraElement, Shared | "dpi">;
  "flatbed-desk": Pick<DeskElement, "addons" | "desk" | "document" | "name" | "ports">;
  "flatbed-documents": Pick<DocumentsElement, Shared>;
  "flatbed-drop": Pick<DropElement, Shared | "place">;
  "flatbed-editor": Pick<EditorElement, Shared | "tools" | "unit">;
  "flatbed-gallery": Pick<GalleryElement, Shared | "size">;
  "flatbed-notices": Pick<NoticesElement, Shared>;
  "flatbed-pause": Pick<PausePanelElement, Shared>;
  "flatbed-save": Pick<SaveElement, Shared | "type">;
  "flatbed-scan-button": Pick<
    ScanButtonElement,
    Shared | "color" | "dpi" | "pageSize" | "scanner" | "source"
  >;
  "flatbed-scan-presets": Pick<ScanPresetsElement, Shared>;
  "flatbed-scan-settings": Pick<ScanSettingsElement, Shared>;
  "flatbed-status": Pick<StatusElement, Shared | "whenNeeded">;
  "flatbed-tool": Pick<ToolElement, Shared | "tool">;
  "flatbed-tools": Pick<ToolsElement, Shared | "addons">;
}

/** How far a scan is, as `flatbed-scan-start` and `flatbed-scan-end` tell it. */
export interface ScanDetail {
  readonly job: Job;
  readonly state: RunState;
  /** The pages that are safe, in their order. */
  readonly pages: readonly Page[];
}

/** The events by their types; all of them bubble. */
export interface ElementEvents {
  "flatbed-camera-used": CustomEvent<{ readonly blob: Blob }>;
  "flatbed-choose": CustomEvent<{
    readonly uids: readonly string[];
    readonly current: string | undefined;
  }>;
  "flatbed-document-opened": CustomEvent<string | undefined>;
  "flatbed-files-added": CustomEvent<{ readonly pages: number }>;
  "flatbed-finish": CustomEvent<{ readonly job: Job }>;
  "flatbed-open-page": CustomEvent<{ readonly uid: string }>;
  "flatbed-page": CustomEvent<{ readonly job: Job; readonly page: Page; readonly number: number }>;
  "flatbed-page-edited": CustomEvent<{ readonly page: Page; readonly op: string }>;
  "flatbed-resume": CustomEvent<{ readonly job: Job }>;
  "flatbed-save": CustomEvent<File>;
  "flatbed-scan-end": CustomEvent<ScanDetail>;
  "flatbed-scan-pause": CustomEvent<ScanDetail & { readonly fault: FlatbedError | undefined }>;
  "flatbed-scan-start": CustomEvent<ScanDetail>;
  "flatbed-settings-change": CustomEvent<ScanChoices>;
  "flatbed-state": CustomEvent<StateName>;
  "flatbed-tool-result": CustomEvent<{
    readonly addon: string;
    readonly tool: string;
    readonly result: unknown;
  }>;
}

declare global {
  interface HTMLElementTagNameMap extends ElementTags {}
  interface HTMLElementEventMap extends ElementEvents {}
}
