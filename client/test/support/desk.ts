/** A small real HTTP server that lets pages in as the service does, and a browser that reaches it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import type { Hello } from "../../src/finder.js";
import { FakeBrowser, hello, type PortAnswer } from "./browser.js";

/** What the service calls its own question to a person. */
export interface Pair {
  readonly id: string;
  readonly code: string;
  status: "waiting" | "granted" | "blocked" | "expired";
}

/** One request as it came in. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

const ID = "0123456789abcdef0123456789abcdef";
const CODE = "ABC-DEF";

/** The service's way in: hello, version, sessions, pairing. */
export class Desk {
  readonly asked: Asked[] = [];
  facts: Partial<Hello> = {};
  isGranted = false;
  isBlocked = false;
  /** The question that waits. */
  pair: Pair | undefined;
  /** What sessions are refused with. */
  unfit: object | undefined;
  /** What questions are refused with. */
  full: object | undefined;
  #waiting: (() => void)[] = [];
  #server: Server | undefined;
  port = 0;

  /** Where it is. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Begins to listen, on the same port as before if there was one. */
  async open(): Promise<void> {
    const server = createServer((request, answer) => void this.#take(request, answer));
    await new Promise<void>((resolve) => {
      server.listen(this.port, "127.0.0.1", resolve);
    });
    this.#server = server;
    this.port = server.address()?.port ?? 0;
  }

  /** Stops, in the middle of whatever it answers. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  /** The person decides. */
  decide(status: "granted" | "blocked" | "expired"): void {
    if (this.pair !== undefined) this.pair.status = status;
    this.isGranted = status === "granted";
    this.isBlocked = status === "blocked";
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Paths that were asked with that verb. */
  paths(method: string): string[] {
    return this.asked.filter((each) => each.method === method).map((each) => each.path);
  }

  async #take(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const parts: Uint8Array[] = [];
    for await (const part of request) parts.push(part);
    const text = parts.map((part) => new TextDecoder().decode(part)).join("");
    const [method, path] = [request.method ?? "", request.url ?? ""];
    this.asked.push({ method, path, body: text === "" ? undefined : JSON.parse(text) });
    const [status, body] = await this.#answer(`${method} ${path.split("?")[0] ?? ""}`);
    answer.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  }

  async #answer(request: string): Promise<[number, unknown]> {
    if (request === "GET /api/hello") return [200, hello(this.facts)];
    if (request === "POST /api/pair") return this.#ask();
    if (request === `GET /api/pair/${ID}`) return this.#wait();
    if (!this.isGranted) return refusal(403, "origin_blocked", "This page may not call.");
    if (request === "POST /api/sessions") {
      if (this.unfit !== undefined) return [409, this.unfit];
      return [201, { sessionuid: "5e55", addons: {} }];
    }
    if (request === "GET /api/device/scanners") return [200, [{ name: "Office" }]];
    return [200, { version: "20261121", compatible: true, moduleVersions: {} }];
  }

  #ask(): [number, unknown] {
    if (this.full !== undefined) return [429, this.full];
    if (this.isBlocked) return refusal(403, "origin_blocked", "This page was blocked here.");
    if (this.isGranted) return [200, { status: "granted" }];
    const isNew = this.pair?.status !== "waiting";
    if (isNew) this.pair = { id: ID, code: CODE, status: "waiting" };
    const facts = { url: `${this.url}/consent/${ID}`, expiresAt: "2026-11-21T16:00:00+00:00" };
    return [isNew ? 201 : 200, { ...this.pair, ...facts }];
  }

  async #wait(): Promise<[number, unknown]> {
    const { pair } = this;
    if (pair === undefined) return refusal(404, "not_found", "There is no such question.");
    if (pair.status === "waiting") {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return [200, { ...pair, origin: "https://scan.example", addons: [] }];
  }
}

function refusal(statusCode: number, error: string, message: string): [number, unknown] {
  return [statusCode, { code: -2137, message, statusCode, error, cause: null, details: null }];
}

/** A browser that reaches a desk; a page that is not let in cannot read why, as in a real one. */
export class DeskBrowser extends FakeBrowser {
  constructor(private readonly desk: Desk) {
    super();
  }

  protected override async answer(
    how: PortAnswer,
    url: URL,
    signal?: AbortSignal | null,
  ): Promise<Response> {
    if (url.origin !== this.desk.url) return super.answer(how, url, signal);
    const answer = await fetch(url, { ...this.lastInit, signal: signal ?? null });
    const isOpen = /^\/api\/(hello|pair)/.test(url.pathname);
    if (answer.status === 403 && !isOpen) throw new TypeError("Failed to fetch");
    return answer;
  }
}
