/** Looking for the service, by browsers made of their answers. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { find, PORTS, type Finding, type FindOptions } from "../src/finder.js";
import { FakeBrowser, FIREFOX, hello } from "./support/browser.js";

const FIRST = "http://127.0.0.1:18622";
const SECOND = "http://127.0.0.1:18625";

let browser: FakeBrowser;
let askings: number;

beforeEach(() => {
  vi.useFakeTimers();
  browser = new FakeBrowser();
  askings = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

function look(options: Partial<FindOptions> = {}): Promise<Finding> {
  return find(browser, {
    ports: PORTS,
    isSilent: false,
    signal: new AbortController().signal,
    onAsking: () => {
      askings += 1;
    },
    ...options,
  });
}

/** What came of it after so much time of the browser's. */
async function lookFor(ms: number, options: Partial<FindOptions> = {}): Promise<Finding | "open"> {
  let found: Finding | "open" = "open";
  void look(options).then((finding) => (found = finding));
  await vi.advanceTimersByTimeAsync(ms);
  return found;
}

/** A request that is refused or answered after some time. */
function after(ms: number, answer?: Response): () => Promise<Response> {
  return () =>
    new Promise((resolve, reject) => {
      setTimeout(() => {
        if (answer === undefined) reject(new TypeError("Failed to fetch"));
        else resolve(answer);
      }, ms);
    });
}

test("the ports are those of the service, in order", () => {
  expect(PORTS).toEqual([
    18622, 18625, 18722, 18725, 18822, 18825, 18922, 18925, 19022, 19025, 19122, 19125,
  ]);
});

test("the first port that is this person's ends the search", async () => {
  browser.ports.set(SECOND, hello());
  const found = await look();
  expect(found).toEqual({ kind: "own", baseUrl: SECOND, hello: hello(), isOpen: false });
  expect(browser.asked).toEqual([`${FIRST}/api/hello`, `${SECOND}/api/hello`]);
});

test("where it was last time is looked at first", async () => {
  browser.ports.set("http://127.0.0.1:18822", hello());
  await look({ lastUrl: "http://127.0.0.1:18822" });
  expect(browser.asked).toEqual(["http://127.0.0.1:18822/api/hello"]);
});

test("a remembered place that is none of the ports is not asked", async () => {
  await look({ ports: [18622], lastUrl: "http://127.0.0.1:80" });
  expect(browser.asked).toEqual([`${FIRST}/api/hello`]);
});

test("another user's service is passed by for this person's behind it", async () => {
  browser.ports.set(FIRST, hello({ yours: false }));
  browser.ports.set("http://127.0.0.1:18722", hello());
  expect(await look()).toMatchObject({ kind: "own", baseUrl: "http://127.0.0.1:18722" });
});

test("another user's service alone is foreign", async () => {
  browser.ports.set(FIRST, hello({ yours: false }));
  expect(await look()).toEqual({ kind: "foreign" });
});

test.each([
  ["no JSON", () => Promise.resolve(new Response("<html>"))],
  ["another program's JSON", () => Promise.resolve(Response.json({ service: "x", yours: true }))],
  ["null", () => Promise.resolve(Response.json(null))],
])("an answer of %s is no service", async (_, answer) => {
  browser.ports.set(FIRST, answer);
  expect(await look()).toEqual({ kind: "nothing" });
});

test("nobody on any port is nothing, and https is not tried where the browser has a permission", async () => {
  expect(await look()).toEqual({ kind: "nothing" });
  expect(browser.asked).toHaveLength(12);
});

test("a port that never answers holds up no other, and counts as nobody after three seconds", async () => {
  browser.ports.set(FIRST, "silent");
  expect(await lookFor(2900)).toBe("open");
  expect(browser.asked).toHaveLength(12);
  expect(await lookFor(3100)).toEqual({ kind: "nothing" });
});

test("a service behind a port that never answers is found at once", async () => {
  browser.ports.set(FIRST, "silent");
  browser.ports.set(SECOND, hello());
  expect(await lookFor(400)).toMatchObject({ kind: "own", baseUrl: SECOND });
});

test("both names of the permission are asked, the newer one first", async () => {
  browser.permission = { name: "local-network-access", state: "denied" };
  expect(await look()).toEqual({ kind: "denied" });
  expect(browser.queried).toEqual(["loopback-network", "local-network-access"]);
});

test("a denied permission is told without a request", async () => {
  browser.permission = { name: "loopback-network", state: "denied" };
  browser.ports.set(FIRST, hello());
  expect(await look()).toEqual({ kind: "denied" });
  expect(browser.asked).toEqual([]);
});

test("a permission that the frame lacks is told as such", async () => {
  browser.permission = { name: "loopback-network", state: "denied" };
  browser.isFramed = true;
  expect(await look()).toEqual({ kind: "framed" });
});

test("a silent look asks nothing while the browser would ask the person", async () => {
  browser.permission = { name: "loopback-network", state: "prompt" };
  expect(await look({ isSilent: true })).toEqual({ kind: "unasked" });
  expect(browser.asked).toEqual([]);
});

test("a silent look goes on where the page was reached before in spite of an open question", async () => {
  browser.permission = { name: "loopback-network", state: "prompt" };
  browser.ports.set(FIRST, hello());
  expect(await look({ isSilent: true, wasOpen: true })).toMatchObject({
    kind: "own",
    isOpen: true,
  });
});

test("while the browser is asking, no time is too long", async () => {
  browser.permission = { name: "loopback-network", state: "prompt" };
  browser.ports.set(FIRST, "silent");
  expect(await lookFor(600_000)).toBe("open");
  expect(askings).toBe(1);
});

test("once the person has allowed it, the held request is answered", async () => {
  const permission = { name: "loopback-network", state: "prompt" as PermissionState };
  browser.permission = permission;
  browser.ports.set(FIRST, () => {
    setTimeout(() => (permission.state = "granted"), 59_000);
    return after(60_000, Response.json(hello()))();
  });
  expect(await lookFor(60_500)).toMatchObject({ kind: "own", isOpen: false });
  expect(askings).toBe(1);
});

test("once the person has allowed it, time counts again", async () => {
  const permission = { name: "loopback-network", state: "prompt" as PermissionState };
  browser.permission = permission;
  browser.ports.set(FIRST, "silent");
  setTimeout(() => (permission.state = "granted"), 60_000);
  expect(await lookFor(63_500)).toEqual({ kind: "nothing" });
});

test("a person's no is denied, never nothing", async () => {
  const permission = { name: "loopback-network", state: "prompt" as PermissionState };
  browser.permission = permission;
  browser.ports.set(FIRST, () => {
    setTimeout(() => (permission.state = "denied"), 4000);
    return after(4000)();
  });
  expect(await lookFor(5000)).toEqual({ kind: "denied" });
});

test("a question that was closed without an answer is dismissed, never nothing", async () => {
  browser.permission = { name: "loopback-network", state: "prompt" };
  browser.ports.set(FIRST, after(4000));
  expect(await lookFor(5000)).toEqual({ kind: "dismissed" });
});

test("refusals that are all as slow as each other, as on Windows, are nothing", async () => {
  browser.permission = { name: "loopback-network", state: "prompt" };
  for (const port of PORTS) browser.ports.set(`http://127.0.0.1:${port}`, after(2050));
  expect(await lookFor(8000)).toEqual({ kind: "nothing" });
});

test("a browser without the permission tries https too", async () => {
  browser.permission = undefined;
  browser.ports.set("https://127.0.0.1:18623", hello());
  expect(await look()).toMatchObject({ kind: "own", baseUrl: "https://127.0.0.1:18623" });
});

test("a page without https needs none of the service", async () => {
  browser.isSecureContext = false;
  browser.location = { href: "http://a.local/", protocol: "http:", hostname: "a.local" };
  browser.permission = undefined;
  expect(await look()).toEqual({ kind: "nothing" });
  expect(browser.asked.every((url) => url.startsWith("http:"))).toBe(true);
});

test.each([
  ["intranet", "nothing"],
  ["192.168.1.20", "nothing"],
  ["172.20.0.3", "nothing"],
  ["localhost", "nothing"],
  ["scan.example", "insecure"],
  ["203.0.113.7", "insecure"],
  ["172.32.0.3", "insecure"],
])("without https and a service, a page of %s is %s", async (hostname, kind) => {
  browser.isSecureContext = false;
  browser.location = { href: `http://${hostname}/`, protocol: "http:", hostname };
  expect(await look()).toEqual({ kind });
});

test.each(["localhost", "127.0.0.1", "app.localhost", "[::1]"])(
  "a page of %s is of this machine: it looks silently whatever the permission",
  async (hostname) => {
    browser.location = { href: `http://${hostname}/`, protocol: "http:", hostname };
    browser.permission = { name: "loopback-network", state: "prompt" };
    browser.ports.set(FIRST, hello());
    expect(await look({ isSilent: true })).toMatchObject({ kind: "own" });
  },
);

test("a page of this machine is not told that the browser asks while a port does not answer", async () => {
  browser.location = { href: "http://127.0.0.1/", protocol: "http:", hostname: "127.0.0.1" };
  browser.permission = { name: "loopback-network", state: "prompt" };
  browser.ports.set(FIRST, "silent");
  expect(await lookFor(3500, { ports: [18622] })).toEqual({ kind: "nothing" });
  expect(askings).toBe(0);
});

test("a page of this machine is not told of a question, however slow a refusal was", async () => {
  browser.location = { href: "http://localhost/", protocol: "http:", hostname: "localhost" };
  browser.permission = { name: "loopback-network", state: "prompt" };
  browser.ports.set(FIRST, after(2050));
  expect(await lookFor(8000)).toEqual({ kind: "nothing" });
});

test("Firefox, which may know neither name, is not made to ask by a silent look", async () => {
  browser.permission = undefined;
  browser.userAgent = FIREFOX;
  expect(await look({ isSilent: true })).toEqual({ kind: "unasked" });
  expect(browser.asked).toEqual([]);
});

test("Firefox holding every request is asking", async () => {
  browser.permission = undefined;
  browser.userAgent = FIREFOX;
  for (const port of PORTS) {
    browser.ports.set(`http://127.0.0.1:${port}`, "silent");
    browser.ports.set(`https://127.0.0.1:${port + 1}`, "silent");
  }
  expect(await lookFor(60_000)).toBe("open");
  expect(askings).toBe(1);
});

test("Firefox refusing what it held was told no", async () => {
  browser.permission = undefined;
  browser.userAgent = FIREFOX;
  browser.ports.set(FIRST, after(2000));
  expect(await lookFor(3500)).toEqual({ kind: "denied" });
});

test("the signal ends the search and its requests", async () => {
  browser.ports.set(FIRST, "silent");
  const abort = new AbortController();
  const looking = look({ signal: abort.signal });
  await vi.advanceTimersByTimeAsync(100);
  abort.abort();
  await expect(looking).rejects.toMatchObject({ name: "AbortError" });
  const { length } = browser.asked;
  await vi.advanceTimersByTimeAsync(5000);
  expect(browser.asked).toHaveLength(length);
});
