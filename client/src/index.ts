/** The client of Flatbed, the scan service of the person in front of a web page. */
export { Flatbed } from "./flatbed.js";
export type { FlatbedOptions, SignalOption } from "./options.js";
export type { FlatbedState, StateAction, StateName } from "./states.js";
export type { Texts } from "./texts.js";
export { INSTALLERS, RELEASE_PAGE, systemOf, type Installers, type System } from "./installers.js";
export type { MockOptions } from "./mock/options.js";
export type { Environment } from "./environment.js";

export { FlatbedError } from "./errors.js";
export type { Connection, RequestOptions, ServiceEvent } from "./connection.js";
export type { Capabilities, Range, Scanner, Scanners } from "./scanners.js";
export type { Color, PageOperation, PageSize, ScanOptions, Source } from "./scan-options.js";
export type { Job, JobState } from "./job.js";
export type { EndedEvent, JobEvents, PageEvent, PausedEvent, WarningEvent } from "./job-events.js";
export type { Jobs } from "./jobs.js";
export type { Box, Edits, Page, PageContentOptions, PageInfo, ThumbnailOptions } from "./pages.js";
export type { ContentOptions, Document, InsertOptions, LoadOptions } from "./document.js";
export type { DocumentEntry, Documents, OpenOptions } from "./documents.js";
export type { EachResult, Operations, Processing } from "./processing.js";
export type { ProcessJob, Progress } from "./process-job.js";
export type { Addons } from "./addons.js";
export type { components, paths } from "./api-types.js";
