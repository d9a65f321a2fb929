/** The page as text for a support mail, in English: no scanned pages, no names of files. */

import type { Addon, LogLevel, Origin, Scanner, ServiceStatus } from "../shared/wire";

/** What the page knows at the moment. */
export interface Snapshot {
  readonly status: ServiceStatus;
  readonly scanners: readonly Scanner[];
  readonly addons: readonly Addon[];
  readonly origins: readonly Origin[];
  readonly logLevel: LogLevel | undefined;
  readonly browser: string;
  /** ISO. */
  readonly at: string;
}

/** Writes it: a line for each fact, a list for each kind of thing. */
export function writeReport(known: Snapshot): string {
  return [
    `Flatbed report of ${known.at}`,
    ...aboutService(known),
    ...list(
      "Scanners",
      known.scanners.map((each) => `${each.name} (type ${each.type})`),
    ),
    ...list("Add-ons", known.addons.flatMap(addonLines)),
    ...list("Web pages that may scan", originLines(known.origins)),
    ...list("Newest jobs", known.status.jobs.map(jobLine)),
    "",
  ].join("\n");
}

function aboutService({ status, logLevel, browser }: Snapshot): string[] {
  const { disk, buffer, ports } = status;
  return [
    `Version: ${status.version}, contract ${status.contract}`,
    `Running since: ${status.startedAt ?? "unknown"} (${status.uptimeS} s)`,
    `Ports: ${ports.main}, ${ports.status}`,
    `Disk: ${inMegabytes(disk.freeBytes)} MB free of ${inMegabytes(disk.totalBytes)} MB`,
    `Buffer: ${buffer.pages} pages, ${inMegabytes(buffer.bytes)} MB`,
    `Log level: ${logLevel ?? "unknown"}`,
    `Browser: ${browser}`,
  ];
}

function list(title: string, lines: readonly string[]): string[] {
  return ["", `${title}:`, ...(lines.length === 0 ? ["- none"] : lines.map((each) => `- ${each}`))];
}

function addonLines(addon: Addon): string[] {
  return addon.versions.map((each) => {
    const fault = each.lastError === null ? "" : `, last error ${each.lastError.error}`;
    return `${addon.name} ${each.version}: ${each.state}${fault}`;
  });
}

/** How many of each kind: which pages a person uses is nobody's business. */
function originLines(origins: readonly Origin[]): string[] {
  const states = ["once", "always", "blocked", "configured"] as const;
  return states
    .map((state) => [state, origins.filter((each) => each.state === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${state}: ${count}`);
}

function jobLine(job: ServiceStatus["jobs"][number]): string {
  const fault = job.error === null ? "" : `, ${job.error.error} (${job.error.code})`;
  return `${job.createdAt ?? "unknown"}: ${job.status}, ${job.pages} pages, ${job.scanner}${fault}`;
}

function inMegabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
