/** The little of Node that tests need: the client itself is for browsers and has no types of it. */

declare module "node:child_process" {
  export interface ChildProcess {
    readonly exitCode: number | null;
    readonly signalCode: string | null;
    readonly stdout: AsyncIterable<Uint8Array>;
    kill(signal: "SIGTERM" | "SIGKILL"): boolean;
    once(event: "exit", listener: () => void): void;
  }
  export function spawn(
    command: string,
    args: readonly string[],
    options: {
      readonly env: Readonly<Record<string, string | undefined>>;
      readonly stdio: readonly ["ignore", "pipe", "inherit"];
    },
  ): ChildProcess;
}

declare module "node:fs/promises" {
  export function mkdir(path: string, options: { readonly recursive: true }): Promise<unknown>;
  export function mkdtemp(prefix: string): Promise<string>;
  export function rm(
    path: string,
    options: { readonly recursive: true; readonly force: true },
  ): Promise<void>;
  export function writeFile(path: string, text: string): Promise<void>;
}

declare module "node:process" {
  export const env: Readonly<Record<string, string | undefined>>;
}
