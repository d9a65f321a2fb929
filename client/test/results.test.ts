import { describe, expect, it } from "vitest";

import { humanName, meaningOf } from "../src/elements/human.js";
import { asText, sortResult } from "../src/elements/results.js";

const WORDS = { page: "Page", value: "Result", yes: "Yes", no: "No" };
const sort = (result: unknown, page?: number) =>
  sortResult(result, (uid) => ["a", "b", "c"].indexOf(uid) + 1, WORDS, page);

describe("humanName", () => {
  it.each([
    ["read-barcode", "", "Read barcode"],
    ["minBlockHeight", "px", "Min block height"],
    ["page_width_mm", "mm", "Page width"],
    ["make-pdf", "", "Make PDF"],
    ["dpi", "dpi", "DPI"],
  ])("says %s as a person would", (name, unit, shown) => {
    expect(humanName(name, unit)).toBe(shown);
  });
});

describe("meaningOf", () => {
  const HELP = "By its own numbers: 1 none, 3 and 4 fax, 5 LZW; 0 what suits: FAX4 for one bit.";

  it.each([
    [1, "none"],
    [4, "fax"],
    [5, "LZW"],
    [0, "what suits"],
    [3, ""],
    [7, ""],
  ])("finds what %i means, or nothing", (choice, meaning) => {
    expect(meaningOf(choice, HELP)).toBe(meaning);
  });

  it("leaves words as they are", () => {
    expect(meaningOf("speed", "speed is quick.")).toBe("");
  });
});

describe("sortResult", () => {
  it("makes one table of all pages, and tells which have nothing", () => {
    const found = sort({
      pages: [
        { source: "a", result: [{ text: "X-1", Text: "X-1", box: { left: 1 } }] },
        { source: "b", result: [] },
        { source: "c", result: [{ text: "X-2", isSure: true, share: 0.12345 }] },
      ],
    });
    expect(found.table).toEqual({
      columns: ["Page", "Text", "Is sure", "Share"],
      rows: [
        ["1", "X-1", "", ""],
        ["3", "X-2", "Yes", "0.123"],
      ],
    });
    expect(found.empty).toEqual([2]);
    expect(found.raw).toBeDefined();
  });

  it("leaves a column out that says the same as one before it", () => {
    const rows = [
      { kind: "CODE_128", name: "Code 128", text: "1" },
      { kind: "EAN_13", name: "EAN-13", text: "2" },
    ];
    expect(sort(rows).table?.columns).toEqual(["Kind", "Text"]);
  });

  it("puts words into lines of text", () => {
    const word = (text: string) => ({ text, box: [0, 0, 1, 1] });
    const lines = [{ words: [word("Dear"), word("Ana")] }, { words: [word("Hello")] }];
    expect(sort({ lines, language: "en" }, 4).texts).toEqual([
      { page: 4, text: "Dear Ana\nHello" },
    ]);
    expect(sort({ lines: [], language: "" }, 4).empty).toEqual([4]);
  });

  it.each([
    ["a text", "told", { texts: [{ page: undefined, text: "told" }] }],
    ["a number", 7, { table: { columns: ["Result"], rows: [["7"]] } }],
    ["a fact", { result: false }, { table: { columns: ["Result"], rows: [["No"]] } }],
    ["nothing", null, { empty: [undefined] }],
  ])("shows %s", (_, result, shown) => {
    expect(sort(result)).toMatchObject(shown);
  });

  it("knows pages, documents, files and faults", () => {
    const page = { uid: "n", size_px: [1, 1], dpi: [1, 1], mode: "L", bits: 8 };
    expect(sort({ pages: [page] }, 2).made).toEqual([{ page: 2, uids: ["n"] }]);
    expect(sort({ documents: [{ uid: "d", pages: [] }] }).documents).toHaveLength(1);
    const file = new Blob(["x"]);
    expect(sort(file).file).toBe(file);
    const error = { code: -1, error: "bad", message: "It is torn." };
    expect(sort({ pages: [{ source: "b", error }] }).faults).toEqual([
      { page: 2, text: "It is torn." },
    ]);
  });
});

it("copies tables for other programs", () => {
  const table = { columns: ["A", "B"], rows: [["1\n2", "x"]] };
  expect(asText(table)).toBe("A\tB\n1 2\tx");
});
