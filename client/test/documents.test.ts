/** Documents and their pages in a real service. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";

import { Documents } from "../src/documents.js";
import type { Document } from "../src/document.js";
import type { Page } from "../src/pages.js";
import { magicOf, picture } from "./support/pictures.js";
import { fetchFromPage, LIMIT_MS, TestService } from "./support/service.js";
import { collect, rejection } from "./support/waiting.js";

vi.setConfig({ testTimeout: LIMIT_MS, hookTimeout: LIMIT_MS });

let service: TestService;
let documents: Documents;

beforeAll(async () => {
  service = await TestService.start();
  const connection = service.connect();
  documents = new Documents(() => Promise.resolve(connection));
});

afterAll(async () => {
  await service.stop();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function uidsOf(pages: readonly Page[]): string[] {
  return pages.map((page) => page.uid);
}

/** A document with pictures of those widths, all 8 pixels high. */
async function documentOf(...widths: number[]): Promise<Document> {
  const document = await documents.create();
  for (const width of widths) {
    await document.load(picture(width, 8));
  }
  return document;
}

async function widthsOf(pages: readonly Page[]): Promise<number[]> {
  return Promise.all(pages.map(async (page) => (await page.info()).sizePx[0]));
}

describe("open", () => {
  test("makes a document once, and finds it again after a reload", async () => {
    const made = await documents.open("invoice-4711", { create: true });
    expect(made.name).toBe("invoice-4711");
    expect(await made.pages()).toEqual([]);
    const reloaded = service.connect();
    const again = await new Documents(() => Promise.resolve(reloaded)).open("invoice-4711");
    expect(again.uid).toBe(made.uid);
    const list = await documents.list({ name: "invoice-4711" });
    expect(list.map((each) => [each.uid, each.pages])).toEqual([[made.uid, 0]]);
  });

  test("without create says that there is none", async () => {
    const error = await rejection(documents.open("nowhere"));
    expect(error).toMatchObject({ code: "document_not_found", number: -1040, status: 404 });
    expect((error as Error).message).toBe("There is no document 'nowhere'. Create it first.");
  });

  test("in two tabs at once gives both the same document", async () => {
    const open = (): Promise<Document> => documents.open("race", { create: true });
    const [one, other] = await Promise.all([open(), open()]);
    expect(one.uid).toBe(other.uid);
  });

  test("of a document that another tab made meanwhile gives that one", async () => {
    const first = await documents.open("quicker", { create: true });
    const blind = service.connect({
      fetch: (input, init) =>
        (input as string).includes("?name=")
          ? Promise.resolve(new Response("[]"))
          : fetchFromPage(input, init),
    });
    const late = new Documents(() => Promise.resolve(blind));
    expect((await late.open("quicker", { create: true })).uid).toBe(first.uid);
  });

  test("needs the password of a document that has one, and so do its pages", async () => {
    const document = await documents.create({ name: "locked", password: "secret" });
    await document.load(picture(20, 8));
    const [page] = await document.pages();
    expect((await page?.info())?.sizePx).toEqual([20, 8]);
    expect(await rejection(documents.open("locked"))).toMatchObject({ code: "wrong_password" });
    const again = await documents.open("locked", { password: "secret" });
    expect(await again.pages()).toHaveLength(1);
  });

  test("by uid and delete by uid", async () => {
    const document = await documents.create();
    expect((await documents.get(document.uid)).uid).toBe(document.uid);
    await documents.delete(document.uid);
    const error = await rejection(documents.get(document.uid));
    expect(error).toMatchObject({ code: "document_not_found" });
  });
});

describe("a document", () => {
  test("is scanned into, and its pages are those of the job", async () => {
    const document = await documents.open("scanned", { create: true });
    const job = await document.scan({ source: "feeder", dpi: 75, color: "gray", maxPages: 3 });
    const pages = await collect(job.pages());
    expect(job.document).toBe(document.uid);
    expect(uidsOf(await document.pages())).toEqual(uidsOf(pages));
    const info = await pages[0]?.info();
    expect(info).toMatchObject({ document: document.uid, mode: "L", bits: 8, edits: [] });
    expect(info?.sizePx).toEqual([177, 236]);
  });

  test("is scanned into where the author wants, in another page's place", async () => {
    const document = await documentOf(20, 30);
    const [, second] = await document.pages();
    const wanted = { source: "feeder", dpi: 75, maxPages: 1, replace: second ?? "" } as const;
    await collect((await document.scan(wanted)).pages());
    expect(await widthsOf(await document.pages())).toEqual([20, 177]);
    await collect((await document.scan({ dpi: 75, maxPages: 1, insertPos: 1 })).pages());
    expect(await widthsOf(await document.pages())).toEqual([177, 20, 177]);
  });

  test("takes pages in, in an order, out and back", async () => {
    const document = await documentOf(10, 20, 30);
    const [ten, twenty, thirty] = await document.pages();
    if (ten === undefined || twenty === undefined || thirty === undefined) {
      throw new Error("three pages were loaded");
    }
    expect(await widthsOf(await document.reorder([thirty, ten.uid, twenty]))).toEqual([30, 10, 20]);
    expect(await widthsOf(await document.insert(twenty, { insertPos: 1 }))).toEqual([
      20, 30, 10, 20,
    ]);
    expect(await widthsOf(await document.insert(ten, { replace: thirty }))).toEqual([
      20, 10, 10, 20,
    ]);
    await document.remove(twenty);
    expect(await widthsOf(await document.pages())).toEqual([20, 10, 10]);
    expect([document.canUndo, document.canRedo]).toEqual([true, false]);
    expect(await widthsOf(await document.undo())).toEqual([20, 10, 10, 20]);
    expect(document.canRedo).toBe(true);
    expect(await widthsOf(await document.redo())).toEqual([20, 10, 10]);
    await document.delete();
    expect(await rejection(document.pages())).toMatchObject({ code: "document_not_found" });
  });

  test("keeps metadata", async () => {
    const document = await documents.create({ name: "with metadata" });
    expect(document.metadata).toBeUndefined();
    await document.setMetadata({ customer: 4711 });
    expect((await documents.open("with metadata")).metadata).toEqual({ customer: 4711 });
  });

  test("tells what a file is not", async () => {
    const document = await documents.create();
    const error = await rejection(document.load(new Blob(["no picture"])));
    expect(error).toMatchObject({ code: "invalid_input", status: 400 });
    expect(await document.load(picture(9, 9), { insertPos: 1 })).toEqual([]);
  });

  test("becomes a file of each kind", async () => {
    const document = await documentOf(20, 30);
    const [first] = await document.pages();
    const tiff = await document.toBlob("image/tiff");
    expect(tiff.type).toBe("image/tiff");
    expect(["II*\0", "MM\0*"]).toContain(await magicOf(tiff));
    const wanted = { pages: [first ?? "", 1], title: "Two" };
    const pdf = await document.toBlob("application/pdf", wanted);
    expect(pdf.type).toBe("application/pdf");
    expect(await magicOf(pdf)).toBe("%PDF");
    expect(await magicOf(await document.toBlob())).toBe("%PDF");
  });

  test("becomes a stream that is read bit by bit, as the same file", async () => {
    const document = await documentOf(200, 300);
    const stream = await document.toStream("image/tiff");
    const streamed = await new Response(stream).arrayBuffer();
    const whole = await (await document.toBlob("image/tiff")).arrayBuffer();
    expect(new Uint8Array(streamed)).toEqual(new Uint8Array(whole));
  });

  test("as a stream ends with an AbortError by the signal", async () => {
    const document = await documentOf(20);
    const control = new AbortController();
    const held = service.connect({
      fetch: async (input, init) => {
        const answer = await fetchFromPage(input, init);
        if (!(input as string).includes("/content")) {
          return answer;
        }
        // What is sent never ends, but by the signal.
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => {
            control.signal.addEventListener("abort", () => {
              controller.error(new TypeError("terminated"));
            });
          },
        });
        return new Response(body, answer);
      },
    });
    const again = await new Documents(() => Promise.resolve(held)).get(document.uid);
    const options = { signal: control.signal };
    const read = new Response(await again.toStream("image/tiff", options)).arrayBuffer();
    control.abort();
    expect(await rejection(read)).toMatchObject({ name: "AbortError" });
  });

  test("that breaks off on its way is unreachable, not half a file", async () => {
    const document = await documentOf(20);
    const broken = service.connect({
      fetch: async (input, init) => {
        const answer = await fetchFromPage(input, init);
        const isFile = (input as string).includes("/content");
        const body = new ReadableStream({
          pull: (controller) => {
            controller.error(new TypeError("terminated"));
          },
        });
        return isFile ? new Response(body, answer) : answer;
      },
    });
    const again = await new Documents(() => Promise.resolve(broken)).get(document.uid);
    expect(await rejection(again.toBlob("image/tiff"))).toMatchObject({ code: "unreachable" });
  });

  test("is split where its add-on says", async () => {
    const document = await documentOf(100, 100);
    const parts = await document.split();
    expect(parts).toHaveLength(1);
    expect(await parts[0]?.pages()).toHaveLength(2);
    expect(parts[0]?.uid).not.toBe(document.uid);
  });
});

describe("a page", () => {
  test("is edited, and is as it was once its edits are gone", async () => {
    const document = await documentOf(20);
    const [page] = await document.pages();
    expect(await page?.edit("rotate", { angle: 90 })).toMatchObject({
      sizePx: [8, 20],
      edits: [{ op: "rotate", angle: 90 }],
    });
    expect((await page?.edit("crop", { box: [0, 0, 8, 10] }))?.sizePx).toEqual([8, 10]);
    expect((await page?.edit("invert"))?.edits).toHaveLength(3);
    expect((await page?.resetEdits())?.sizePx).toEqual([20, 8]);
    const error = await rejection(page?.edit("no-such-edit") ?? Promise.resolve());
    expect(error).toMatchObject({ status: 404, number: -1126, code: "addon_missing" });
  });

  test("is a file of the kind and size that is wanted", async () => {
    const [page] = await (await documentOf(40)).pages();
    expect(await magicOf((await page?.content()) ?? new Blob())).toBe("\x89PNG");
    const jpeg = await page?.content({ type: "image/jpeg", width: 20, quality: 50 });
    expect(jpeg?.type).toBe("image/jpeg");
    expect(await magicOf(jpeg ?? new Blob(), 2)).toBe("\xff\xd8");
  });

  test("is small as a JPEG of the next size", async () => {
    const sizes: string[] = [];
    const connection = service.connect({
      fetch: (input, init) => {
        sizes.push(new URL(input as string).searchParams.get("size") ?? "");
        return fetchFromPage(input, init);
      },
    });
    const own = new Documents(() => Promise.resolve(connection));
    const [page] = await (await own.get((await documentOf(40)).uid)).pages();
    expect((await page?.thumbnailBlob({ width: 100 }))?.type).toBe("image/jpeg");
    await page?.thumbnailBlob();
    await page?.thumbnailBlob({ width: 9000 });
    expect(sizes.slice(-3)).toEqual(["142", "340", "2560"]);
  });

  test("as a picture is loaded before it is given, and leaves nothing behind", async () => {
    const made: FakeImage[] = [];
    const revoked = vi.spyOn(URL, "revokeObjectURL");
    vi.stubGlobal("Image", function makeImage() {
      const image = new FakeImage();
      made.push(image);
      return image;
    });
    const [page] = await (await documentOf(40)).pages();
    const image = await page?.thumbnail({ width: 240, alt: "Page 1" });
    expect(image).toBe(made[0]);
    expect(image).toMatchObject({ width: 240, alt: "Page 1" });
    expect(revoked).toHaveBeenCalledExactlyOnceWith(made[0]?.src);
    FakeImage.isBroken = true;
    const error = await rejection(page?.thumbnail() ?? Promise.resolve());
    expect(error).toMatchObject({ code: "image_not_shown" });
    expect(revoked).toHaveBeenCalledTimes(2);
  });
});

/** The little of a browser's picture that thumbnails need; real ones are in the browser tests. */
class FakeImage {
  static isBroken = false;
  width = 0;
  alt = "";
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;
  #src = "";

  get src(): string {
    return this.#src;
  }

  set src(url: string) {
    this.#src = url;
    queueMicrotask(() => (FakeImage.isBroken ? this.onerror : this.onload)?.());
  }
}
