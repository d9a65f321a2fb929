/** A browser made of its answers: permission, windows, storage, and who listens on which port. */
import type { Environment, NavigatorFacts, OpenedWindow } from "../../src/environment.js";
import type { Hello } from "../../src/finder.js";

/** What a port does to a request: nobody there, a service, held by the browser's question. */
export type PortAnswer = "refused" | "silent" | Hello | (() => Promise<Response>);

/** A hello; this person's, and of the present contract, unless said otherwise. */
export function hello(facts: Partial<Hello> = {}): Hello {
  return { service: "flatbed", version: "0.1.0", contract: "20261121", yours: true, ...facts };
}

export const CHROMIUM =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
export const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";

/** A window that was opened, and where it was led. */
export class FakeWindow implements OpenedWindow {
  closed = false;
  readonly document = { title: "", body: { textContent: null as string | null } };
  readonly location = {
    replace: (url: string) => {
      this.url = url;
    },
  };

  constructor(public url: string) {}

  close(): void {
    this.closed = true;
  }
}

/** An `Environment` whose parts a test sets; a public page with https to begin with. */
export class FakeBrowser implements Environment {
  /** By URL without a path, as `http://127.0.0.1:18622`; others are refused. */
  readonly ports = new Map<string, PortAnswer>();
  readonly asked: string[] = [];
  readonly windows: FakeWindow[] = [];
  /** What each of them was to look like. */
  readonly features: string[] = [];
  readonly queried: string[] = [];
  readonly stored = new Map<string, string>();
  isSecureContext = true;
  isFramed = false;
  blocksWindows = false;
  reloads = 0;
  /** Of the request that was begun last. */
  protected lastInit: RequestInit = {};
  userAgent = CHROMIUM;
  languages: readonly string[] = ["en"];
  location: Environment["location"] = {
    href: "https://scan.example/inbox",
    protocol: "https:",
    hostname: "scan.example",
  };
  place: Environment["place"];
  /** The one name that it knows, and how that stands; undefined: it knows none. */
  permission: { name: string; state: PermissionState } | undefined = {
    name: "loopback-network",
    state: "granted",
  };

  readonly storage = {
    getItem: (key: string) => this.stored.get(key) ?? null,
    setItem: (key: string, value: string) => {
      this.stored.set(key, value);
    },
  };

  get navigator(): NavigatorFacts {
    return {
      userAgent: this.userAgent,
      permissions: {
        query: ({ name }) => {
          this.queried.push(name);
          const { permission } = this;
          if (permission?.name === name) return Promise.resolve(permission);
          return Promise.reject(new TypeError(`'${name}' is not a valid value`));
        },
      },
    };
  }

  readonly fetch: typeof fetch = (input, init) => {
    const url = new URL(input as string);
    this.asked.push(url.href);
    this.lastInit = init ?? {};
    return this.answer(this.ports.get(url.origin) ?? "refused", url, init?.signal);
  };

  open(url: string, _target?: string, features = ""): OpenedWindow | null {
    this.features.push(features);
    if (this.blocksWindows) return null;
    const opened = new FakeWindow(url);
    this.windows.push(opened);
    return opened;
  }

  reload(): void {
    this.reloads += 1;
  }

  protected answer(how: PortAnswer, _: URL, signal?: AbortSignal | null): Promise<Response> {
    if (typeof how === "function") return how();
    if (typeof how === "object") return Promise.resolve(Response.json(how));
    if (how === "refused") return Promise.reject(new TypeError("Failed to fetch"));
    return new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => {
        reject(new DOMException("aborted", "AbortError"));
      });
    });
  }
}
