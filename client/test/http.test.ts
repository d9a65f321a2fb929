/** Requests as a real service gets them. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { FlatbedError } from "../src/errors.js";
import { HttpConnection, withQuery } from "../src/http.js";
import { fetchFromPage, LIMIT_MS, TestService } from "./support/service.js";
import { rejection } from "./support/waiting.js";

vi.setConfig({ testTimeout: LIMIT_MS, hookTimeout: LIMIT_MS });

let service: TestService;

beforeAll(async () => {
  service = await TestService.start();
});

afterAll(async () => {
  await service.stop();
});

interface Sent {
  readonly path: string;
  readonly init: RequestInit;
  readonly headers: Headers;
}

/** A `fetch` that notes what is sent; `meddle` comes before the real one. */
function spy(meddle: (sent: Sent) => Response | undefined = () => undefined): {
  sent: Sent[];
  fetch: typeof fetch;
} {
  const sent: Sent[] = [];
  return {
    sent,
    fetch: async (input, init = {}) => {
      const path = new URL(input as string).pathname;
      const one = { path, init, headers: new Headers(init.headers) };
      sent.push(one);
      return meddle(one) ?? fetchFromPage(input, init);
    },
  };
}

function lose(): never {
  throw new TypeError("fetch failed");
}

describe("a request", () => {
  test("is sent as browsers have to send it", async () => {
    const { sent, fetch } = spy();
    const connection = service.connect({ fetch, subject: "alice" });
    const answer = await connection.send("POST", "/api/storage/documents", { name: "Letters" });
    expect(answer.status).toBe(201);
    expect(sent[0]?.init).toMatchObject({
      method: "POST",
      body: '{"name":"Letters"}',
      credentials: "omit",
      mode: "cors",
      cache: "no-store",
    });
    expect(Object.fromEntries(sent[0]?.headers ?? [])).toEqual({
      "content-type": "application/json",
      "flatbed-subject": "alice",
    });
  });

  test("under a subject finds what was made under it, and nobody else does", async () => {
    const path = withQuery("/api/storage/documents", { name: "Of Bob" });
    const bob = service.connect({ subject: "bob" });
    await bob.send("POST", "/api/storage/documents", { name: "Of Bob" });
    expect(await (await bob.send("GET", path)).json()).toHaveLength(1);
    const carol = service.connect({ subject: "carol" });
    expect(await (await carol.send("GET", path)).json()).toEqual([]);
  });

  test("with a file sends its bytes", async () => {
    const connection = service.connect();
    const made = await connection.send("POST", "/api/storage/documents", {});
    const { uid } = (await made.json()) as { uid: string };
    const picture = new Blob([`P1 2 2 1 0 0 1`], { type: "image/x-portable-bitmap" });
    const path = `/api/storage/documents/${uid}/pages`;
    const error = await rejection(connection.send("POST", path, picture));
    // It came as a file: its kind is what is refused.
    expect(error).toMatchObject({ code: "invalid_input", number: -2113 });
    expect((error as Error).message).toContain("The file is of no kind");
  });

  test("that the service refuses is an error with its name", async () => {
    const error = await rejection(service.connect().send("GET", "/api/storage/pages/none"));
    expect(error).toBeInstanceOf(FlatbedError);
    expect(error).toMatchObject({ code: "page_not_found", number: -1040, status: 404 });
  });

  test("that is cancelled is an AbortError, whatever the reason", async () => {
    const { sent, fetch } = spy();
    const connection = service.connect({ fetch });
    const before = connection.send("GET", "/api/hello", undefined, {
      signal: AbortSignal.abort("no"),
    });
    expect(await rejection(before)).toMatchObject({ name: "AbortError" });
    expect(sent).toEqual([]);
    const control = new AbortController();
    const meanwhile = connection.send("GET", "/api/hello", undefined, { signal: control.signal });
    control.abort(new Error("another"));
    const error = await rejection(meanwhile);
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({ name: "AbortError" });
  });

  test("to nobody is unreachable", async () => {
    const nowhere = new HttpConnection({ baseUrl: "http://127.0.0.1:1" });
    const error = await rejection(nowhere.send("POST", "/api/storage/documents", {}));
    expect(error).toMatchObject({ code: "unreachable", status: 0 });
  });
});

describe("an answer that is lost", () => {
  test("is asked for again where the start has a key, which stays the same", async () => {
    let isLost = true;
    const { sent, fetch } = spy((one) => {
      expect(one.path).toBe("/api/storage/documents");
      if (isLost) {
        isLost = false;
        lose();
      }
      return undefined;
    });
    const connection = service.connect({ fetch });
    const options = { idempotencyKey: "once-only" };
    const answer = await connection.send("POST", "/api/storage/documents", {}, options);
    expect(answer.status).toBe(201);
    expect(sent.map((each) => each.headers.get("Idempotency-Key"))).toEqual([
      "once-only",
      "once-only",
    ]);
  });

  test("of a start without a key is not asked for again", async () => {
    const { sent, fetch } = spy(lose);
    const start = service.connect({ fetch }).send("POST", "/api/storage/documents", {});
    expect(await rejection(start)).toMatchObject({ code: "unreachable" });
    expect(sent).toHaveLength(1);
  });

  test("of a look is asked for again, and a cancel ends that", async () => {
    const control = new AbortController();
    const { sent, fetch } = spy(() => {
      if (sent.length === 2) {
        control.abort();
      }
      return lose();
    });
    const look = service
      .connect({ fetch })
      .send("GET", "/api/hello", undefined, { signal: control.signal });
    expect(await rejection(look)).toMatchObject({ name: "AbortError" });
    expect(sent).toHaveLength(2);
  });
});

describe("a session", () => {
  test("is begun once, with the first request, for the add-ons that the page names", async () => {
    const { sent, fetch } = spy();
    const connection = service.connect({ fetch, addons: ["imaging"] });
    expect(sent).toEqual([]);
    await Promise.all([
      connection.send("GET", "/api/device/scanners"),
      connection.send("GET", "/api/addons"),
    ]);
    expect(sent.map((each) => each.path)).toEqual([
      "/api/sessions",
      "/api/device/scanners",
      "/api/addons",
    ]);
    expect(sent[0]?.init.body).toBe('{"addons":["imaging"]}');
    expect(sent[0]?.headers.get("Flatbed-Session")).toBeNull();
    const [one, other] = sent.slice(1).map((each) => each.headers.get("Flatbed-Session"));
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(other).toBe(one);
  });

  test("is renewed once when the service does not know it any more", async () => {
    const { sent, fetch } = spy();
    const connection = service.connect({ fetch, addons: ["imaging"] });
    await connection.send("GET", "/api/hello");
    const lost = sent[1]?.headers.get("Flatbed-Session") ?? "";
    await connection.send("DELETE", `/api/sessions/${lost}`);
    const order = { source: "0".repeat(32) };
    const error = await rejection(connection.send("POST", "/api/process/check-blank", order));
    // Of the page, no more of the session.
    expect(error).toMatchObject({ code: "page_not_found" });
    const sessions = sent
      .filter((each) => each.path === "/api/process/check-blank")
      .map((each) => each.headers.get("Flatbed-Session"));
    expect(sessions).toHaveLength(2);
    expect(sessions[0]).toBe(lost);
    expect(sessions[1]).not.toBe(lost);
  });

  test("that cannot be had says which add-ons are missing, and is asked for anew", async () => {
    const { sent, fetch } = spy();
    const connection = service.connect({ fetch, addons: ["no-such-addon>=3"] });
    const look = (): Promise<unknown> => connection.send("GET", "/api/device/scanners");
    expect(await rejection(look())).toMatchObject({ code: "addon_unfit", status: 409 });
    expect(await rejection(look())).toMatchObject({ code: "addon_unfit" });
    expect(sent.map((each) => each.path)).toEqual(["/api/sessions", "/api/sessions"]);
  });
});

test("a query has only what has a value", () => {
  const path = withQuery("/api/x", { name: "a & b", after: 0, flag: false, none: undefined });
  expect(path).toBe("/api/x?name=a+%26+b&after=0&flag=false");
  expect(withQuery("/api/x", { none: undefined })).toBe("/api/x");
});
