/** One attempt to get in: find the service, see that it fits, and be let in by the person. */
import { throwIfAborted } from "./aborting.js";
import type { Connection } from "./connection.js";
import type { Environment } from "./environment.js";
import { FlatbedError } from "./errors.js";
import { find, type Finding, type Hello } from "./finder.js";
import { HttpConnection } from "./http.js";
import { installerFor, type Installers } from "./installers.js";
import type { Memory } from "./memory.js";
import { requestGrant, waitForDecision, type ConsentWindow } from "./pairing.js";
import type { Situation } from "./states.js";
import type { Values } from "./texts.js";

/** Where an attempt stands. */
export interface Standing {
  readonly situation: Situation;
  readonly values?: Values;
  /** The service's own sentence, in place of the situation's. */
  readonly sentence?: string;
  readonly href?: string | undefined;
  /** Why it is so, if the service said it. */
  readonly error?: unknown;
  /** There once the situation is `ready`. */
  readonly connection?: Connection;
}

/** What the page wants of the service. */
export interface Wishes {
  readonly addons?: readonly string[] | undefined;
  readonly name?: string | undefined;
  readonly subject?: string | undefined;
  readonly ports: readonly number[];
  readonly installers: Installers;
}

/** How one attempt is made. */
export interface AttemptOptions {
  /** Whether nothing may be asked of the person, by the browser neither. */
  readonly isSilent: boolean;
  /** From a click that may ask for a grant. */
  readonly window?: ConsentWindow | undefined;
  /** The connection that there is. */
  readonly current?: Connection | undefined;
  readonly signal: AbortSignal;
  /** Told where the attempt stands while it waits. */
  readonly tell: (standing: Standing) => void;
}

/** The first contract that has everything that this client calls. */
export const OLDEST_CONTRACT = "20261121";
/** The last major version of the service that this client was written for. */
export const NEWEST_MAJOR = 1;

const FORBIDDEN = 403;

const SITUATIONS: Readonly<Record<Exclude<Finding["kind"], "own" | "nothing">, Situation>> = {
  foreign: "foreign",
  denied: "denied",
  framed: "framed",
  insecure: "insecure",
  unasked: "connect",
  dismissed: "dismissed",
};

/** The way in, for one page. */
export class Entrance {
  constructor(
    private readonly environment: Environment,
    private readonly memory: Memory,
    private readonly wishes: Wishes,
    /** Told whenever the service may have gone, or let this page in no longer. */
    private readonly onDoubt: () => void,
  ) {}

  /**
   * Goes as far as it can.
   *
   * @throws DOMException `AbortError` by the signal.
   */
  async attempt(options: AttemptOptions): Promise<Standing> {
    const finding = await this.#find(options);
    if (finding.kind === "nothing") return this.#missing();
    if (finding.kind !== "own") return { situation: SITUATIONS[finding.kind] };
    const { baseUrl, hello, isOpen } = finding;
    this.memory.add({ url: baseUrl, isOpen });
    const unfit = this.#checkVersion(hello);
    if (unfit !== undefined) return unfit;
    try {
      return (await this.#ask(baseUrl, options)) ?? (await this.#enter(baseUrl, options));
    } catch (error) {
      return this.#explain(error);
    }
  }

  #find({ isSilent, signal, tell }: AttemptOptions): Promise<Finding> {
    const { url: lastUrl, isOpen: wasOpen } = this.memory.read();
    const onAsking = () => {
      tell({ situation: "asking" });
    };
    const { ports } = this.wishes;
    return find(this.environment, { ports, isSilent, lastUrl, wasOpen, onAsking, signal });
  }

  #missing(): Standing {
    if (this.memory.read().url !== undefined) return { situation: "stopped" };
    const href = this.#installer;
    return { situation: href === undefined ? "nowhere" : "missing", href };
  }

  /** A service that answered at first and then refused what every page may ask. */
  #explain(error: unknown): Standing {
    if (!(error instanceof FlatbedError)) throw error;
    const { code, message } = error;
    if (code === "unreachable") return this.#missing();
    if (code !== "addon_unfit") return { situation: "consent", sentence: message, error };
    return { situation: "unfit", sentence: wayOut(error), href: this.#installer, error };
  }

  get #installer(): string | undefined {
    return installerFor(this.environment.navigator, this.wishes.installers);
  }

  #checkVersion({ contract, version }: Hello): Standing | undefined {
    const values = { version };
    const href = this.#installer;
    if (contract < OLDEST_CONTRACT) return { situation: "tooOld", values, href };
    if (Number.parseInt(version) > NEWEST_MAJOR) return { situation: "tooNew", values };
    return undefined;
  }

  /** Gets the person's grant if it is not there yet; undefined once it is. */
  async #ask(baseUrl: string, options: AttemptOptions): Promise<Standing | undefined> {
    if (await this.#isGranted(baseUrl, options.signal)) return undefined;
    this.memory.add({ isGranted: false });
    if (options.window === undefined) return { situation: "consent" };
    const connection = this.#open(baseUrl);
    const { addons, name } = this.wishes;
    const grant = await requestGrant(connection, { addons, name }, options.signal);
    if (grant === "granted") return undefined;
    if (grant === "blocked") return refused(baseUrl);
    options.window.show(grant.url);
    options.tell({ situation: "waiting", values: { code: grant.code }, href: grant.url });
    const decision = await waitForDecision(connection, grant.id, options.signal);
    if (decision === "blocked") return refused(baseUrl);
    return decision === "granted" ? undefined : { situation: "expired" };
  }

  /** A page that is not let in cannot read the refusal: to it that looks like no answer. */
  async #isGranted(baseUrl: string, signal: AbortSignal): Promise<boolean> {
    const init: RequestInit = { signal, credentials: "omit", cache: "no-store" };
    try {
      return (await this.environment.fetch(`${baseUrl}/api/server/version`, init)).ok;
    } catch {
      throwIfAborted(signal);
      return false;
    }
  }

  async #enter(baseUrl: string, { current, signal }: AttemptOptions): Promise<Standing> {
    const isSame = current?.baseUrl === baseUrl;
    const connection = isSame ? current : this.#open(baseUrl, this.wishes.addons);
    try {
      // The first request in begins the session, which says whether the add-ons are there.
      if (!isSame && this.wishes.addons?.length) {
        await connection.send("GET", "/api/server/version", undefined, { signal });
      }
    } catch (error) {
      connection.close();
      throw error;
    }
    this.memory.add({ isGranted: true });
    return { situation: "ready", connection };
  }

  #open(baseUrl: string, addons?: readonly string[]): Connection {
    const { subject } = this.wishes;
    const watched: typeof fetch = async (input, init) => {
      try {
        const answer = await this.environment.fetch(input, init);
        if (answer.status === FORBIDDEN) this.onDoubt();
        return answer;
      } catch (error) {
        if (init?.signal?.aborted !== true) this.onDoubt();
        throw error;
      }
    };
    return new HttpConnection({ baseUrl, addons, subject, fetch: watched });
  }
}

function refused(baseUrl: string): Standing {
  return { situation: "refused", href: `${baseUrl}/status` };
}

/** How to get the first add-on that is missing, in the service's words. */
function wayOut({ message, details }: FlatbedError): string {
  const { missing } = details as { missing?: readonly { readonly how?: string }[] };
  return missing?.[0]?.how ?? message;
}
