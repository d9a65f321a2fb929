/** Operations of add-ons in a real service. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { Addons } from "../src/addons.js";
import type { Document } from "../src/document.js";
import { Documents } from "../src/documents.js";
import type { Progress } from "../src/process-job.js";
import { Processing } from "../src/processing.js";
import { magicOf, picture } from "./support/pictures.js";
import { fetchFromPage, LIMIT_MS, TestService } from "./support/service.js";
import { rejection } from "./support/waiting.js";

vi.setConfig({ testTimeout: LIMIT_MS, hookTimeout: LIMIT_MS });

let service: TestService;
let processing: Processing;
let document: Document;

beforeAll(async () => {
  service = await TestService.start();
  const connection = service.connect();
  processing = new Processing(() => Promise.resolve(connection));
  document = await new Documents(() => Promise.resolve(connection)).create({ password: "secret" });
  for (const width of [200, 300, 400]) {
    await document.load(picture(width, 200));
  }
});

afterAll(async () => {
  await service.stop();
});

describe("an operation", () => {
  test("on a page answers what it found", async () => {
    const [page] = await document.pages();
    const found = await processing.process("check-blank", page ?? "", { minBlockHeight: 0 });
    expect(found).toEqual({ result: true });
  });

  test("on several pages answers for each, in their order", async () => {
    const pages = await document.pages();
    const found = await processing.process("check-blank", pages);
    expect(found.pages.map((each) => each.source)).toEqual(pages.map((page) => page.uid));
    expect(found.pages.map((each) => each.result)).toEqual([
      { result: true },
      { result: true },
      { result: true },
    ]);
  });

  test("on a document works on all of its pages", async () => {
    const found = await processing.process("inspect-page", document);
    expect(found.pages.map((each) => each.result?.isBlank)).toEqual([true, true, true]);
  });

  test("that makes a file answers it", async () => {
    const [page] = await document.pages();
    const settings = { media_type: "image/jpeg", width: 100 };
    const file = await processing.process("encode", page ?? "", settings);
    expect(await magicOf(file, 2)).toBe("\xff\xd8");
  });

  test("that nobody brings is an error with its name", async () => {
    const [page] = await document.pages();
    const error = await rejection(processing.process("no-such-thing", page ?? "", {}));
    expect(error).toMatchObject({ code: "addon_missing", number: -1126, status: 404 });
  });

  test("is sent with a key of its own, and once where its answer is lost", async () => {
    const keys: (string | null)[] = [];
    const losing = service.connect({
      fetch: (input, init) => {
        keys.push(new Headers(init?.headers).get("Idempotency-Key"));
        return keys.length === 1
          ? Promise.reject(new TypeError("fetch failed"))
          : fetchFromPage(input, init);
      },
    });
    const [page] = await document.pages();
    const own = new Processing(() => Promise.resolve(losing));
    expect(await own.process("check-blank", page ?? "")).toEqual({ result: true });
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys).toEqual([keys[0], keys[0]]);
  });

  test("is cancelled by its signal", async () => {
    const [page] = await document.pages();
    const control = new AbortController();
    const work = processing.process("check-blank", page ?? "", {}, { signal: control.signal });
    control.abort();
    expect(await rejection(work)).toMatchObject({ name: "AbortError" });
  });
});

describe("an operation that goes on by itself", () => {
  test("tells how far it is, and then what it found", async () => {
    const told: Progress[] = [];
    const onProgress = (progress: Progress): unknown => told.push(progress);
    const found = await processing.process("check-blank", document, {}, { onProgress });
    expect(found.pages).toHaveLength(3);
    expect(told.at(-1)).toEqual({ done: 3, total: 3 });
    const done = told.map((progress) => progress.done);
    expect(done).toEqual([...done].sort((one, other) => one - other));
    const texts = told.map((progress) => `${progress.done}/${progress.total}`);
    expect(new Set(texts).size).toBe(texts.length);
  });

  test("is found again by its id, with its result", async () => {
    const job = await processing.start("inspect-page", document);
    expect(job.operation).toBe("inspect-page");
    const reloaded = service.connect();
    const again = await new Processing(() => Promise.resolve(reloaded)).get(job.id);
    const found = await again.result();
    expect(found).toEqual(await job.result());
    expect(again.status).toBe("completed");
    expect(again.progress).toEqual({ done: 3, total: 3 });
    const known = await processing.list();
    expect(known.map((each) => each.id)).toContain(job.id);
    await job.delete();
    expect(await rejection(processing.get(job.id))).toMatchObject({ code: "job_not_found" });
  });

  test("that makes a file answers it, too", async () => {
    const [page] = await document.pages();
    const job = await processing.start("encode", page ?? "", { media_type: "image/png" });
    expect(await magicOf(await job.result())).toBe("\x89PNG");
  });

  test("ends with an AbortError by the signal, and in the service, too", async () => {
    const pages = await document.pages();
    const many = Array.from({ length: 600 }, (_, at) => pages[at % pages.length] ?? "");
    const job = await processing.start("inspect-page", many);
    const control = new AbortController();
    const result = rejection(job.result({ signal: control.signal }));
    control.abort("enough");
    expect(await result).toMatchObject({ name: "AbortError" });
    const again = await processing.get(job.id);
    expect(await rejection(again.result())).toMatchObject({ name: "AbortError" });
    expect(again.status).toBe("canceled");
  });
});

test("add-ons tell what they bring", async () => {
  const connection = service.connect();
  const addons = new Addons(() => Promise.resolve(connection));
  const names = (await addons.list()).map((addon) => addon.name);
  expect(names).toContain("imaging");
  const imaging = await addons.get("imaging");
  expect(Object.keys(imaging.operations)).toContain("check-blank");
  const error = await rejection(addons.send("imaging", "GET", "no/such/route"));
  expect(error).toMatchObject({ code: "not_found", status: 404 });
});
