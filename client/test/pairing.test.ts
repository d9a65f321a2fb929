/** Being let in by the person, at a small real server that speaks as the service does. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Flatbed } from "../src/flatbed.js";
import type { FlatbedOptions } from "../src/options.js";
import type { FlatbedState } from "../src/states.js";
import { FIREFOX } from "./support/browser.js";
import { Desk, DeskBrowser } from "./support/desk.js";

const CONSENT = "/consent/0123456789abcdef0123456789abcdef";

let desk: Desk;
let browser: DeskBrowser;
let flatbed: Flatbed;

beforeEach(async () => {
  desk = new Desk();
  await desk.open();
  browser = new DeskBrowser(desk);
  make();
});

afterEach(async () => {
  flatbed.close();
  await desk.close();
});

function make(options: FlatbedOptions = {}): void {
  flatbed = new Flatbed({ ports: [desk.port], name: "Inbox", ...options }, browser);
}

/** The state, once it is so. */
function shown(isSo: (state: FlatbedState) => boolean): Promise<FlatbedState> {
  return new Promise((resolve) => {
    const look = () => {
      if (isSo(flatbed.state)) resolve(flatbed.state);
    };
    flatbed.addEventListener("statechange", look);
    look();
  });
}

function waiting(): Promise<FlatbedState> {
  return shown((state) => state.action?.label === "Open the window");
}

test("a page that is not let in is in the state consent, silently", async () => {
  const state = await flatbed.reconnect();
  expect(state.name).toBe("consent");
  expect(state.action?.label).toBe("Ask Flatbed");
  expect(desk.paths("POST")).toEqual([]);
  expect(browser.windows).toEqual([]);
});

test("from an unknown page to ready: window, code, the person's yes", async () => {
  make({ addons: ["pdf", "barcode>=1"] });
  const names: string[] = [];
  flatbed.addEventListener("statechange", () => names.push(flatbed.state.name));
  const requested = flatbed.request();
  expect(browser.windows).toHaveLength(1);
  const state = await waiting();
  expect(state.sentence).toBe(
    "Allow this page in the window of Flatbed. The code there must be ABC-DEF.",
  );
  expect(state.action?.href).toBe(desk.url + CONSENT);
  expect(browser.windows.map((window) => window.url)).toEqual([desk.url + CONSENT]);
  desk.decide("granted");
  await requested;
  expect(names).toEqual(["consent", "ready"]);
  expect(desk.asked.find((each) => each.path === "/api/pair")?.body).toEqual({
    name: "Inbox",
    addons: ["pdf", "barcode>=1"],
  });
  expect(desk.paths("POST")).toEqual(["/api/pair", "/api/sessions"]);
});

test("the window opens in the click itself, before anything is asked", () => {
  const requested = flatbed.request().catch(() => undefined);
  expect(browser.windows).toHaveLength(1);
  expect(browser.windows[0]?.document.body.textContent).toBe("Flatbed: one moment, please.");
  expect(browser.asked).toEqual([]);
  flatbed.close();
  return requested;
});

test.each([
  ["beside the page", { top: 20, right: 1060, screenRight: 1920 }, "left=1060,top=20"],
  ["at the screen's edge", { top: 0, right: 1920, screenRight: 1920 }, "left=1440,top=0"],
  ["on a second screen", { top: 0, right: 3200, screenRight: 3200 }, "left=2720,top=0"],
  [
    "on a screen to the left of the first",
    { top: 0, right: -9, screenRight: 0 },
    "left=-480,top=0",
  ],
])("the window leaves the browser's own question free: %s", (_, place, features) => {
  browser.place = place;
  const requested = flatbed.request().catch(() => undefined);
  expect(browser.features).toEqual([`popup,width=480,height=640,${features}`]);
  flatbed.close();
  return requested;
});

/** Has the browser ask its own question, and hold all requests until that is answered so. */
function holdRequests(): () => void {
  const permission = { name: "loopback-network", state: "prompt" as PermissionState };
  browser.permission = permission;
  const answer = browser.fetch;
  let allow: () => void = () => undefined;
  const allowed = new Promise<void>((resolve) => {
    allow = () => {
      permission.state = "granted";
      resolve();
    };
  });
  vi.spyOn(browser, "fetch").mockImplementation(async (input, init) => {
    await allowed;
    return answer(input, init);
  });
  return allow;
}

test("in Firefox the window makes way for the browser's own question and opens after it", async () => {
  browser.userAgent = FIREFOX;
  const allow = holdRequests();
  const requested = flatbed.request();
  expect(browser.windows.map((window) => window.closed)).toEqual([false]);
  await shown((state) => state.name === "asking");
  expect(browser.windows.map((window) => window.closed)).toEqual([true]);
  allow();
  await waiting();
  expect(browser.windows.map((window) => window.url)).toEqual(["", desk.url + CONSENT]);
  desk.decide("granted");
  await requested;
});

test("in Firefox no window opens before a question of the browser's own is answered", async () => {
  browser.userAgent = FIREFOX;
  const allow = holdRequests();
  expect((await flatbed.reconnect()).action?.label).toBe("Connect");
  const requested = flatbed.request();
  await shown((state) => state.name === "asking" && state.action === undefined);
  expect(browser.windows).toEqual([]);
  allow();
  await waiting();
  expect(browser.windows.map((window) => window.url)).toEqual([desk.url + CONSENT]);
  desk.decide("granted");
  await requested;
});

test("the window is there when the browser's own question comes first", async () => {
  const { port } = desk;
  const allow = holdRequests();
  const requested = flatbed.request();
  const { sentence } = await shown((state) => state.name === "asking");
  expect(browser.windows.map((window) => window.document.body.textContent)).toEqual([sentence]);
  browser.blocksWindows = true;
  allow();
  await vi.waitFor(() => {
    expect(browser.windows[0]?.url).toBe(`http://127.0.0.1:${port}${CONSENT}`);
  });
  await waiting();
  desk.decide("granted");
  await requested;
});

test("a blocked window is a link in the state, and the question waits all the same", async () => {
  browser.blocksWindows = true;
  const requested = flatbed.request();
  const state = await waiting();
  expect(state.action?.href).toBe(desk.url + CONSENT);
  browser.blocksWindows = false;
  await state.action?.run();
  expect(browser.windows.map((window) => window.url)).toEqual([desk.url + CONSENT]);
  desk.decide("granted");
  await requested;
  expect(flatbed.state.name).toBe("ready");
});

test("a window that the person closed meanwhile is opened anew", async () => {
  const requested = flatbed.request();
  browser.windows[0]?.close();
  await waiting();
  expect(browser.windows.map((window) => window.url)).toEqual(["", desk.url + CONSENT]);
  desk.decide("granted");
  await requested;
});

test("a page that was let in already needs no window for long", async () => {
  desk.isGranted = true;
  await flatbed.request();
  expect(flatbed.state.name).toBe("ready");
  expect(browser.windows.map((window) => window.closed)).toEqual([true]);
  expect(desk.paths("POST")).toEqual([]);
});

test("the person's no is told, with the way to the status page", async () => {
  const requested = flatbed.request().catch((error: unknown) => error);
  await waiting();
  desk.decide("blocked");
  expect(await requested).toMatchObject({ code: "consent_needed" });
  expect(flatbed.state.sentence).toBe(
    "This page was blocked in Flatbed. Unblock it on the status page of Flatbed.",
  );
  expect(flatbed.state.action?.href).toBe(`${desk.url}/status`);
});

test("a page that was blocked before is told so without a question", async () => {
  desk.isBlocked = true;
  await expect(flatbed.request()).rejects.toMatchObject({ code: "consent_needed" });
  expect(flatbed.state.action?.label).toBe("Open the status page");
  expect(browser.windows.map((window) => window.closed)).toEqual([true]);
});

test("a question that nobody answered can be asked again", async () => {
  const requested = flatbed.request().catch((error: unknown) => error);
  await waiting();
  desk.decide("expired");
  expect(await requested).toMatchObject({ code: "consent_needed" });
  expect(flatbed.state.sentence).toBe("The question in Flatbed was not answered. Ask again.");
  const again = flatbed.state.action?.run();
  await waiting();
  desk.decide("granted");
  await again;
  expect(flatbed.state.name).toBe("ready");
});

test("a question that a restarted service has forgotten has expired", async () => {
  const requested = flatbed.request().catch((error: unknown) => error);
  await waiting();
  desk.pair = undefined;
  await desk.close();
  await desk.open();
  expect(await requested).toMatchObject({ code: "consent_needed" });
  expect(flatbed.state.sentence).toBe("The question in Flatbed was not answered. Ask again.");
});

test("the signal ends the wait, and leaves the question to be asked again", async () => {
  const abort = new AbortController();
  const requested = flatbed.request({ signal: abort.signal });
  await waiting();
  abort.abort();
  await expect(requested).rejects.toMatchObject({ name: "AbortError" });
  expect(flatbed.state.action?.label).toBe("Ask Flatbed");
});

test("a second click asks the same question, and the first one is an AbortError", async () => {
  const first = flatbed.request().catch((error: unknown) => error);
  await waiting();
  const second = flatbed.request();
  expect(await first).toMatchObject({ name: "AbortError" });
  await vi.waitFor(() => {
    expect(desk.paths("POST")).toEqual(["/api/pair", "/api/pair"]);
  });
  await waiting();
  desk.decide("granted");
  await second;
});

test("an add-on that is missing is a state of its own, in the service's words", async () => {
  desk.isGranted = true;
  const how =
    "The add-on 'barcode' is not installed. Install it with: flatbed addons install barcode";
  const facts = { code: -1126, error: "addon_unfit", statusCode: 409, cause: null };
  desk.unfit = { ...facts, message: "See details.", details: { missing: [{ how }] } };
  make({ addons: ["barcode"] });
  await expect(flatbed.request()).rejects.toMatchObject({ code: "addon_unfit" });
  expect(flatbed.state.name).toBe("version");
  expect(flatbed.state.sentence).toBe(how);
});

test("what the service refuses besides is told in its words, and can be tried again", async () => {
  const message = "Too many pages are asking. Answer one of them first.";
  desk.full = { code: -1001, error: "too_many_pairings", statusCode: 429, message, cause: null };
  await expect(flatbed.request()).rejects.toMatchObject({ code: "too_many_pairings", message });
  expect(flatbed.state.name).toBe("consent");
  expect(flatbed.state.sentence).toBe(message);
  expect(flatbed.state.action?.label).toBe("Ask Flatbed");
});

test("a grant that is taken back shows at the next call", async () => {
  desk.isGranted = true;
  await flatbed.request();
  desk.isGranted = false;
  void flatbed.scanners.list().catch(() => undefined);
  const state = await shown(({ name }) => name === "consent");
  expect(state.action?.label).toBe("Ask Flatbed");
});

test("a link to the service is never what something on its port says", async () => {
  desk.pair = { id: "javascript:alert(1)//", code: "ABC-DEF", status: "waiting" };
  void flatbed.request().catch(() => undefined);
  const state = await waiting();
  expect(state.action?.href).toBe(`${desk.url}/consent/javascript%3Aalert(1)%2F%2F`);
});
