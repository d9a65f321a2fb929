/** The consent page's own logic: origins, the dead second, what is said at the end. */
import { describe, expect, test } from "vitest";

import { Arming } from "../pages/consent/arming";
import { hasOtherLetters, isUnencrypted, splitOrigin } from "../pages/consent/origin";
import { outcomeOf, outcomeOfFault } from "../pages/consent/outcome";
import { ApiFault } from "../pages/shared/api";
import { isolate } from "../pages/shared/format";
import type { Pairing } from "../pages/shared/wire";
import { en } from "../pages/texts/en";

const WAITING: Pairing = {
  id: "0123456789abcdef0123456789abcdef",
  status: "waiting",
  code: "ABC-D23",
  origin: "https://shop.example",
  addons: [],
  expiresAt: "2026-11-21T16:00:00+00:00",
};

describe("splitOrigin", () => {
  test.each([
    ["https://shop.example", "https://", "shop.example", ""],
    ["https://scan.shop.example:8443", "https://scan.", "shop.example", ":8443"],
    ["https://shop.example.evil.com", "https://shop.example.", "evil.com", ""],
    ["https://a.b.shop.co.uk", "https://a.b.", "shop.co.uk", ""],
    ["https://shop.com.au", "https://", "shop.com.au", ""],
    ["http://192.168.1.20:8080", "http://", "192.168.1.20", ":8080"],
    ["http://[fe80::1]:8080", "http://", "[fe80::1]", ":8080"],
    ["http://localhost:5173", "http://", "localhost", ":5173"],
    ["https://xn--bcher-kva.example", "https://", "xn--bcher-kva.example", ""],
    ["odd", "", "odd", ""],
  ])("%s stands out in the part that was registered", (origin, before, main, after) => {
    expect(splitOrigin(origin)).toEqual({ before, main, after });
    expect(before + main + after).toBe(origin);
  });
});

test.each([
  ["https://shop.example", false],
  ["http://shop.example", true],
  ["http://192.168.1.20", true],
  ["http://localhost:5173", false],
  ["http://app.localhost:3000", false],
  ["http://127.0.0.1:8080", false],
  ["http://[::1]", false],
])("isUnencrypted of %s is %s", (origin, expected) => {
  expect(isUnencrypted(origin)).toBe(expected);
});

test.each([
  ["https://xn--bcher-kva.example", true],
  ["https://shop.xn--p1ai", true],
  ["https://myxn--shop.example", false],
])("hasOtherLetters of %s is %s", (origin, expected) => {
  expect(hasOtherLetters(origin)).toBe(expected);
});

describe("Arming", () => {
  test("is dead for the first second", () => {
    const arming = new Arming(5000, true);
    expect([5000, 5999, 6000].map((now) => arming.isLive(now))).toEqual([false, false, true]);
  });

  test("is dead while the window is away, and a second longer", () => {
    const arming = new Arming(0, true);
    arming.watch(3000, false);
    expect(arming.isLive(9000)).toBe(false);
    arming.watch(9000, true);
    expect([9999, 10000].map((now) => arming.isLive(now))).toEqual([false, true]);
  });

  test("goes on while nothing changes", () => {
    const arming = new Arming(0, true);
    for (let now = 0; now < 1000; now += 50) arming.watch(now, true);
    expect(arming.isLive(1000)).toBe(true);
  });

  test("of a window that opens behind others begins when it comes to the front", () => {
    const arming = new Arming(0, false);
    expect([arming.isSeen, arming.isLive(5000)]).toEqual([false, false]);
    arming.watch(5000, true);
    expect([arming.isLive(5500), arming.isLive(6000)]).toEqual([false, true]);
  });
});

describe("outcomeOf", () => {
  test("is none while the request waits", () => {
    expect(outcomeOf(WAITING, false, en)).toBeUndefined();
  });

  test.each([
    ["granted", "once", true, "granted", true, "until Flatbed stops"],
    ["granted", "always", true, "granted", true, "until you revoke it"],
    ["blocked", undefined, true, "blocked", true, "may not scan"],
    ["granted", "once", false, "elsewhere", false, "answered already"],
    ["blocked", undefined, false, "elsewhere", false, "answered already"],
    ["expired", undefined, true, "expired", false, "ask again"],
  ] as const)("of %s, kept %s, here %s is %s", (status, kept, here, kind, closes, words) => {
    const pairing = { ...WAITING, status, ...(kept === undefined ? {} : { kept }) };
    const outcome = outcomeOf(pairing, here, en);
    expect([outcome?.kind, outcome?.closes]).toEqual([kind, closes]);
    expect(outcome?.sentence).toContain(words);
  });
});

test.each([
  [0, "service_gone", "gone", "retry"],
  [404, "pairing_not_found", "unknown", "close"],
  [409, "pairing_ended", "elsewhere", "status"],
  [500, "disk_error", "failed", "retry"],
])("a fault of status %i, %s, is told as %s with the way out %s", (status, code, kind, way) => {
  const outcome = outcomeOfFault(new ApiFault(status, code, "The disk is full."), en);
  expect([outcome.kind, outcome.wayOut, outcome.closes]).toEqual([kind, way, false]);
  expect(outcome.sentence.includes("The disk is full.")).toBe(kind === "failed");
});

test("isolate keeps a name from turning the sentence around it", () => {
  expect(isolate("Shop\u202e moc.live\u2069")).toBe("\u2068Shop moc.live\u2069");
});
