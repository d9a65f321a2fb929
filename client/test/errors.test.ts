/** Errors by their stable names. */
import { describe, expect, test } from "vitest";

import { errorOfAnswer, errorOfRecord, FlatbedError, isError, unreachable } from "../src/errors.js";

function answer(body: string, status: number, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers });
}

describe("the error of an answer", () => {
  test("has the service's name, number, sentence and details", async () => {
    const body =
      '{"code": -1011, "message": "A document of this name is there already.", "statusCode": 409,' +
      ' "error": "name_taken", "details": {"uid": "abc"}}';
    const error = await errorOfAnswer(answer(body, 409));
    expect(error).toBeInstanceOf(FlatbedError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "FlatbedError",
      code: "name_taken",
      number: -1011,
      status: 409,
      message: "A document of this name is there already.",
      details: { uid: "abc" },
    });
    expect(error.retryAfter).toBeUndefined();
    expect(error.pagesSafe).toBeUndefined();
  });

  test("says when it is worth trying again", async () => {
    const body = '{"code": -1004, "message": "Too many.", "statusCode": 429, "error": "too_many"}';
    const error = await errorOfAnswer(answer(body, 429, { "Retry-After": "3" }));
    expect(error.retryAfter).toBe(3);
  });

  test.each([
    ["a page of something else", "<html>It works!</html>"],
    ["JSON of something else", '{"detail": "Not found"}'],
    ["no object", "null"],
    ["nothing", ""],
  ])("of %s is unknown_answer", async (_, body) => {
    const error = await errorOfAnswer(answer(body, 502));
    expect(error).toMatchObject({ code: "unknown_answer", number: -1001, status: 502 });
  });
});

test("the error of a job carries how many pages are safe", () => {
  const record = { error: "paper_jam", code: -1020, message: "Paper is stuck in the feeder." };
  const error = errorOfRecord(record, 7);
  expect(error).toMatchObject({ code: "paper_jam", number: -1020, status: 0, pagesSafe: 7 });
});

test("no answer is unreachable, with its cause", () => {
  const cause = new TypeError("fetch failed");
  const error = unreachable(cause);
  expect(error).toMatchObject({ code: "unreachable", number: 0, status: 0, cause });
  expect(isError(error, "closed", "unreachable")).toBe(true);
  expect(isError(error, "closed")).toBe(false);
  expect(isError(cause, "unreachable")).toBe(false);
});
