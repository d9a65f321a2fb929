/** Looking for a service that is being installed, or has gone, until it is there. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Flatbed } from "../src/flatbed.js";
import type { FlatbedOptions } from "../src/options.js";
import { FakeBrowser, hello } from "./support/browser.js";

const FIRST = "http://127.0.0.1:18622";

let browser: FakeBrowser;
let flatbed: Flatbed;

beforeEach(() => {
  vi.useFakeTimers();
  browser = new FakeBrowser();
});

afterEach(() => {
  flatbed.close();
  vi.useRealTimers();
});

function make(options: FlatbedOptions = {}): Flatbed {
  flatbed = new Flatbed(options, browser);
  return flatbed;
}

/** The names that are shown from now on. */
function record(): string[] {
  const names: string[] = [];
  flatbed.addEventListener("statechange", () => names.push(flatbed.state.name));
  return names;
}

describe("after a click on Install", () => {
  beforeEach(async () => {
    await make({ installers: { linux: "https://contoso.example/get" } }).reconnect();
    browser.asked.length = 0;
  });

  test("it opens the link, looks every two seconds and connects by itself", async () => {
    const names = record();
    const watching = flatbed.state.action?.run();
    expect(browser.windows.map((window) => window.url)).toEqual(["https://contoso.example/get"]);
    await vi.advanceTimersByTimeAsync(9000);
    expect(browser.asked).toHaveLength(5 * 12);
    browser.ports.set(FIRST, hello());
    await vi.advanceTimersByTimeAsync(2000);
    await watching;
    expect(names).toEqual(["ready"]);
  });

  test("it stops after ten minutes", async () => {
    const watching = flatbed.state.action?.run();
    await vi.advanceTimersByTimeAsync(600_000);
    await watching;
    expect(browser.asked).toHaveLength(300 * 12);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(browser.asked).toHaveLength(300 * 12);
    expect(flatbed.state.name).toBe("missing");
  });

  test("it stops after ten minutes while the browser is asking, too", async () => {
    browser.permission = { name: "loopback-network", state: "prompt" };
    browser.ports.set(FIRST, "silent");
    const watching = flatbed.state.action?.run();
    await vi.advanceTimersByTimeAsync(599_000);
    expect(flatbed.state.name).toBe("asking");
    expect(flatbed.state.action).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2000);
    await watching;
    expect(flatbed.state.action?.label).toBe("Connect");
  });

  test("the signal stops it", async () => {
    const abort = new AbortController();
    const watching = flatbed.state.action?.run({ signal: abort.signal });
    await vi.advanceTimersByTimeAsync(3000);
    abort.abort();
    await watching;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(browser.asked).toHaveLength(2 * 12);
  });

  test("watch by its signal is an AbortError", async () => {
    const abort = new AbortController();
    const watching = flatbed.watch({ signal: abort.signal });
    const rejected = expect(watching).rejects.toMatchObject({ name: "AbortError" });
    await vi.advanceTimersByTimeAsync(3000);
    abort.abort();
    await rejected;
  });

  test("a scan click meanwhile does not end it", async () => {
    void flatbed.state.action?.run();
    await vi.advanceTimersByTimeAsync(3000);
    await expect(flatbed.request()).rejects.toMatchObject({ code: "service_missing" });
    browser.ports.set(FIRST, hello());
    await vi.advanceTimersByTimeAsync(2000);
    expect(flatbed.state.name).toBe("ready");
  });

  test("close ends it", async () => {
    const watching = flatbed.state.action?.run();
    await vi.advanceTimersByTimeAsync(3000);
    flatbed.close();
    await watching;
    const { length } = browser.asked;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(browser.asked).toHaveLength(length);
    expect(flatbed.state.name).toBe("checking");
  });
});

describe("a service that goes away", () => {
  beforeEach(async () => {
    browser.ports.set(FIRST, hello());
    await make().reconnect();
  });

  test("is stopped as soon as a call fails, and connects by itself when it is back", async () => {
    const names = record();
    browser.ports.delete(FIRST);
    const call = flatbed.scanners.list().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await call).toMatchObject({ code: "unreachable" });
    expect(names).toEqual(["stopped"]);
    browser.ports.set(FIRST, hello());
    await vi.advanceTimersByTimeAsync(2000);
    expect(names).toEqual(["stopped", "ready"]);
  });

  test("is found again on another port", async () => {
    browser.ports.delete(FIRST);
    browser.ports.set("http://127.0.0.1:18722", hello());
    const call = flatbed.scanners.list().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10_000);
    await call;
    expect(flatbed.state.name).toBe("ready");
    browser.asked.length = 0;
    await flatbed.scanners.list();
    expect(browser.asked).toEqual(["http://127.0.0.1:18722/api/device/scanners"]);
  });
});
