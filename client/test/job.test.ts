/** What comes between the start of a scan and its end: jams, cancels, restarts. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import type { Connection } from "../src/connection.js";
import type { FlatbedError } from "../src/errors.js";
import type { Job } from "../src/job.js";
import type { EndedEvent, PausedEvent } from "../src/job-events.js";
import { Jobs } from "../src/jobs.js";
import { JAMS, QUICK, SCANNERS, SLOW, uidsOf } from "./support/scans.js";
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

/** How a job is by the service's own word. */
async function ask(job: Job): Promise<{ status: string; pages: number }> {
  const answer = await connection.send("GET", `/api/device/scanners/jobs/${job.id}`);
  return (await answer.json()) as { status: string; pages: number };
}

describe("a jam", () => {
  test("pauses, says what is safe, and goes on with the sheets that are left", async () => {
    const job = await jobs.start(JAMS);
    const faults: FlatbedError[] = [];
    let resumed = 0;
    job.addEventListener("resumed", () => (resumed += 1));
    job.addEventListener("paused", async (event) => {
      faults.push(event.error);
      await job.resume();
    });
    const uids = await uidsOf(job.pages());
    expect(new Set(uids).size).toBe(4);
    expect(faults.map((fault) => [fault.code, fault.number, fault.pagesSafe])).toEqual([
      ["paper_jam", -1020, 2],
      ["paper_jam", -1020, 3],
      ["paper_jam", -1020, 3],
    ]);
    expect(faults[0]?.message).toContain("Paper is stuck in the feeder.");
    expect(resumed).toBe(3);
    expect(job.status).toBe("completed");
  });

  test("ends the loop as after the last sheet when the person finishes", async () => {
    const job = await jobs.start(JAMS);
    job.addEventListener("paused", () => job.finish());
    expect(await uidsOf(job.pages())).toHaveLength(2);
    expect(job.status).toBe("canceled");
  });

  test("is thrown after the last page where nobody listens to pauses", async () => {
    const job = await jobs.start(JAMS);
    const error = await rejection(collect(job.pages()));
    expect(error).toMatchObject({ code: "paper_jam", number: -1020, pagesSafe: 2 });
    expect(job.pageCount).toBe(2);
    expect(job.status).toBe("paused");
    await job.delete();
  });

  test("is told again to a page that comes back to the paused job", async () => {
    const job = await jobs.start(JAMS);
    await once(job, "paused");
    const again = await jobs.get(job.id);
    const event = await once<PausedEvent>(again, "paused");
    expect(event.error.code).toBe("paper_jam");
    await again.finish();
    expect(await uidsOf(again.pages())).toHaveLength(2);
  });

  test("ends the job with its fault where that was wanted", async () => {
    const job = await jobs.start({ ...JAMS, onFault: "fault" });
    const ended = once<EndedEvent>(job, "ended");
    const error = await rejection(collect(job.pages()));
    expect(error).toMatchObject({ code: "paper_jam", pagesSafe: 2 });
    expect((await ended).error).toBe(error);
    expect(job.fault).toBe(error);
    expect(job.status).toBe("faulted");
  });
});

describe("a cancel", () => {
  test("by the signal stops the paper and is an AbortError whatever its reason", async () => {
    const scan = new AbortController();
    const job = await jobs.start({ ...SLOW, signal: scan.signal });
    const ended = once<EndedEvent>(job, "ended");
    const pages = job.pages();
    await pages.next();
    scan.abort(new Error("the person went away"));
    const error = await rejection(collect(pages));
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({ name: "AbortError" });
    expect((await ended).status).toBe("canceled");
    const { status, pages: count } = await ask(job);
    expect(status).toBe("canceled");
    expect(count).toBeLessThan(4);
  });

  test("by the job ends its loops with an AbortError, and the pages stay", async () => {
    const job = await jobs.start(SLOW);
    const pages = job.pages();
    const first = (await pages.next()).value;
    const rest = rejection(collect(pages));
    await job.cancel();
    expect(await rest).toMatchObject({ name: "AbortError" });
    expect((await first?.info())?.job).toBe(job.id);
  });

  test("before the start has been answered stops the job, too", async () => {
    const scan = new AbortController();
    let tell: ((id: string) => void) | undefined;
    const begun = new Promise<string>((resolve) => (tell = resolve));
    const late = service.connect({
      fetch: async (input, init) => {
        const answer = await fetchFromPage(input, init);
        if (init?.method === "POST") {
          scan.abort();
          tell?.(((await answer.clone().json()) as { jobuid: string }).jobuid);
        }
        return answer;
      },
    });
    const start = new Jobs(() => Promise.resolve(late)).start({ ...SLOW, signal: scan.signal });
    expect(await rejection(start)).toMatchObject({ name: "AbortError" });
    const job = await jobs.get(await begun);
    expect((await once<EndedEvent>(job, "ended")).status).toBe("canceled");
    expect((await ask(job)).pages).toBeLessThan(4);
  });

  test("of a job that was never started gives its scanner back", async () => {
    const body = { autoRun: false, device: "Quick" };
    const answer = await connection.send("POST", "/api/device/scanners/jobs", body);
    const { jobuid } = (await answer.json()) as { jobuid: string };
    const job = await jobs.get(jobuid);
    await job.cancel();
    expect(job.status).toBe("deleted");
    const next = await jobs.start(QUICK);
    expect(await uidsOf(next.pages())).toHaveLength(4);
  });

  test("of a job that has ended is no error", async () => {
    const job = await jobs.start(QUICK);
    await collect(job.pages());
    await job.cancel();
    expect(job.status).toBe("completed");
  });
});

test("a deleted job ends its loops with job_gone", async () => {
  const job = await jobs.start(SLOW);
  const pages = job.pages();
  await pages.next();
  const rest = rejection(collect(pages));
  await job.delete();
  expect(await rest).toMatchObject({ code: "job_gone", status: 410 });
});

test("a job goes on over a kill and a restart of the service, and no page is lost", async () => {
  const job = await jobs.start(SLOW);
  const pages = job.pages();
  const first = (await pages.next()).value;
  await service.kill();
  await service.startAgain();
  const rest = await uidsOf(pages);
  expect(new Set([first?.uid, ...rest]).size).toBe(4);
  expect(job.status).toBe("completed");
});

test("a job goes on over another connection when its own is let go", async () => {
  const first = service.connect();
  const second = service.connect();
  let now = first;
  const job = await new Jobs(() => Promise.resolve(now)).start(SLOW);
  const pages = job.pages();
  await pages.next();
  now = second;
  first.close();
  expect(await uidsOf(pages)).toHaveLength(3);
  expect(job.status).toBe("completed");
});

test("a job whose page is not let in any more ends its loops and says why", async () => {
  let isBlocked = false;
  const revoked = service.connect({
    fetch: (input, init) => (isBlocked ? Promise.resolve(blocked()) : fetchFromPage(input, init)),
  });
  const job = await new Jobs(() => Promise.resolve(revoked)).start(SLOW);
  const ended = once<EndedEvent>(job, "ended");
  isBlocked = true;
  expect(await rejection(collect(job.pages()))).toMatchObject({ code: "origin_blocked" });
  expect((await ended).error).toMatchObject({ code: "origin_blocked", status: 403 });
  // The paper went on all the same.
  const again = await jobs.get(job.id);
  expect(await uidsOf(again.pages())).toHaveLength(4);
});

function blocked(): Response {
  const body = { code: -2137, error: "origin_blocked", message: "Blocked.", statusCode: 403 };
  return new Response(JSON.stringify(body), { status: 403 });
}
