/** What is done with documents once a person has said yes; each tells a sentence, or nothing. */
import { type Going, insertAll, mergeIn, splitOff } from "./copying.js";
import type { Desk } from "./desk.js";
import { usualName } from "./document-names.js";
import type { Question } from "./document-questions.js";
import { pagesOfJob, type Remains } from "./remains.js";
import type { Words } from "./words/index.js";

type Asked<Kind extends Question["kind"]> = Extract<Question, { kind: Kind }>;

/**
 * Does what was asked.
 *
 * @param data - Of the question's fields.
 * @returns What to tell the person.
 */
export async function carryOut(
  desk: Desk,
  words: Words["documents"],
  question: Question,
  data: FormData,
  going: Going,
): Promise<string> {
  const name = textOf(data, "name").trim();
  switch (question.kind) {
    case "create":
      await desk.create(name);
      return "";
    case "split": {
      const made = await splitOff(desk, question.pages, name, going);
      return words.splitDone(question.pages.length, made.name ?? name);
    }
    case "merge":
      return words.merged(await merge(desk, question, data, going));
    case "delete":
      await desk.flatbed.documents.delete(question.entry.uid);
      await openAnother(desk, words, question.entry.uid);
      return words.deleted(question.entry.name ?? words.unnamed);
    case "throw":
      await throwAway(desk, words, question.remains);
      return "";
  }
}

/** Keeps what a crash left: its document is opened, or its pages go into the open one. */
export async function keep(
  desk: Desk,
  words: Words["documents"],
  remains: Remains,
  going: Going,
): Promise<string> {
  const { document, job } = remains;
  const { jobs } = desk.flatbed;
  if (document === undefined) {
    const pages = await pagesOfJob(desk, remains, going.signal);
    await insertAll(desk, pages, undefined, going);
    await jobs.keepRecovered(job);
    return words.merged(pages.length);
  }
  await jobs.keepRecovered(document.uid);
  if (document.uid !== desk.document?.uid) await desk.open({ uid: document.uid });
  return "";
}

async function merge(
  desk: Desk,
  { entry: { uid } }: Asked<"merge">,
  data: FormData,
  going: Going,
): Promise<number> {
  const place = textOf(data, "place") === "current" ? desk.current : undefined;
  const insertPos = place === undefined ? undefined : desk.placeOf(place);
  const count = await mergeIn(desk, uid, insertPos, going);
  if (data.has("delete")) await desk.flatbed.documents.delete(uid);
  return count;
}

async function throwAway(
  desk: Desk,
  words: Words["documents"],
  { job, document }: Remains,
): Promise<void> {
  const { jobs } = desk.flatbed;
  if (document !== undefined) await jobs.deleteRecovered(document.uid);
  await jobs.deleteRecovered(job);
  if (document !== undefined) await openAnother(desk, words, document.uid);
}

/** There is always one open: in place of one that is gone the one changed last, else a new one. */
async function openAnother(desk: Desk, words: Words["documents"], gone: string): Promise<void> {
  if (gone !== desk.document?.uid) return;
  const all = [...(await desk.flatbed.documents.list())];
  const [next] = all
    .filter(({ uid, hasPassword }) => uid !== gone && !hasPassword)
    .sort((one, other) => (one.changedAt < other.changedAt ? 1 : -1));
  if (next !== undefined) await desk.open({ uid: next.uid });
  else await desk.create(usualName(words.usualName));
}

function textOf(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}
