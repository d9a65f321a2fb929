/** The one class that a page's author begins with. */
import { abortError, onAbort, orAbort, throwIfAborted } from "./aborting.js";
import type { Connection, ServiceEvent } from "./connection.js";
import { Addons } from "./addons.js";
import { Display } from "./display.js";
import { Documents } from "./documents.js";
import { Entrance, type Standing } from "./entrance.js";
import { asksInFrontOnly, ownEnvironment, type Environment } from "./environment.js";
import { errorOfAnswer, FlatbedError } from "./errors.js";
import { PORTS } from "./finder.js";
import { INSTALLERS } from "./installers.js";
import { Jobs } from "./jobs.js";
import { Lookout } from "./lookout.js";
import { Memory } from "./memory.js";
import type { MockOptions } from "./mock/options.js";
import type { FlatbedOptions, SignalOption } from "./options.js";
import { ConsentWindow } from "./pairing.js";
import { Processing } from "./processing.js";
import { Scanners } from "./scanners.js";
import { CODES, type ActionKind, type FlatbedState } from "./states.js";

interface AttemptKind extends SignalOption {
  readonly isSilent: boolean;
  /** Whether what is shown stays until there is something new. */
  readonly isQuiet?: boolean;
  readonly window?: ConsentWindow | undefined;
}

interface Attempt {
  readonly abort: AbortController;
  readonly done: Promise<Standing | undefined>;
}

/**
 * The scanners of the person in front of the page.
 *
 * Making one does nothing yet. `reconnect` connects where nobody has to be asked, `request` asks,
 * from a click. The event `statechange` tells that `state` is another.
 */
export class Flatbed extends EventTarget {
  readonly scanners: Scanners;
  readonly documents: Documents;
  readonly jobs: Jobs;
  readonly processing: Processing;
  readonly addons: Addons;

  readonly #options: FlatbedOptions;
  readonly #display: Display;
  readonly #lookout = new Lookout((isSilent, signal) => this.#look(isSilent, signal));
  #isClosed = false;
  #environment: Environment | undefined;
  #entrance: Entrance | undefined;
  #connection: Connection | undefined;
  #attempt: Attempt | undefined;

  /**
   * @param options - About the page.
   * @param environment - In place of the browser, for tests and other programs.
   */
  constructor(options: FlatbedOptions = {}, environment?: Environment) {
    super();
    this.#options = options;
    this.#environment = environment;
    this.#display = new Display(
      options,
      () => this.#ownEnvironment,
      (kind, href, signal) => this.#act(kind, href, signal),
    );
    const connect = () => this.#connect();
    this.scanners = new Scanners(connect);
    this.documents = new Documents(connect);
    this.jobs = new Jobs(connect);
    this.processing = new Processing(connect);
    this.addons = new Addons(connect);
  }

  /** How far the page has come, with a sentence and, where something can be done, an action. */
  get state(): FlatbedState {
    return this.#display.state;
  }

  /**
   * Connects if that can be done without asking the person anything; to be called at any time.
   *
   * @returns The state it has come to.
   * @throws DOMException `AbortError` by the signal.
   */
  async reconnect({ signal }: SignalOption = {}): Promise<FlatbedState> {
    const isNeeded = !this.#isReady && this.#attempt === undefined;
    if (isNeeded) await this.#try({ isSilent: true, signal });
    // A click goes on with what was begun here, or was there first.
    if (this.#attempt !== undefined) await orAbort(this.#attempt.done, signal);
    return this.state;
  }

  /**
   * Connects, and asks the person for whatever that needs. Only to be called from a click, with
   * nothing awaited before: browsers let windows be opened there alone.
   *
   * @throws FlatbedError if it came to another state than `ready`, with its sentence; `DOMException`
   * `AbortError` by the signal.
   */
  async request({ signal }: SignalOption = {}): Promise<void> {
    throwIfAborted(signal);
    this.#throwIfClosed();
    if (this.#isReady) return;
    const window = new ConsentWindow(this.#ownEnvironment, this.#display.text("consentWindow"));
    if (this.#mayNeedConsent) window.open();
    const standing = await this.#try({ isSilent: false, window, signal });
    if (standing === undefined) throw abortError();
    if (standing.situation !== "ready") throw this.#refusal();
  }

  /**
   * Looks for the service every 2 s, for at most 10 minutes, and connects once it is there; to be
   * called from a click, as on a link to an installer. The `state`'s own action does it too.
   *
   * @returns The state it has come to.
   * @throws DOMException `AbortError` by the signal.
   */
  async watch({ signal }: SignalOption = {}): Promise<FlatbedState> {
    await this.#lookout.run(false, signal);
    return this.state;
  }

  /** Everything that happens in the service from now on, as it tells it; `resync`: look anew. */
  async *events({ signal }: SignalOption = {}): AsyncGenerator<ServiceEvent, void, undefined> {
    yield* (await this.#connect()).events(signal);
  }

  /** Lets go of everything; a scan that runs goes on. */
  close(): void {
    this.#isClosed = true;
    this.#attempt?.abort.abort();
    this.#lookout.stop();
    this.#connection?.close();
    this.#connection = undefined;
    this.#show({ situation: "checking" });
  }

  get #isReady(): boolean {
    return this.state.name === "ready";
  }

  get #ownEnvironment(): Environment {
    this.#environment ??= ownEnvironment();
    return this.#environment;
  }

  get #memory(): Memory {
    return new Memory(this.#ownEnvironment.storage);
  }

  /** Where nothing says that it will not be needed; a window that opens for nothing only flashes. */
  get #mayNeedConsent(): boolean {
    if (this.#mock !== undefined) return false;
    // The click lasts long enough to open the window once the browser's question is answered.
    if (this.state.name === "asking" && asksInFrontOnly(this.#ownEnvironment)) return false;
    const mayBeFound = ["checking", "asking", "consent"].includes(this.state.name);
    return mayBeFound && this.#memory.read().isGranted !== true;
  }

  async #connect(): Promise<Connection> {
    this.#throwIfClosed();
    if (this.#connection === undefined) await this.reconnect();
    if (this.#connection === undefined) throw this.#refusal();
    return this.#connection;
  }

  #throwIfClosed(): void {
    if (!this.#isClosed) return;
    throw new FlatbedError({ code: "closed", message: "This connection was let go." });
  }

  #refusal(): Error {
    const { error } = this.#display.standing;
    if (error instanceof Error) return error;
    const { name, sentence } = this.state;
    return new FlatbedError({ code: CODES[name], message: sentence, details: { state: name } });
  }

  /** One attempt, in place of one that runs; undefined if another took its own place. */
  async #try(kind: AttemptKind): Promise<Standing | undefined> {
    throwIfAborted(kind.signal);
    this.#throwIfClosed();
    this.#attempt?.abort.abort();
    const before = this.#display.standing;
    const abort = new AbortController();
    const forget = onAbort(kind.signal, () => {
      abort.abort();
    });
    const done = this.#arrive(kind, abort.signal);
    const attempt = { abort, done: done.catch(() => undefined) };
    this.#attempt = attempt;
    try {
      return await done;
    } catch (error) {
      if (this.#attempt === attempt && !this.#isClosed) this.#stepBack(before);
      if (!abort.signal.aborted) throw error;
      throwIfAborted(kind.signal);
      return undefined;
    } finally {
      forget();
      kind.window?.close();
      if (this.#attempt === attempt) this.#attempt = undefined;
    }
  }

  async #arrive(kind: AttemptKind, signal: AbortSignal): Promise<Standing> {
    if (kind.isQuiet !== true) this.#show({ situation: "checking" });
    const { isSilent, window } = kind;
    const tell = (standing: Standing) => {
      if (signal.aborted) return;
      this.#show(standing);
      if (standing.situation === "asking") window?.stepAside();
      window?.say(this.state.sentence);
    };
    const current = this.#connection;
    const standing = await this.#enter({ isSilent, window, current, signal, tell });
    throwIfAborted(signal);
    if (standing.connection !== undefined && standing.connection !== current) {
      current?.close();
      this.#connection = standing.connection;
    }
    this.#show(standing);
    return standing;
  }

  async #enter(options: Parameters<Entrance["attempt"]>[0]): Promise<Standing> {
    if (this.#mock !== undefined) return this.#enterMock(this.#mock);
    const { addons, name, subject, ports = [], installers: links } = this.#options;
    const installers = { ...INSTALLERS, ...links };
    this.#entrance ??= new Entrance(
      this.#ownEnvironment,
      this.#memory,
      { addons, name, subject, ports: ports.length > 0 ? ports : PORTS, installers },
      () => void this.#doubt(),
    );
    return this.#entrance.attempt(options);
  }

  get #mock(): MockOptions | undefined {
    const { mock } = this.#options;
    return mock === true ? {} : mock === false ? undefined : mock;
  }

  async #enterMock(mock: MockOptions): Promise<Standing> {
    // Loaded apart, so that pages without it do not carry it.
    const { MockConnection } = await import("./mock/connection.js");
    const connection = this.#connection ?? new MockConnection(mock, errorOfAnswer);
    return { situation: "ready", connection };
  }

  /** What an attempt that was broken off leaves on show. */
  #stepBack(before: Standing): void {
    const { situation } = this.#display.standing;
    if (situation === "waiting") this.#show({ situation: "consent" });
    else if (situation === "asking") this.#show({ situation: "connect" });
    else if (situation === "checking") this.#show(before);
  }

  /** Something could not be reached: is it still there, and are we still let in? */
  async #doubt(): Promise<void> {
    if (this.#attempt !== undefined || !this.#isReady) return;
    try {
      const standing = await this.#try({ isSilent: true, isQuiet: true });
      if (standing?.situation === "stopped") await this.#lookout.run(true);
    } catch (error) {
      // Whoever met it first has been told; here it was only looked at.
      if (!isExpected(error)) throw error;
    }
  }

  /** Looks once, unless another attempt does; whether that was enough. */
  async #look(isSilent: boolean, signal: AbortSignal): Promise<boolean> {
    if (this.#attempt !== undefined) return false;
    await this.#try({ isSilent, isQuiet: true, signal });
    return this.#isReady || this.state.name === "consent";
  }

  #show(standing: Standing): void {
    if (this.#display.show(standing)) this.dispatchEvent(new Event("statechange"));
  }

  async #act(kind: ActionKind, href?: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.#do(kind, href, signal);
    } catch (error) {
      // The state says it, and nobody awaits a button.
      if (!isExpected(error)) throw error;
    }
  }

  async #do(kind: ActionKind, href?: string, signal?: AbortSignal): Promise<void> {
    const environment = this.#ownEnvironment;
    if (kind === "ask") await this.request({ signal });
    else if (kind === "reload") environment.reload();
    else if (kind === "detach") environment.open(environment.location?.href ?? "", "_blank");
    else {
      if (href !== undefined && kind !== "await") environment.open(href, "_blank");
      if (kind === "get" || kind === "await") await this.watch({ signal });
    }
  }
}

function isExpected(error: unknown): boolean {
  const isAbort = error instanceof DOMException && error.name === "AbortError";
  return isAbort || error instanceof FlatbedError;
}
