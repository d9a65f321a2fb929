/** A real service over a folder of its own, with virtual scanners. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { env } from "node:process";

import { HttpConnection, type HttpOptions } from "../../src/http.js";

/** The web origin that the tests are a page of. */
export const ORIGIN = "https://scan.example";

/** How long anything may take on a busy machine before it counts as not happening. */
export const LIMIT_MS = 60_000;

const PROGRAM = new URL("../../../.venv/bin/flatbed", import.meta.url).pathname;
const READY = /Flatbed is ready at (\S+)/;

const SETTINGS: Readonly<Record<string, string>> = {
  PORT: "0",
  STATUS_PORT: "0",
  LOG_LEVEL: "error",
  ALLOWED_ORIGINS: ORIGIN,
  // Machines that test are small.
  DISK_START_MIN_MB: "0",
  DISK_START_PERCENT: "0",
  DISK_SHEET_MIN_MB: "0",
  BREAKER_CRASHES: "1000",
  ADDONS__VIRTUAL__ENABLED: "true",
  ADDONS__VIRTUAL__SHEETS: "4",
  ADDONS__VIRTUAL__PAPER_MM: "[60, 80]",
};

/** A service process that can be killed and started again on the same port. */
export class TestService {
  url = "";
  readonly #folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #connections: HttpConnection[] = [];
  #process: ChildProcess | undefined;

  private constructor(folder: string, settings: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#settings = { ...SETTINGS, ...settings };
  }

  /** Starts one; settings by their names in capitals, as after `FLATBED_`. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<TestService> {
    const folder = await mkdtemp("/tmp/flatbed-client-");
    // No driver of a real scanner gets in.
    await mkdir(`${folder}/sane.d`, { recursive: true });
    await writeFile(`${folder}/sane.d/dll.conf`, "");
    const service = new TestService(folder, settings);
    try {
      await service.#spawn("0");
    } catch (error) {
      await service.stop();
      throw error;
    }
    return service;
  }

  /** Ends the main process at once; what scans goes on. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Starts it over the same data, on the same port. */
  async startAgain(): Promise<void> {
    await this.#spawn(new URL(this.url).port);
  }

  /** Ends it, lets go of its connections and removes its data. */
  async stop(): Promise<void> {
    this.#connections.forEach((each) => {
      each.close();
    });
    await this.#end("SIGTERM");
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** A page's connection, as its browser makes it. */
  connect(options: Partial<HttpOptions> = {}): HttpConnection {
    const connection = new HttpConnection({
      baseUrl: this.url,
      fetch: fetchFromPage,
      openSocket: openSocketFromPage,
      ...options,
    });
    this.#connections.push(connection);
    return connection;
  }

  async #spawn(port: string): Promise<void> {
    const own = { ...this.#settings, PORT: port, DATA_DIR: `${this.#folder}/data` };
    const named = Object.entries(own).map(([name, value]) => [`FLATBED_${name}`, value]);
    this.#process = spawn(PROGRAM, ["run"], {
      env: {
        ...env,
        SANE_CONFIG_DIR: `${this.#folder}/sane.d`,
        XDG_CONFIG_HOME: `${this.#folder}/config`,
        ...(Object.fromEntries(named) as Record<string, string>),
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.url = await readUrl(this.#process);
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const process = this.#process;
    if (process?.exitCode === null && process.signalCode === null) {
      const ended = new Promise<void>((resolve) => {
        process.once("exit", resolve);
      });
      process.kill(signal);
      await ended;
    }
  }
}

/** `fetch` as a browser sends it for a page; Node's own says no origin. */
export function fetchFromPage(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const headers = new Headers(init?.headers);
  headers.set("Origin", ORIGIN);
  return fetch(input, { ...init, headers });
}

/** A WebSocket as a browser opens it for a page. */
export function openSocketFromPage(url: string): WebSocket {
  type NodeSocket = new (place: string, options: { headers: Record<string, string> }) => WebSocket;
  return new (WebSocket as unknown as NodeSocket)(url, { headers: { Origin: ORIGIN } });
}

async function readUrl(process: ChildProcess): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  // Read to its end: a pipe that nobody empties would hold the service up.
  const output = process.stdout[Symbol.asyncIterator]();
  for (;;) {
    const result = await output.next();
    if (result.done === true) {
      throw new Error(`The service did not start: ${text}`);
    }
    text += decoder.decode(result.value, { stream: true });
    const url = READY.exec(text)?.[1];
    if (url !== undefined) {
      void drain(output);
      return url;
    }
  }
}

async function drain(output: AsyncIterator<Uint8Array>): Promise<void> {
  while ((await output.next()).done !== true);
}
