/** What the service answers to its own pages, as far as they look at it. */

export interface Fault {
  readonly error: string;
  readonly code: number;
  readonly message: string;
}

export interface WantedAddon {
  readonly name: string;
  readonly description?: string;
  readonly state: "ready" | "disabled" | "unfit" | "missing";
}

export interface Pairing {
  readonly id: string;
  readonly status: "waiting" | "granted" | "blocked" | "expired";
  readonly code: string;
  readonly origin: string;
  readonly name?: string;
  readonly addons: readonly WantedAddon[];
  readonly expiresAt: string;
  readonly kept?: "once" | "always";
}

export type Decision = "once" | "always" | "block";

export interface Scanner {
  readonly name: string;
  readonly type: number;
  readonly device: string;
}

export type JobState = "pending" | "running" | "paused" | "completed" | "faulted" | "canceled";

export interface ListedJob {
  readonly jobuid: string;
  readonly status: JobState;
  readonly scanner: string;
  readonly origin: string;
  readonly pages: number;
  readonly error: Fault | null;
  readonly waiting: Fault | null;
  readonly isRecovered: boolean;
  readonly createdAt: string | null;
  readonly finishedAt: string | null;
}

export interface ServiceStatus {
  readonly version: string;
  readonly contract: string;
  readonly startedAt: string | null;
  readonly uptimeS: number;
  readonly dataFolder: string;
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number };
  readonly buffer: { readonly pages: number; readonly bytes: number };
  readonly ports: { readonly main: number; readonly status: number };
  readonly grants: number;
  readonly jobs: readonly ListedJob[];
}

export interface Recovered {
  readonly uid: string;
  readonly kind: "job" | "document";
  readonly job: {
    readonly jobuid: string;
    readonly pages: number;
    readonly startedAt: string | null;
  };
}

export interface Origin {
  readonly origin: string;
  readonly state: "once" | "always" | "blocked" | "configured";
  readonly name?: string;
  readonly since?: string;
  readonly lastUsed?: string;
}

export type AddonState = "idle" | "running" | "resting" | "disabled" | "broken";

export interface AddonVersion {
  readonly version: string;
  readonly state: AddonState;
  readonly where: "core" | "environment" | "installed";
  readonly operations: readonly string[];
  readonly edits: readonly string[];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly lastError: Fault | null;
}

export interface Addon {
  readonly name: string;
  readonly description: string;
  readonly versions: readonly AddonVersion[];
}

export type LogLevel = 0 | 1 | 30;

export interface StorageReport {
  readonly isComplete: boolean;
  readonly indexFault: string | null;
  readonly pages: number;
  readonly damaged: readonly unknown[];
}

export interface ServiceEvent {
  readonly seq: number;
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}
