/** What is asked before documents are made, merged, split or deleted. */
import { html, nothing, type TemplateResult } from "lit";

import type { DocumentEntry, Page } from "../index.js";
import { dialogHead } from "./dialog-head.js";
import { usualName } from "./document-names.js";
import type { Remains } from "./remains.js";
import type { Words } from "./words/index.js";
import type { Work } from "./work.js";

/** A question by what is to be done. */
export type Question =
  | { readonly kind: "create" }
  | { readonly kind: "split"; readonly pages: readonly Page[] }
  | { readonly kind: "merge"; readonly entry: DocumentEntry }
  | { readonly kind: "delete"; readonly entry: DocumentEntry }
  | { readonly kind: "throw"; readonly remains: Remains };

/** Whether it was asked from the list of documents, which is there again afterwards. */
export function isOfList({ kind }: Question): boolean {
  return kind === "merge" || kind === "delete" || kind === "throw";
}

/** Around a question. */
export interface Asking {
  /** Place of the page that is shown in large, from 1; 0 without one. */
  readonly current: number;
  /** Of the open document. */
  readonly documentName: string;
  readonly work: Work;
  readonly close: () => void;
  readonly answer: (data: FormData) => void;
}

/** A question as it is shown. */
export interface Shown {
  readonly title: string;
  readonly text?: string | undefined;
  readonly fields?: TemplateResult | undefined;
  readonly deed: string;
  /** What is deleted is gone: then the way back has the focus. */
  readonly isGrave?: boolean | undefined;
}

/** How a question is shown. */
export function questionOf(
  words: Words,
  question: Question,
  { current, documentName }: Asking,
): Shown {
  const { documents } = words;
  const name = (entry: DocumentEntry) => entry.name ?? documents.unnamed;
  switch (question.kind) {
    case "create": {
      const fields = nameField(words, usualName(documents.usualName));
      return { title: documents.create, fields, deed: documents.make };
    }
    case "split":
      return {
        title: documents.splitTitle,
        text: documents.splitText(question.pages.length),
        fields: nameField(words, documents.splitPart(documentName)),
        deed: documents.splitDo,
      };
    case "merge":
      return {
        title: documents.mergeTitle,
        text: documents.mergeText(name(question.entry), question.entry.pages),
        fields: mergeFields(words, name(question.entry), current),
        deed: documents.mergeDo,
      };
    case "delete":
      return {
        title: documents.deleteTitle,
        text: documents.deleteText(name(question.entry), question.entry.pages),
        deed: documents.deleteDo,
        isGrave: true,
      };
    case "throw":
      return { ...throwing(words, question.remains), deed: documents.deleteDo, isGrave: true };
  }
}

/** The frame of a dialog around a question. */
export function askingFrame(words: Words, shown: Shown, asking: Asking): TemplateResult {
  const { work, close, answer } = asking;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    answer(new FormData(event.target as HTMLFormElement));
  };
  return html`<form class="frame" @submit=${submit}>
    ${dialogHead(shown.title, words.close, close)}
    <div class="body">
      ${shown.text === undefined ? nothing : html`<p>${shown.text}</p>`} ${shown.fields ?? nothing}
      ${work.alert()}
    </div>
    <div class="foot">
      ${work.isRunning ? work.bar(words.documents.busy) : nothing}
      <button type="button" data-first @click=${close}>${words.cancel}</button>
      <button class=${shown.isGrave === true ? "grave" : "main"} ?disabled=${work.isRunning}>
        ${shown.deed}
      </button>
    </div>
  </form>`;
}

function throwing({ documents }: Words, { pages, document }: Remains) {
  const text =
    document === undefined
      ? documents.throwText(pages)
      : documents.deleteText(document.name ?? documents.unnamed, document.pages);
  return { title: documents.throwTitle, text };
}

function nameField({ documents }: Words, name: string) {
  return html`<div class="field">
    <label for="name">${documents.name}</label>
    <input
      id="name"
      name="name"
      required
      maxlength="200"
      pattern=".*\\S.*"
      autocomplete="off"
      dir="auto"
      .value=${name}
    />
  </div>`;
}

function mergeFields({ documents }: Words, name: string, current: number) {
  const option = (value: string, text: string, isOn: boolean) =>
    html`<label class="option"
      ><input type="radio" name="place" value=${value} .checked=${isOn} />${text}</label
    >`;
  return html`
    ${
      current === 0
        ? nothing
        : html`<fieldset class="options">
            <legend>${documents.where}</legend>
            ${option("end", documents.atEnd, true)}
            ${option("current", documents.beforeCurrent(current), false)}
          </fieldset>`
    }
    <label class="option"
      ><input type="checkbox" name="delete" />${documents.mergeDelete(name)}</label
    >
  `;
}
