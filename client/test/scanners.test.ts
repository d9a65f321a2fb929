/** The virtual scanners of a real service. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { Jobs } from "../src/jobs.js";
import { Scanners } from "../src/scanners.js";
import { LIMIT_MS, TestService } from "./support/service.js";
import { collect, rejection } from "./support/waiting.js";

vi.setConfig({ testTimeout: LIMIT_MS, hookTimeout: LIMIT_MS });

let service: TestService;
let scanners: Scanners;
let jobs: Jobs;

beforeAll(async () => {
  service = await TestService.start({
    ADDONS__VIRTUAL__NAMES: '["Front desk", "Archive"]',
    ADDONS__VIRTUAL__FAULTS: '["jam@2#1"]',
  });
  const connection = service.connect();
  scanners = new Scanners(() => Promise.resolve(connection));
  jobs = new Jobs(() => Promise.resolve(connection));
});

afterAll(async () => {
  await service.stop();
});

test("those that are there are listed, and can be asked anew", async () => {
  const names = async (refresh: boolean): Promise<string[]> =>
    (await scanners.list({ refresh })).map((scanner) => scanner.name);
  expect(await names(true)).toEqual(["Front desk", "Archive"]);
  expect(await names(false)).toEqual(["Front desk", "Archive"]);
});

test("what one can do is told, and it is free again", async () => {
  const archive = (await scanners.list({ refresh: true })).find(({ name }) => name === "Archive");
  const capabilities = await scanners.capabilities(archive);
  expect(capabilities).toMatchObject({
    sources: ["flatbed", "feeder", "duplex"],
    colors: ["bw", "gray", "color"],
    dpi: [75, 100, 150, 200, 300, 400, 600],
    widthInches: 8.5039,
    heightInches: 14.0157,
    isFeederLoaded: true,
  });
  expect(capabilities.all.map((each) => each.capability.label)).toContain("ICAP_XRESOLUTION");
  const job = await jobs.start({ scanner: archive, dpi: 75, source: "flatbed" });
  expect(await collect(job.pages())).toHaveLength(1);
});

test("one that a job has says so", async () => {
  const job = await jobs.start({ scanner: "Front desk", dpi: 75, source: "feeder" });
  expect(await rejection(collect(job.pages()))).toMatchObject({ code: "paper_jam" });
  const error = await rejection(scanners.capabilities("Front desk"));
  expect(error).toMatchObject({ code: "scanner_held", number: -1004, status: 423 });
  await job.delete();
});

test("one that is not there says so", async () => {
  const error = await rejection(jobs.start({ scanner: "Nowhere" }));
  expect(error).toMatchObject({ code: "scanner_not_found", status: 404 });
});
