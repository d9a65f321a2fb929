/** Scanners: which there are, and what they can do. */
import { Api, type Connect } from "./api.js";
import type { components } from "./api-types.js";
import { newKey, withQuery } from "./http.js";
import type { Color, Source } from "./scan-options.js";

type Schemas = components["schemas"];
type Capability = Schemas["Capability"];

/** One scanner; `device` is handed back unchanged to use it. */
export type Scanner = Readonly<Schemas["ScannerEntry"]>;

/** Values from one number to another, in steps. */
export interface Range {
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
}

/** What a scanner can do. */
export interface Capabilities {
  readonly sources: readonly Source[];
  readonly colors: readonly Color[];
  /** Resolutions, or a range of them. */
  readonly dpi: readonly number[] | Range;
  /** The largest sheet, in inches. */
  readonly widthInches: number | undefined;
  readonly heightInches: number | undefined;
  readonly isFeederLoaded: boolean;
  /** All that the service says, by TWAIN numbers. */
  readonly all: readonly Capability[];
}

const JOBS = "/api/device/scanners/jobs";
const PIXEL_TYPE = 257;
const FEEDER = 4098;
const FEEDER_LOADED = 4099;
const DUPLEX = 4114;
const WIDTH = 4369;
const HEIGHT = 4370;
const RESOLUTION = 4376;
const COLORS: readonly Color[] = ["bw", "gray", "color"];

/** If this page is gone before it gives the scanner back, the service does after so long. */
const HELD_S = 30;

/** The scanners of this computer. */
export class Scanners {
  readonly #api: Api;

  /** @param connect - Gives the connection of now. */
  constructor(connect: Connect) {
    this.#api = new Api(connect);
  }

  /** Those that are there; `refresh` asks every driver first, which takes some seconds. */
  list(options: { refresh?: boolean; signal?: AbortSignal } = {}): Promise<Scanner[]> {
    const path = withQuery("/api/device/scanners", { refresh: options.refresh });
    return this.#api.json("GET", path, undefined, { signal: options.signal });
  }

  /**
   * What a scanner can do; it is held for that moment.
   *
   * @param scanner - One of `list`, or its `device`; the one used last without.
   * @throws FlatbedError `scanner_held` while a job has it.
   */
  async capabilities(
    scanner?: Scanner | string,
    options: { signal?: AbortSignal } = {},
  ): Promise<Capabilities> {
    const device = typeof scanner === "object" ? scanner.device : scanner;
    const body = { autoRun: false, device, jobTimeout: HELD_S };
    const key = { ...options, idempotencyKey: newKey() };
    const { jobuid } = await this.#api.json<Schemas["JobCreated"]>("POST", JOBS, body, key);
    try {
      const path = `${JOBS}/${jobuid}/scanner/capabilities`;
      return toCapabilities(await this.#api.json("GET", path, undefined, options));
    } finally {
      await this.#api.send("DELETE", `${JOBS}/${jobuid}`);
    }
  }
}

function toCapabilities(all: readonly Capability[]): Capabilities {
  const of = new Map(all.map((each) => [each.capability.value, each]));
  return {
    sources: toSources(of.get(FEEDER), of.get(DUPLEX)),
    colors: numbers(of.get(PIXEL_TYPE)?.enums).flatMap((each) => COLORS[each] ?? []),
    dpi: toResolutions(of.get(RESOLUTION)),
    widthInches: toNumber(of.get(WIDTH)?.curValue),
    heightInches: toNumber(of.get(HEIGHT)?.curValue),
    isFeederLoaded: toNumber(of.get(FEEDER_LOADED)?.curValue) === 1,
    all,
  };
}

function toSources(feeder?: Capability, duplex?: Capability): Source[] {
  const choices = numbers(feeder?.enums);
  const sources: [Source, boolean][] = [
    ["flatbed", choices.includes(0)],
    ["feeder", choices.includes(1)],
    ["duplex", toNumber(duplex?.curValue) === 1],
  ];
  return sources.filter(([, isThere]) => isThere).map(([name]) => name);
}

function toResolutions(found?: Capability): readonly number[] | Range {
  const { minValue: minimum, maxValue: maximum, stepSize: step } = found ?? {};
  if (minimum !== undefined && maximum !== undefined) {
    return { minimum, maximum, step: step ?? 1 };
  }
  return numbers(found?.enums);
}

function numbers(values: readonly unknown[] = []): number[] {
  return values.map(toNumber).filter((each) => each !== undefined);
}

/** A plain number, or one with a label. */
function toNumber(value: unknown): number | undefined {
  const plain =
    typeof value === "object" && value !== null && "value" in value ? value.value : value;
  return typeof plain === "number" ? plain : undefined;
}
