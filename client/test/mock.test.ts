/** A service in memory, by the same classes that a page uses. */
import { expect, test, vi } from "vitest";

import { Flatbed } from "../src/flatbed.js";
import { FlatbedError } from "../src/errors.js";
import { toPdf, toPng } from "../src/mock/pictures.js";
import { collect, once } from "./support/waiting.js";

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}

async function textOf(blob: Blob): Promise<string> {
  return new TextDecoder("latin1").decode(await bytesOf(blob));
}

/** Without spaces at its sides: the kind of it, the number of its pages. */
function pagesOf(pdf: string): number {
  return pdf.match(/\/Type \/Page /g)?.length ?? 0;
}

test("the example of the README, from the first click to the file", async () => {
  const fetched = vi.spyOn(globalThis, "fetch");
  const { signal } = new AbortController();
  const flatbed = new Flatbed({ addons: ["pdf", "barcode>=1"], mock: { jamAfter: 2 } });
  const shown: string[] = [];
  flatbed.addEventListener("statechange", () => shown.push(flatbed.state.name));
  await flatbed.reconnect();
  await flatbed.request({ signal });
  const doc = await flatbed.documents.open("invoice-4711", { create: true });
  const job = await doc.scan({ source: "feeder", dpi: 300, signal });
  const faults: FlatbedError[] = [];
  job.addEventListener("paused", async (event) => {
    faults.push(event.error);
    await job.resume();
  });
  const thumbnails: Blob[] = [];
  for await (const page of job.pages()) thumbnails.push(await page.thumbnailBlob({ width: 240 }));
  const file = await doc.toBlob("application/pdf");

  expect(shown).toEqual(["ready"]);
  expect(faults.map(({ code, number, pagesSafe }) => [code, number, pagesSafe])).toEqual([
    ["paper_jam", -1020, 2],
  ]);
  expect(thumbnails).toHaveLength(3);
  const [first = new Blob()] = thumbnails;
  expect([...(await bytesOf(first)).slice(0, 8)]).toEqual(PNG);
  expect(file.type).toBe("application/pdf");
  const pdf = await textOf(file);
  expect(pdf.slice(0, 8)).toBe("%PDF-1.4");
  expect(pagesOf(pdf)).toBe(3);
  expect(fetched).not.toHaveBeenCalled();
  flatbed.close();
});

test("the document of a name is the same one again", async () => {
  const flatbed = new Flatbed({ mock: true });
  const made = await flatbed.documents.open("a", { create: true });
  expect((await flatbed.documents.open("a")).uid).toBe(made.uid);
  await expect(flatbed.documents.open("b")).rejects.toMatchObject({ code: "document_not_found" });
});

test("pages are ordered, removed, edited, and all of it undone and done again", async () => {
  const flatbed = new Flatbed({ mock: { sheets: 3, sheetMs: 1 } });
  const doc = await flatbed.documents.create();
  await collect((await doc.scan({ source: "feeder" })).pages());
  const uids = async () => (await doc.pages()).map((page) => page.uid);
  const [a = "", b = "", c = ""] = await uids();
  await doc.reorder([c, a, b]);
  await doc.remove(a);
  expect(await uids()).toEqual([c, b]);
  await doc.undo();
  expect(await uids()).toEqual([c, a, b]);
  await doc.undo();
  expect(await uids()).toEqual([a, b, c]);
  await doc.redo();
  expect(await uids()).toEqual([c, a, b]);
  const [page] = await doc.pages();
  expect((await page?.edit("rotate", { angle: 90 }))?.sizePx).toEqual([175, 124]);
  await doc.undo();
  expect((await page?.info())?.sizePx).toEqual([124, 175]);
});

test("some pages of a document become a file", async () => {
  const flatbed = new Flatbed({ mock: { sheets: 3, sheetMs: 1 } });
  const doc = await flatbed.documents.create();
  const pages = await collect((await doc.scan({ source: "feeder" })).pages());
  const [, second] = pages;
  const pdf = await textOf(await doc.toBlob("application/pdf", { pages: [2, second ?? 0] }));
  expect(pdf.match(/\(\d\) Tj/g)).toEqual(["(3) Tj", "(2) Tj"]);
});

test("the flatbed has one sheet, the feeder as many as were asked for", async () => {
  const flatbed = new Flatbed({ mock: { sheets: 4, sheetMs: 1 } });
  const scan = async (options: object) =>
    (await collect((await flatbed.jobs.start(options)).pages())).length;
  expect(await scan({ source: "flatbed" })).toBe(1);
  expect(await scan({ source: "feeder" })).toBe(4);
  expect(await scan({ source: "feeder", maxPages: 2 })).toBe(2);
});

test("a fault that nothing waits for ends the job with the pages before it", async () => {
  const flatbed = new Flatbed({ mock: { doubleFeedAfter: 1, sheetMs: 1 } });
  const job = await flatbed.jobs.start({ source: "feeder", onFault: "fault" });
  const ended = once(job, "ended");
  const pages: unknown[] = [];
  const loop = async () => {
    for await (const page of job.pages()) pages.push(page);
  };
  await expect(loop()).rejects.toMatchObject({ code: "double_feed", pagesSafe: 1 });
  await ended;
  expect(pages).toHaveLength(1);
  expect(job.status).toBe("faulted");
});

test("the signal cancels the job and ends its loop with an AbortError", async () => {
  const flatbed = new Flatbed({ mock: { sheets: 1000, sheetMs: 1 } });
  const abort = new AbortController();
  const job = await flatbed.jobs.start({ source: "feeder", signal: abort.signal });
  const ended = once(job, "ended");
  const loop = async () => {
    for await (const page of job.pages()) {
      expect(page.uid).toMatch(/^[0-9a-f]{32}$/);
      abort.abort();
    }
  };
  await expect(loop()).rejects.toMatchObject({ name: "AbortError" });
  await ended;
  expect(job.status).toBe("canceled");
});

test("break leaves the job running, and it can be found again", async () => {
  const flatbed = new Flatbed({ mock: { sheets: 5, sheetMs: 5 } });
  const job = await flatbed.jobs.start({ source: "feeder" });
  for await (const page of job.pages()) {
    expect(page.uid).toMatch(/^[0-9a-f]{32}$/);
    break;
  }
  const again = await flatbed.jobs.get(job.id);
  expect(await collect(again.pages())).toHaveLength(5);
  expect(again.status).toBe("completed");
  await again.delete();
  await expect(flatbed.jobs.get(job.id)).rejects.toMatchObject({ code: "job_gone" });
});

test("an operation answers that it found nothing, for one page and for many", async () => {
  const flatbed = new Flatbed({ mock: { sheets: 2, sheetMs: 1 } });
  const doc = await flatbed.documents.create();
  const [page = ""] = await collect((await doc.scan({ source: "feeder" })).pages());
  expect(await flatbed.processing.process("read-barcode", page)).toEqual([]);
  expect(await flatbed.processing.process("check-blank", doc)).toMatchObject({
    pages: [{ result: { result: false } }, { result: { result: false } }],
  });
  const job = await flatbed.processing.start("read-barcode", page);
  expect(await job.result()).toEqual([]);
  await expect(flatbed.processing.process("read-tea-leaves", page)).rejects.toMatchObject({
    code: "operation_not_found",
  });
});

test("scanners have names and can do things", async () => {
  const flatbed = new Flatbed({ mock: { scanners: ["Office", "Hall"] } });
  const scanners = await flatbed.scanners.list();
  expect(scanners.map((scanner) => scanner.name)).toEqual(["Office", "Hall"]);
  const facts = await flatbed.scanners.capabilities(scanners[1]);
  expect(facts.sources).toEqual(["flatbed", "feeder", "duplex"]);
  expect(facts.dpi).toEqual([75, 150, 300, 600]);
});

test("a file becomes a page", async () => {
  const flatbed = new Flatbed({ mock: true });
  const doc = await flatbed.documents.create();
  await doc.load(new Blob([Uint8Array.of(1, 2, 3)], { type: "image/tiff" }));
  expect(await doc.pages()).toHaveLength(1);
});

test("events tell what happens, and end with the signal", async () => {
  const flatbed = new Flatbed({ mock: { sheetMs: 1 } });
  const abort = new AbortController();
  const seen: string[] = [];
  const read = async () => {
    for await (const event of flatbed.events({ signal: abort.signal })) {
      seen.push(event.type);
      if (event.data.status === "completed") abort.abort();
    }
  };
  const reading = read();
  await flatbed.reconnect();
  await flatbed.jobs.start();
  await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  expect(seen).toEqual(["job.status", "page.added", "job.status"]);
});

test("a drawn page is a whole PNG, upright or turned", async () => {
  const upright = toPng({ number: 7, turns: 0 });
  const turned = toPng({ number: 7, turns: 1 });
  const size = (png: Uint8Array) => {
    const view = new DataView(png.buffer);
    return [view.getUint32(16), view.getUint32(20)];
  };
  expect(size(upright)).toEqual([124, 175]);
  expect(size(turned)).toEqual([175, 124]);
  const body = new Blob([upright.slice(41, -16)]);
  const rows = await new Response(
    body.stream().pipeThrough(new DecompressionStream("deflate")),
  ).arrayBuffer();
  expect(rows.byteLength).toBe(175 * 125);
});

test("a PDF says where each of its objects begins", () => {
  const pdf = new TextDecoder().decode(toPdf([{ number: 1, turns: 0 }]));
  const offsets = [...pdf.matchAll(/^(\d{10}) 00000 n/gm)].map((match) => Number(match[1]));
  expect(
    offsets.map((offset, place) => pdf.slice(offset).startsWith(`${place + 1} 0 obj`)),
  ).toEqual([true, true, true, true, true]);
  expect(pdf.slice(Number(/startxref\n(\d+)/.exec(pdf)?.[1])).startsWith("xref")).toBe(true);
});
