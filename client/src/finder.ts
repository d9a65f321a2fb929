/** Looking for the service of the person in front of the page. */
import { delay, orAbort, throwIfAborted } from "./aborting.js";
import type { components } from "./api-types.js";
import type { Environment, PermissionFacts } from "./environment.js";

/** What a service tells everybody. */
export type Hello = components["schemas"]["Hello"];

/** What came of looking. */
export type Finding =
  | {
      readonly kind: "own";
      /** Such as `http://127.0.0.1:18622`. */
      readonly baseUrl: string;
      readonly hello: Hello;
      /** Whether it was reached although no permission is recorded. */
      readonly isOpen: boolean;
    }
  /** `foreign`: another user's; `denied`, `framed`, `insecure`: the browser lets nothing through;
   * `unasked`: it would have to ask the person; `dismissed`: it did and got no answer. */
  | {
      readonly kind:
        "foreign" | "denied" | "framed" | "insecure" | "unasked" | "dismissed" | "nothing";
    };

/** How to look. */
export interface FindOptions {
  /** Http ports in order; that of https is one above. */
  readonly ports: readonly number[];
  /** Whether the browser must not be made to ask anything. */
  readonly isSilent: boolean;
  /** Where it was last time: looked at first. */
  readonly lastUrl?: string | undefined;
  /** Whether this page reached it before although no permission was recorded. */
  readonly wasOpen?: boolean | undefined;
  /** Called once if the browser seems to be asking the person. */
  readonly onAsking: () => void;
  readonly signal: AbortSignal;
}

/** The first group of ports and five more, each 100 above the one before. */
export const PORTS: readonly number[] = [0, 100, 200, 300, 400, 500].flatMap((step) => [
  18622 + step,
  18625 + step,
]);

/** Newest first: Chromium renamed it, and took the old one along. */
const PERMISSION_NAMES = ["loopback-network", "local-network-access"];
/** Far more than a service on the same machine needs, even one that has just been woken. */
const LIMIT_MS = 3000;
const TICK_MS = 250;
/** A refused port answers sooner but on Windows, where it takes two seconds. */
const STAGGER_MS = 300;
const ASKING_MS = 500;
/** A question that a person answers holds a request this much longer than a refusal lasts. */
const HELD_MS = 700;

/**
 * Looks for the service on its ports, in order, and stops at the one that is this person's.
 *
 * @throws DOMException `AbortError` by the signal.
 */
export async function find(environment: Environment, options: FindOptions): Promise<Finding> {
  const permission = await queryPermission(environment);
  throwIfAborted(options.signal);
  const gate = new Gate(environment, permission);
  if (gate.isShut) return gate.shutFinding();
  if (options.isSilent && gate.wouldAsk && options.wasOpen !== true) return { kind: "unasked" };
  const finding = await new Search(environment, gate, options).run();
  if (finding.kind !== "own") return finding;
  // Asked anew: what was held may not have heard of the person's answer yet.
  const now = await queryPermission(environment);
  return { ...finding, isOpen: now?.state !== "granted" };
}

/** The permission by the first name that the browser knows; none is no answer at all. */
async function queryPermission(environment: Environment): Promise<PermissionFacts | undefined> {
  for (const name of PERMISSION_NAMES) {
    try {
      return await environment.navigator.permissions?.query({ name: name as PermissionName });
    } catch {
      // A TypeError: the browser does not know the name.
    }
  }
  return undefined;
}

/** What stands between the page and the ports: the browser's own rules. */
class Gate {
  constructor(
    private readonly environment: Environment,
    private readonly permission: PermissionFacts | undefined,
  ) {}

  /** `none` where the browser has no such permission, or holds none for pages without https. */
  get state(): PermissionState | "none" {
    return this.environment.isSecureContext ? (this.permission?.state ?? "none") : "none";
  }

  /** A page of this machine itself never is, whatever is said of the permission. */
  get isGated(): boolean {
    return this.environment.isSecureContext && !this.isOfThisMachine;
  }

  /** Whether looking is in vain. */
  get isShut(): boolean {
    return this.state === "denied" && this.isGated;
  }

  /** Whether a request could make the browser ask. Firefox asks, and may know neither name. */
  get wouldAsk(): boolean {
    if (!this.isGated) return false;
    return this.state === "prompt" || (this.state === "none" && this.asksUnnamed);
  }

  /** Where plain http may be refused for what it is; no answer about it means to try https too. */
  get schemes(): readonly string[] {
    const needsHttps = this.state === "none" && this.environment.location?.protocol === "https:";
    return needsHttps ? ["http", "https"] : ["http"];
  }

  shutFinding(): Finding {
    return { kind: this.environment.isFramed ? "framed" : "denied" };
  }

  /** What it means that no service of this person's answered. */
  emptyFinding(wasForeign: boolean, wasHeld: boolean): Finding {
    if (this.isShut) return this.shutFinding();
    if (wasForeign) return { kind: "foreign" };
    if (wasHeld && this.wouldAsk) {
      return { kind: this.state === "prompt" ? "dismissed" : "denied" };
    }
    const isInsecure = !this.environment.isSecureContext && this.isPublic;
    return { kind: isInsecure ? "insecure" : "nothing" };
  }

  private get asksUnnamed(): boolean {
    const { isSecureContext, navigator } = this.environment;
    return isSecureContext && navigator.userAgent.includes("Firefox/");
  }

  private get isOfThisMachine(): boolean {
    const host = this.environment.location?.hostname ?? "localhost";
    return /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);
  }

  /** Pages of the machine's own network get through without https. */
  private get isPublic(): boolean {
    const host = this.environment.location?.hostname ?? "localhost";
    if (this.isOfThisMachine || !host.includes(".") || host.endsWith(".local")) return false;
    return !/^(10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\.[\d.]+$/.test(host);
  }
}

/** One request for a hello, and how long it has been out. */
interface Probe {
  readonly abort: AbortController;
  openMs: number;
  countedMs: number;
}

/** One look at all ports. */
class Search {
  readonly #pending = new Set<Probe>();
  readonly #refusedMs: number[] = [];
  #hasEnded = false;
  #found: ((finding: Finding) => void) | undefined;
  #settled = 0;
  #wasForeign = false;
  #hasAsked = false;

  constructor(
    private readonly environment: Environment,
    private readonly gate: Gate,
    private readonly options: FindOptions,
  ) {}

  async run(): Promise<Finding> {
    const found = new Promise<Finding>((resolve) => (this.#found = resolve));
    const clock = setInterval(() => {
      this.#tick();
    }, TICK_MS);
    try {
      return await orAbort(Promise.race([found, this.#askAll()]), this.options.signal);
    } finally {
      clearInterval(clock);
      this.#hasEnded = true;
      for (const probe of this.#pending) probe.abort.abort();
    }
  }

  async #askAll(): Promise<Finding> {
    const asked: Promise<void>[] = [];
    for (const url of this.#urls()) {
      if (this.#hasEnded) break;
      const asking = this.#ask(url);
      asked.push(asking);
      // A port that answers at once costs nothing; one that does not must not hold up the next.
      await Promise.race([asking, delay(STAGGER_MS)]);
    }
    await Promise.all(asked);
    return this.gate.emptyFinding(this.#wasForeign, this.#wasHeld);
  }

  #urls(): Set<string> {
    const { lastUrl, ports } = this.options;
    const urls = this.gate.schemes.flatMap((scheme) =>
      ports.map((port) => `${scheme}://127.0.0.1:${port + (scheme === "https" ? 1 : 0)}`),
    );
    return new Set(lastUrl !== undefined && urls.includes(lastUrl) ? [lastUrl, ...urls] : urls);
  }

  async #ask(baseUrl: string): Promise<void> {
    const probe: Probe = { abort: new AbortController(), openMs: 0, countedMs: 0 };
    this.#pending.add(probe);
    try {
      const { signal } = probe.abort;
      const url = `${baseUrl}/api/hello`;
      const init: RequestInit = { signal, credentials: "omit", redirect: "error" };
      const answer = await this.environment.fetch(url, init);
      this.#take(baseUrl, await answer.json());
    } catch {
      // Refused, not a service of ours, not to be read, or too slow: not here, whichever it is.
      if (!probe.abort.signal.aborted) this.#refusedMs.push(probe.openMs);
    } finally {
      this.#pending.delete(probe);
      this.#settled += 1;
    }
  }

  #take(baseUrl: string, hello: unknown): void {
    if (!isHello(hello)) return;
    if (!hello.yours) {
      this.#wasForeign = true;
      return;
    }
    this.#hasEnded = true;
    this.#found?.({ kind: "own", baseUrl, hello, isOpen: false });
  }

  #tick(): void {
    const counts = this.#timeCounts;
    for (const probe of this.#pending) {
      probe.openMs += TICK_MS;
      if (counts) probe.countedMs += TICK_MS;
      if (probe.countedMs >= LIMIT_MS) probe.abort.abort();
      if (!counts && probe.openMs >= ASKING_MS) this.#tellAsking();
    }
  }

  #tellAsking(): void {
    if (this.#hasAsked) return;
    this.#hasAsked = true;
    this.options.onAsking();
  }

  /** While the browser may be asking the person, waiting says nothing about the service. */
  get #timeCounts(): boolean {
    if (!this.gate.isGated) return true;
    const { state } = this.gate;
    return state === "none" ? this.#settled > 0 : state !== "prompt";
  }

  /** Whether some port was refused much later than another: only a person takes so long. */
  get #wasHeld(): boolean {
    const refused = this.#refusedMs;
    const usual = refused.length > 1 ? Math.min(...refused) : 0;
    return Math.max(...refused) - usual >= HELD_MS;
  }
}

function isHello(value: unknown): value is Hello {
  if (typeof value !== "object" || value === null) return false;
  const { service, yours, version, contract } = value as Partial<Record<keyof Hello, unknown>>;
  const isText = typeof version === "string" && typeof contract === "string";
  return service === "flatbed" && typeof yours === "boolean" && isText;
}
