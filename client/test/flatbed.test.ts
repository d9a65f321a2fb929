/** The way in as a page sees it: its states, in order, in browsers made of their answers. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Environment } from "../src/environment.js";
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

test("making one touches nothing, in a page or without one", () => {
  const untouchable = new Proxy({} as Environment, {
    get: (_, name) => {
      throw new Error(`${String(name)} was touched`);
    },
  });
  const fetched = vi.spyOn(globalThis, "fetch");
  expect(() => new Flatbed({ addons: ["pdf"], name: "Inbox" }, untouchable)).not.toThrow();
  flatbed = new Flatbed({ addons: ["pdf"] });
  expect(flatbed.state.name).toBe("checking");
  expect(fetched).not.toHaveBeenCalled();
});

describe("reconnect", () => {
  test("shows checking, then ready, and remembers where it was", async () => {
    browser.ports.set(FIRST, hello());
    make();
    const names = record();
    expect(flatbed.state).toEqual({
      name: "checking",
      sentence: "Looking for Flatbed on this computer.",
    });
    expect(await flatbed.reconnect()).toEqual({ name: "ready", sentence: "Flatbed is ready." });
    expect(names).toEqual(["ready"]);
    expect(JSON.parse(browser.stored.get("flatbed") ?? "")).toEqual({
      url: FIRST,
      isOpen: false,
      isGranted: true,
    });
  });

  test("says missing, with the installer for this computer", async () => {
    const installers = { linux: "https://contoso.example/linux.sh" };
    const state = await make({ installers }).reconnect();
    expect(state.name).toBe("missing");
    expect(state.action?.label).toBe("Install Flatbed");
    expect(state.action?.href).toBe("https://contoso.example/linux.sh");
  });

  test("says missing, with nothing to install, on a telephone", async () => {
    browser.userAgent = "Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/156 Mobile";
    const state = await make().reconnect();
    expect(state).toEqual({
      name: "missing",
      sentence: "There is no Flatbed for this device. Use a computer with Linux, Windows or macOS.",
    });
  });

  test("says stopped where it has been before", async () => {
    browser.stored.set("flatbed", JSON.stringify({ url: FIRST }));
    expect((await make().reconnect()).name).toBe("stopped");
  });

  test("says blocked, not missing, for a permission that was denied", async () => {
    browser.permission = { name: "loopback-network", state: "denied" };
    expect((await make().reconnect()).name).toBe("blocked");
  });

  test("says asking, and does not make the browser ask", async () => {
    browser.permission = { name: "loopback-network", state: "prompt" };
    const state = await make().reconnect();
    expect(state.name).toBe("asking");
    expect(state.action?.label).toBe("Connect");
    expect(browser.asked).toEqual([]);
  });

  test("says foreign for another user's service", async () => {
    browser.ports.set(FIRST, hello({ yours: false }));
    expect((await make().reconnect()).name).toBe("foreign");
  });

  test.each([
    [{ contract: "20251120" }, "Update Flatbed", /too old for this page. Update Flatbed/],
    [{ version: "2.0.0" }, "Reload this page", /^This page is too old/],
  ])("says version for %j, and which one to update", async (facts, label, sentence) => {
    browser.ports.set(FIRST, hello(facts));
    const state = await make().reconnect();
    expect(state.name).toBe("version");
    expect(state.sentence).toMatch(sentence);
    expect(state.action?.label).toBe(label);
  });

  test("looks at the service's own ports where the author named none", async () => {
    browser.ports.set(FIRST, hello());
    expect((await make({ ports: [] }).reconnect()).name).toBe("ready");
  });

  test("never opens a window", async () => {
    browser.ports.set(FIRST, hello());
    await make().reconnect();
    expect(browser.windows).toEqual([]);
  });

  test("is needless once ready", async () => {
    browser.ports.set(FIRST, hello());
    await make().reconnect();
    const { length } = browser.asked;
    await flatbed.reconnect();
    expect(browser.asked).toHaveLength(length);
  });

  test("by its signal is an AbortError, and shows again what was before", async () => {
    make();
    await flatbed.reconnect();
    browser.ports.set(FIRST, "silent");
    const abort = new AbortController();
    const connecting = flatbed.reconnect({ signal: abort.signal });
    await vi.advanceTimersByTimeAsync(100);
    expect(flatbed.state.name).toBe("checking");
    abort.abort();
    await expect(connecting).rejects.toMatchObject({ name: "AbortError" });
    expect(flatbed.state.name).toBe("missing");
  });

  test("works where storage is forbidden", async () => {
    browser.ports.set(FIRST, hello());
    vi.spyOn(browser.storage, "setItem").mockImplementation(() => {
      throw new DOMException("no", "SecurityError");
    });
    expect((await make().reconnect()).name).toBe("ready");
  });
});

describe("request", () => {
  test.each([
    ["blocked", "permission_blocked", { permission: "denied" }],
    ["missing", "service_missing", {}],
    ["stopped", "service_stopped", { stored: { url: FIRST } }],
    ["foreign", "service_foreign", { facts: { yours: false } }],
    ["version", "version_unfit", { facts: { version: "9.0.0" } }],
  ] as const)("that ends in %s rejects with %s and the sentence", async (name, code, how) => {
    if ("permission" in how) browser.permission = { name: "loopback-network", state: "denied" };
    if ("facts" in how) browser.ports.set(FIRST, hello(how.facts));
    if ("stored" in how) browser.stored.set("flatbed", JSON.stringify(how.stored));
    const refused = await make()
      .request()
      .catch((error: unknown) => error);
    expect(flatbed.state.name).toBe(name);
    expect(refused).toMatchObject({ name: "FlatbedError", code, message: flatbed.state.sentence });
    expect(browser.windows.every((window) => window.closed)).toBe(true);
  });

  test("shows that the browser is asking while it does", async () => {
    browser.permission = { name: "loopback-network", state: "prompt" };
    browser.ports.set(FIRST, "silent");
    make();
    const names = record();
    void flatbed.request().catch(() => undefined);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(names).toEqual(["asking"]);
    expect(flatbed.state.sentence).toBe(
      "Your browser is asking whether this page may reach apps on this device. Choose Allow.",
    );
  });

  test("opens no window where the person has let the page in before", async () => {
    browser.stored.set("flatbed", JSON.stringify({ url: FIRST, isGranted: true }));
    browser.ports.set(FIRST, hello());
    await make().request();
    expect(browser.windows).toEqual([]);
  });

  test("takes the place of a silent look, which ends with what is known then", async () => {
    browser.ports.set(FIRST, "silent");
    make();
    const silent = flatbed.reconnect();
    await vi.advanceTimersByTimeAsync(100);
    browser.ports.set(FIRST, hello());
    await flatbed.request();
    expect((await silent).name).toBe("ready");
  });
});

describe("the parts", () => {
  test("connect silently at the first call", async () => {
    browser.ports.set(FIRST, hello());
    await make().scanners.list();
    expect(flatbed.state.name).toBe("ready");
  });

  test("throw the state's sentence where that does not do", async () => {
    await expect(make().scanners.list()).rejects.toMatchObject({
      code: "service_missing",
      message:
        "Flatbed is not installed on this computer. Install it; this page then connects by itself.",
    });
  });

  test("throw closed after close", async () => {
    make().close();
    await expect(flatbed.scanners.list()).rejects.toMatchObject({ code: "closed" });
    await expect(flatbed.request()).rejects.toMatchObject({ code: "closed" });
  });
});

describe("texts", () => {
  test("are those of the page's language", () => {
    browser.languages = ["de", "en"];
    expect(make().state.sentence).toBe("Flatbed wird auf diesem Computer gesucht.");
  });

  test("are those that the author chose", () => {
    browser.languages = ["de"];
    const options = { language: "en", texts: { product: "Contoso Scan" } };
    expect(make(options).state.sentence).toBe("Looking for Contoso Scan on this computer.");
  });
});

test.each([[{ version: "2.0.0" }, (page: FakeBrowser) => page.reloads, 1]] as const)(
  "the action of %j reloads the page",
  async (facts, count, expected) => {
    browser.ports.set(FIRST, hello(facts));
    await make().reconnect();
    await flatbed.state.action?.run();
    expect(count(browser)).toBe(expected);
  },
);

test("a frame's action opens the page in a window of its own", async () => {
  browser.permission = { name: "loopback-network", state: "denied" };
  browser.isFramed = true;
  await make().reconnect();
  await flatbed.state.action?.run();
  expect(browser.windows.map((window) => window.url)).toEqual(["https://scan.example/inbox"]);
});
