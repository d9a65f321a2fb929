/** The status page's own logic: what an event changes, the report, words and numbers. */
import { describe, expect, test } from "vitest";

import { ApiFault, ask, toFault } from "../pages/shared/api";
import { Format } from "../pages/shared/format";
import type { ServiceStatus } from "../pages/shared/wire";
import { coalesce } from "../pages/status/coalesce";
import { addressOf, partsChangedBy } from "../pages/status/live";
import { writeReport, type Snapshot } from "../pages/status/report";
import { chooseLanguage } from "../pages/texts";
import { de } from "../pages/texts/de";
import { en } from "../pages/texts/en";
import { worstState } from "../pages/status/states";

const STATUS: ServiceStatus = {
  version: "0.1.0",
  contract: "20261121",
  startedAt: "2026-11-21T14:00:00+00:00",
  uptimeS: 3600,
  dataFolder: "/home/ada/.local/share/flatbed",
  disk: { freeBytes: 74_000_000_000, totalBytes: 271_000_000_000 },
  buffer: { pages: 12, bytes: 3_400_000 },
  ports: { main: 18622, status: 18625 },
  grants: 2,
  jobs: [
    {
      jobuid: "a",
      status: "faulted",
      scanner: "Office",
      origin: "https://secret.example",
      pages: 2,
      error: { error: "paper_jam", code: -1020, message: "Paper is stuck." },
      waiting: null,
      isRecovered: false,
      createdAt: "2026-11-21T14:30:00+00:00",
      finishedAt: null,
    },
  ],
};

const SNAPSHOT: Snapshot = {
  status: STATUS,
  scanners: [{ name: "Office", type: 256, device: "{}" }],
  addons: [
    {
      name: "pdf",
      description: "",
      versions: [
        {
          version: "1.0",
          state: "broken",
          where: "installed",
          operations: [],
          edits: [],
          reads: [],
          writes: [],
          lastError: { error: "addon_unloadable", code: -1001, message: "No." },
        },
      ],
    },
  ],
  origins: [{ origin: "https://secret.example", state: "once" }],
  logLevel: 1,
  browser: "Browser 1",
  at: "2026-11-21T15:00:00Z",
};

test("the report holds what support needs, line by line", () => {
  expect(writeReport(SNAPSHOT).split("\n")).toEqual([
    "Flatbed report of 2026-11-21T15:00:00Z",
    "Version: 0.1.0, contract 20261121",
    "Running since: 2026-11-21T14:00:00+00:00 (3600 s)",
    "Ports: 18622, 18625",
    "Disk: 74000 MB free of 271000 MB",
    "Buffer: 12 pages, 3 MB",
    "Log level: 1",
    "Browser: Browser 1",
    "",
    "Scanners:",
    "- Office (type 256)",
    "",
    "Add-ons:",
    "- pdf 1.0: broken, last error addon_unloadable",
    "",
    "Web pages that may scan:",
    "- once: 1",
    "",
    "Newest jobs:",
    "- 2026-11-21T14:30:00+00:00: faulted, 2 pages, Office, paper_jam (-1020)",
    "",
  ]);
});

test("the report names no folder and no page that the person uses", () => {
  const report = writeReport(SNAPSHOT);
  expect(report).not.toContain("/home");
  expect(report).not.toContain("secret.example");
});

test("the report of a service with nothing says so", () => {
  const bare = { ...SNAPSHOT, scanners: [], addons: [], origins: [], logLevel: undefined };
  const lines = writeReport({ ...bare, status: { ...STATUS, jobs: [], startedAt: null } });
  expect(lines.match(/- none/g)).toHaveLength(4);
  expect(lines).toContain("Log level: unknown");
});

test.each([
  ["scanner.added", ["scanners"]],
  ["job.status", ["status", "recovered"]],
  ["page.added", ["status"]],
  ["origin.asked", ["origins"]],
  ["origin.changed", ["origins"]],
  ["upload.progress", []],
  ["resync", ["status", "scanners", "origins", "addons", "recovered", "settings"]],
])("the event %s makes %j stale", (type, parts) => {
  expect(partsChangedBy(type)).toEqual(parts);
});

test.each([
  ["http:", undefined, "ws://127.0.0.1:18625/api/events"],
  ["https:", 0, "wss://127.0.0.1:18625/api/events?after=0"],
])("the events of a page by %s after %s are at %s", (protocol, after, expected) => {
  expect(addressOf({ protocol, host: "127.0.0.1:18625" }, after)).toBe(expected);
});

describe("coalesce", () => {
  test("asked three times while it runs, runs once more", async () => {
    let [runs, release] = [0, (): void => undefined];
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const refresh = coalesce(async () => {
      runs += 1;
      await gate;
    });
    const all = [refresh(), refresh(), refresh(), refresh()];
    expect(runs).toBe(1);
    release();
    await Promise.all(all);
    expect(runs).toBe(2);
    await refresh();
    expect(runs).toBe(3);
  });
});

describe("worstState", () => {
  const version = SNAPSHOT.addons[0]?.versions[0];
  test.each([
    [["idle", "broken"], "broken"],
    [["disabled", "idle"], "idle"],
    [["idle", "resting"], "resting"],
    [[], "disabled"],
  ] as const)("of %j is %s", (states, expected) => {
    const versions = states.map((state) => ({ ...version, state }));
    expect(worstState(versions)).toBe(expected);
  });
});

test.each([
  [["de-AT", "en"], "de-AT", de],
  [["fr", "en-GB", "de"], "en-GB", en],
  [["DE"], "DE", de],
  [["fr"], "en", en],
  [[], "en", en],
])("of the languages %j it is %s", (wanted, tag, texts) => {
  expect(chooseLanguage(wanted)).toEqual({ tag, texts });
});

test("both languages have the same words, and none is empty", () => {
  expect(keys(de)).toEqual(keys(en));
  expect(JSON.stringify(de)).not.toContain('""');
});

function keys(value: object, path = ""): string[] {
  return Object.entries(value).flatMap(([name, each]) =>
    typeof each === "object" ? keys(each as object, `${path}${name}.`) : [`${path}${name}`],
  );
}

describe("Format", () => {
  const format = new Format("en");
  test.each([
    [0, "0 kB"],
    [1234, "1 kB"],
    [999_499, "999 kB"],
    [999_600, "1 MB"],
    [3_440_000, "3.4 MB"],
    [271_000_000_000, "271 GB"],
    [5e15, "5,000 TB"],
  ])("%d bytes are %s", (bytes, expected) => {
    expect(format.bytes(bytes)).toBe(expected);
  });

  test.each([
    ["2026-11-21T15:00:00Z", "now"],
    ["2026-11-21T14:58:30Z", "1 minute ago"],
    ["2026-11-21T12:00:00Z", "3 hours ago"],
    ["2026-11-20T12:00:00Z", "yesterday"],
    ["2026-11-21T15:00:05Z", "now"],
  ])("%s is told at three as %s", (iso, expected) => {
    expect(format.ago(iso, Date.parse("2026-11-21T15:00:00Z"))).toBe(expected);
  });
});

describe("ask", () => {
  test("of nobody is a fault without a status", async () => {
    // Port 9 of loopback: nobody listens there.
    const failure = await ask("GET", "http://127.0.0.1:9/api/hello").catch(toFault);
    expect(failure).toBeInstanceOf(ApiFault);
    expect([(failure as ApiFault).isGone, (failure as ApiFault).code]).toEqual([
      true,
      "service_gone",
    ]);
  });
});
