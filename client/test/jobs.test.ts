/** Scans of virtual scanners behind a real service: their start, their pages, finding them again. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import type { Connection } from "../src/connection.js";
import { FlatbedError } from "../src/errors.js";
import type { EndedEvent } from "../src/job-events.js";
import { Jobs } from "../src/jobs.js";
import { QUICK, SCANNERS, SLOW, uidsOf } from "./support/scans.js";
import { fetchFromPage, LIMIT_MS, TestService } from "./support/service.js";
import { collect, once, rejection } from "./support/waiting.js";

vi.setConfig({ testTimeout: LIMIT_MS, hookTimeout: LIMIT_MS });

let service: TestService;
let connection: Connection;
let jobs: Jobs;

beforeAll(async () => {
  service = await TestService.start(SCANNERS);
  connection = service.connect();
  jobs = new Jobs(() => Promise.resolve(connection));
});

afterAll(async () => {
  await service.stop();
});

describe("pages", () => {
  test("come each once and in order", async () => {
    const job = await jobs.start(QUICK);
    const pages = await collect(job.pages());
    const infos = await Promise.all(pages.map((page) => page.info()));
    expect(new Set(pages.map((page) => page.uid)).size).toBe(4);
    expect(infos.map((info) => info.job)).toEqual([job.id, job.id, job.id, job.id]);
    expect(infos[0]?.sizePx).toEqual([177, 236]);
    expect(job.status).toBe("completed");
    expect(job.pageCount).toBe(4);
  });

  test("come as the service has them, to every loop by itself", async () => {
    const job = await jobs.start(QUICK);
    const [one, other] = await Promise.all([uidsOf(job.pages()), uidsOf(job.pages())]);
    expect(one).toHaveLength(4);
    expect(other).toEqual(one);
  });

  test("are told as events, too, and then the end", async () => {
    const job = await jobs.start(QUICK);
    const told: string[] = [];
    job.addEventListener("page", (event) => told.push(event.page.uid));
    const ended = once<EndedEvent>(job, "ended");
    const pages = await uidsOf(job.pages());
    expect((await ended).status).toBe("completed");
    expect((await ended).error).toBeUndefined();
    expect(told).toEqual(pages);
  });

  test("of a loop that takes its time keep no paper waiting", async () => {
    const job = await jobs.start(QUICK);
    const ended = once(job, "ended");
    const seen: string[] = [];
    for await (const page of job.pages()) {
      // The whole pile is through before the first page is done with.
      await ended;
      seen.push(page.uid);
    }
    expect(seen).toHaveLength(4);
  });

  test("can be left while the job runs on", async () => {
    const job = await jobs.start(SLOW);
    for await (const page of job.pages()) {
      expect(page.uid).toMatch(/^[0-9a-f]{32}$/);
      break;
    }
    expect(job.status).toBe("running");
    await once(job, "ended");
    expect(job.status).toBe("completed");
    expect(await uidsOf(job.pages())).toHaveLength(4);
  });

  test("end with an AbortError by the loop's own signal, and the job runs on", async () => {
    const job = await jobs.start(SLOW);
    const loop = new AbortController();
    const pages = job.pages({ signal: loop.signal });
    await pages.next();
    const next = rejection(pages.next());
    loop.abort();
    expect(await next).toMatchObject({ name: "AbortError" });
    await once(job, "ended");
    expect(job.status).toBe("completed");
  });
});

describe("a job that is found again", () => {
  test("by its id tells every page from the first on while it runs", async () => {
    const job = await jobs.start(SLOW);
    const first = (await job.pages().next()).value;
    const again = await jobs.get(job.id);
    const [uids, others] = await Promise.all([uidsOf(job.pages()), uidsOf(again.pages())]);
    expect(uids).toHaveLength(4);
    expect(uids[0]).toBe(first?.uid);
    expect(others).toEqual(uids);
  });

  test("after its end, over a connection of a reloaded page, tells the same", async () => {
    const job = await jobs.start(QUICK);
    const uids = await uidsOf(job.pages());
    const reloaded = service.connect();
    const again = await new Jobs(() => Promise.resolve(reloaded)).get(job.id);
    expect(await uidsOf(again.pages())).toEqual(uids);
    expect(again.status).toBe("completed");
  });

  test("and is not there is an error with a name", async () => {
    const error = await rejection(jobs.get("0".repeat(32)));
    expect(error).toBeInstanceOf(FlatbedError);
    expect(error).toMatchObject({ code: "job_not_found", number: -1034, status: 404 });
  });
});

test("what gave way is told, and stands in the job's warnings", async () => {
  const job = await jobs.start({ ...QUICK, pageSize: "a3", maxPages: 1 });
  const told: string[] = [];
  job.addEventListener("warning", (event) => told.push(event.message));
  await collect(job.pages());
  expect(job.warnings).toHaveLength(1);
  expect(told).toEqual(job.warnings);
});

test("what a crash left is listed, kept and deleted by its uid", async () => {
  expect(await jobs.recovered()).toEqual([]);
  const uid = "0".repeat(32);
  expect(await rejection(jobs.keepRecovered(uid))).toMatchObject({ status: 404 });
  expect(await rejection(jobs.deleteRecovered(uid))).toMatchObject({ status: 404 });
});

test("a start whose answer is lost is sent again, and scans once", async () => {
  const ids: string[] = [];
  const losing = service.connect({
    fetch: async (input, init) => {
      const answer = await fetchFromPage(input, init);
      if (init?.method === "POST") {
        ids.push(((await answer.clone().json()) as { jobuid: string }).jobuid);
        if (ids.length === 1) {
          throw new TypeError("fetch failed");
        }
      }
      return answer;
    },
  });
  const job = await new Jobs(() => Promise.resolve(losing)).start(QUICK);
  expect(await uidsOf(job.pages())).toHaveLength(4);
  expect(ids).toEqual([job.id, job.id]);
});

test("a start is sent with a key of its own, and with the author's where there is one", async () => {
  const keys: (string | null)[] = [];
  const watched = service.connect({
    fetch: (input, init) => {
      if (init?.method === "POST") {
        keys.push(new Headers(init.headers).get("Idempotency-Key"));
      }
      return fetchFromPage(input, init);
    },
  });
  const own = new Jobs(() => Promise.resolve(watched));
  await collect((await own.start(QUICK)).pages());
  await collect((await own.start(QUICK)).pages());
  await collect((await own.start({ ...QUICK, idempotencyKey: "invoice-4711" })).pages());
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys[1]).not.toBe(keys[0]);
  expect(keys[2]).toBe("invoice-4711");
});
