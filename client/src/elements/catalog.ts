/** Which add-ons are there and what each brings, as their manifests say; none is known by name. */
import { type components, FlatbedError } from "../index.js";
import type { Desk } from "./desk.js";

type Schemas = components["schemas"];

/** An add-on with its versions. */
export type Entry = Schemas["AddonEntry"];
/** What an add-on brings. */
export type Details = Schemas["AddonDetails"];
/** An operation or edit as its manifest declares it. */
export type Operation = Schemas["DeclaredOperation"];

/** What has to be done before files of a type can be written. */
export interface Lack {
  /** The add-on, where one is known that writes them. */
  readonly addon: string | undefined;
  readonly reason: "missing" | "disabled" | "broken";
  /** What the service says of one that is broken. */
  readonly message: string;
}

// Where nothing is installed no manifest can say it: what Flatbed's own add-ons are called.
const WRITERS: Readonly<Record<string, string>> = { "application/pdf": "pdf" };

const catalogs = new WeakMap<Desk, Catalog>();

/** The one of a desk, so that its elements ask once. */
export function catalogOf(desk: Desk): Catalog {
  const known = catalogs.get(desk) ?? new Catalog(desk);
  catalogs.set(desk, known);
  return known;
}

/** What is installed; `change` tells that it is something else. */
export class Catalog extends EventTarget {
  readonly #desk: Desk;
  readonly #details = new Map<string, Promise<Details>>();
  #entries: readonly Entry[] = [];
  #looking: Promise<void> | undefined;

  /** @param desk - Whose service is asked. */
  constructor(desk: Desk) {
    super();
    this.#desk = desk;
  }

  /** All that is installed, as of the last look. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Looks anew. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** All that an add-on declares; it is started for that, so only where somebody wants to know. */
  details(entry: Entry): Promise<Details> {
    const key = `${entry.name} ${entry.versions.map(({ version }) => version).join(" ")}`;
    const known = this.#details.get(key) ?? this.#desk.flatbed.addons.get(entry.name);
    this.#details.set(key, known);
    known.catch(() => this.#details.delete(key));
    return known;
  }

  /** The add-on that writes files of a type, if one can. */
  writer(type: string): Entry | undefined {
    return this.#entries.find((each) => usable(each).some(({ writes }) => writes.includes(type)));
  }

  /** Why files of a type cannot be written; undefined if they can. */
  lackOf(type: string): Lack | undefined {
    if (this.writer(type) !== undefined) return undefined;
    for (const { name, versions } of this.#entries) {
      const fitting = versions.find((each) => each.writes.includes(type) || name === WRITERS[type]);
      if (fitting === undefined) continue;
      const reason = fitting.state === "disabled" ? "disabled" : "broken";
      return { addon: name, reason, message: fitting.lastError?.message ?? "" };
    }
    return { addon: WRITERS[type], reason: "missing", message: "" };
  }

  async #look(): Promise<void> {
    const found = await this.#desk.flatbed.addons.list();
    const isSame = JSON.stringify(found) === JSON.stringify(this.#entries);
    this.#entries = found;
    if (!isSame) this.dispatchEvent(new Event("change"));
  }
}

/** The versions of an add-on that can work. */
export function usable({ versions }: Entry): Entry["versions"] {
  return versions.filter(({ state }) => state !== "disabled" && state !== "broken");
}

/** The operation of an add-on that writes files of a type, with the settings of writing. */
export function writingOperation(
  { operations, writes }: Details,
  type: string,
): readonly [string, Operation] | undefined {
  return Object.entries(operations).find(([, { input, settings }]) => {
    const types = settings.media_type?.choices ?? writes;
    return input === "pages" && writes.includes(type) && types.includes(type);
  });
}

/** What went wrong, for a person; undefined for what they cancelled themselves. */
export function sentenceOf(error: unknown): string | undefined {
  if (error instanceof DOMException && error.name === "AbortError") return undefined;
  // Anything else than a named error is a fault of ours, and stays visible as such.
  if (!(error instanceof FlatbedError)) reportError(error);
  return error instanceof Error ? error.message : String(error);
}
