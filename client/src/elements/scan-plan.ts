/** What the next scan is asked for: chosen in the settings, used by whatever starts it. */
import { type Capabilities, FlatbedError, type ScanOptions, type Scanner } from "../index.js";
import { type Desk, DeskChange } from "./desk.js";
import { fit, type FittedChoices, type Offer, offerOf } from "./fitting.js";
import type { ScanChoices } from "./recollection.js";
import { placesOf, type ScanPlace, toPlaceOptions } from "./scan-place.js";

const HELD = "scanner_held";

const PLANS = new WeakMap<Desk, ScanPlan>();

/** The plan of a desk. */
export function planOf(desk: Desk): ScanPlan {
  const plan = PLANS.get(desk) ?? new ScanPlan(desk);
  PLANS.set(desk, plan);
  return plan;
}

/**
 * The scanners, what the chosen one can do, and the choices of a person, which are remembered for
 * each scanner. `change` tells of anything new. It asks the service while settings are shown only.
 */
export class ScanPlan extends EventTarget {
  readonly #desk: Desk;
  readonly #shown = new Set<object>();
  readonly #known = new Map<string, Capabilities>();
  #scanners: readonly Scanner[] | undefined;
  #fault: FlatbedError | undefined;
  #place: ScanPlace = "end";
  #watch: AbortController | undefined;
  #asked = 0;
  #settled: Promise<void> = Promise.resolve();

  /** @param desk - Whose scans these are. */
  constructor(desk: Desk) {
    super();
    this.#desk = desk;
  }

  /** Whether there are settings on the page: without them a button has its own. */
  get isShown(): boolean {
    return this.#shown.size > 0;
  }

  /** Those that are there; undefined until the service was asked. */
  get scanners(): readonly Scanner[] | undefined {
    return this.#scanners;
  }

  /** The chosen one, else the first. */
  get scanner(): Scanner | undefined {
    const wished = this.#wished.scanner;
    return this.#scanners?.find(({ device }) => device === wished) ?? this.#scanners?.[0];
  }

  /** What there is to choose from. */
  get offer(): Offer {
    return offerOf(this.#capabilities);
  }

  /** The choices, such as the scanner can do them. */
  get choices(): FittedChoices {
    const device = this.scanner?.device ?? this.#wished.scanner;
    return fit({ ...this.#wished, scanner: device }, this.#capabilities, navigator.language);
  }

  /** Where the next scan goes. */
  get place(): ScanPlace {
    return placesOf(this.#desk).includes(this.#place) ? this.#place : "end";
  }

  set place(place: ScanPlace) {
    this.#place = place;
    this.#tell();
  }

  /** Whether the service is being asked. */
  get isAsking(): boolean {
    return this.#asked > 0;
  }

  /** Why it is not known what there is. */
  get fault(): FlatbedError | undefined {
    // While it scans it answers nobody, and nobody has to be told.
    return this.#desk.isScanning ? undefined : this.#fault;
  }

  /** The choices that have names, by these. */
  get presets(): Readonly<Record<string, ScanChoices>> {
    return this.#desk.recollection.read().presets ?? {};
  }

  /** The name of the choices as they are now, if they have one. */
  get preset(): string | undefined {
    const now = keyOf(this.choices);
    const isNow = (each: ScanChoices): boolean => keyOf(this.#fitted(each)) === now;
    return Object.entries(this.presets).find(([, each]) => isNow(each))?.[0];
  }

  /** Settings appear. */
  join(settings: object): void {
    this.#shown.add(settings);
    if (this.#shown.size > 1) return;
    this.#desk.addEventListener("change", this.#hear);
    if (this.#desk.flatbed.state.name === "ready") void this.look();
  }

  /** Settings are gone. */
  leave(settings: object): void {
    this.#shown.delete(settings);
    if (this.isShown) return;
    this.#desk.removeEventListener("change", this.#hear);
    this.#watch?.abort();
    this.#watch = undefined;
  }

  /** Asks which scanners there are; with `refresh` the drivers, which takes some seconds. */
  look({ refresh = false } = {}): Promise<void> {
    if (refresh) this.#known.clear();
    void this.#listen();
    return this.#ask(async () => {
      this.#scanners = await this.#desk.flatbed.scanners.list({ refresh });
      await this.#learn();
    });
  }

  /** Resolves once the scanner is not being asked, and so free for a scan. */
  async settle(): Promise<void> {
    while (this.isAsking) await this.#settled;
  }

  /** Chooses; what else was chosen stays. */
  choose(more: ScanChoices): void {
    const choices = { ...this.choices, ...more };
    this.#remember(choices);
    this.#tell();
  }

  /** Chooses a scanner, with what was chosen for it last. */
  chooseScanner(device: string): void {
    const before = this.#desk.recollection.read().choicesByScanner?.[device];
    this.#remember({ ...this.choices, ...before, scanner: device });
    void this.#ask(() => this.#learn());
  }

  /** Gives the choices of now a name; one that has it already is replaced. */
  savePreset(name: string): void {
    this.#desk.recollection.add({ presets: { ...this.presets, [name]: this.choices } });
    this.#tell();
  }

  /** Takes the choices of that name; its scanner, where that is there. */
  usePreset(name: string): void {
    const preset = this.presets[name];
    if (preset === undefined) return;
    this.#remember(this.#fitted(preset));
    void this.#ask(() => this.#learn());
  }

  /** Forgets a name. */
  deletePreset(name: string): void {
    const presets = Object.entries(this.presets).filter(([each]) => each !== name);
    this.#desk.recollection.add({ presets: Object.fromEntries(presets) });
    this.#tell();
  }

  /** For the scan itself. */
  toOptions(): ScanOptions {
    return { ...this.choices, ...toPlaceOptions(this.#desk, this.place) };
  }

  get #wished(): ScanChoices {
    return this.#desk.recollection.read().choices ?? {};
  }

  get #capabilities(): Capabilities | undefined {
    return this.#known.get(this.scanner?.device ?? "");
  }

  /** A preset as it would be taken now. */
  #fitted(preset: ScanChoices): ScanChoices {
    const isThere = this.#scanners?.some(({ device }) => device === preset.scanner) ?? true;
    const scanner = isThere ? preset.scanner : this.scanner?.device;
    const known = this.#known.get(scanner ?? "");
    return known === undefined ? { ...preset, scanner } : fit({ ...preset, scanner }, known, "en");
  }

  #remember(choices: ScanChoices): void {
    const { recollection } = this.#desk;
    const { choicesByScanner } = recollection.read();
    const { scanner } = choices;
    const byScanner = scanner === undefined ? {} : { [scanner]: choices };
    recollection.add({ choices, choicesByScanner: { ...choicesByScanner, ...byScanner } });
  }

  /** Asks one thing after the other: a scanner that is asked is held for that moment. */
  #ask(what: () => Promise<void>): Promise<void> {
    this.#asked += 1;
    this.#tell();
    this.#settled = this.#settled.then(async () => {
      try {
        this.#fault = undefined;
        await what();
      } catch (error) {
        if (error instanceof FlatbedError) this.#fault = error;
        else reportError(error);
      } finally {
        this.#asked -= 1;
        this.#tell();
      }
    });
    return this.#settled;
  }

  async #learn(): Promise<void> {
    const device = this.scanner?.device;
    if (device === undefined || this.#known.has(device) || this.#desk.isScanning) return;
    this.#known.set(device, await this.#desk.flatbed.scanners.capabilities(device));
  }

  /** Scanners are plugged in and switched off while the page is open. */
  async #listen(): Promise<void> {
    if (this.#watch !== undefined) return;
    const { signal } = (this.#watch = new AbortController());
    try {
      for await (const { type } of this.#desk.flatbed.events({ signal })) {
        if (type === "scanner.added" || type === "scanner.removed") void this.look();
        // Whoever held it may have given it back.
        const isWaiting = this.#fault?.code === HELD && !this.isAsking;
        if (type === "job.status" && isWaiting) void this.#ask(() => this.#learn());
      }
    } catch (error) {
      // Without the service the client looks for it; a fault of ours has to be seen.
      if (!(error instanceof FlatbedError) && !signal.aborted) throw error;
    } finally {
      if (!signal.aborted) this.#watch = undefined;
    }
  }

  readonly #hear = (event: Event): void => {
    if (!(event instanceof DeskChange)) return;
    if (event.part === "state" && this.#desk.flatbed.state.name === "ready") void this.look();
    const isFree = event.part === "run" && !this.#desk.isScanning;
    if (isFree && this.#fault !== undefined) void this.#ask(() => this.#learn());
    if (event.part !== "work") this.#tell();
  };

  #tell(): void {
    this.dispatchEvent(new Event("change"));
  }
}

/** Two choices are the same if this is. */
function keyOf(choices: ScanChoices): string {
  const { scanner, source, dpi, color, pageSize, skipBlankPages, deskew, autoCrop } = choices;
  const switches = [skipBlankPages, deskew, autoCrop].map((each) => each === true);
  return JSON.stringify([scanner, source, dpi, color, pageSize, ...switches]);
}
