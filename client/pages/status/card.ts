/** One section of the status page. */

import { toFault } from "../shared/api";
import { h, replaceKeepingFocus, say, type Child } from "../shared/dom";
import type { Language } from "../texts";
import { Format } from "../shared/format";

/** What every section needs to speak. */
export interface Voice {
  readonly texts: Language["texts"];
  readonly format: Format;
}

/** A heading, what it is about, and a line that tells what has just been done. */
export class Card {
  readonly element: HTMLElement;
  private readonly body = h("div", { class: "body" });
  private readonly notice = h("p", { class: "notice", role: "status" });
  private drawn = "";

  /**
   * @param id - Of the section, by which its heading names it.
   * @param why - A sentence below the heading.
   * @param acts - Buttons beside it.
   */
  constructor(
    private readonly voice: Voice,
    id: string,
    title: string,
    why?: string,
    ...acts: readonly Child[]
  ) {
    this.element = h(
      "section",
      { class: "card", id, "aria-labelledby": `${id}-title` },
      h(
        "div",
        { class: "card-head" },
        h("h2", { id: `${id}-title`, tabindex: "-1" }, title),
        ...acts,
      ),
      why === undefined ? null : h("p", { class: "why" }, why),
      this.body,
      this.notice,
    );
  }

  /** Shows what was made of the data, unless that is what stands there already. */
  draw(data: unknown, make: () => readonly Child[]): void {
    const wanted = JSON.stringify(data);
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    replaceKeepingFocus(this.body, ...make());
  }

  /** Says what has just been done. */
  tell(sentence: string): void {
    this.notice.className = "notice";
    say(this.notice, sentence);
  }

  /** Says what went wrong; the service's own sentences are English. */
  tellFault(failure: unknown): void {
    const fault = toFault(failure);
    this.notice.className = "notice bad";
    if (fault.isGone) say(this.notice, this.voice.texts.serviceGone);
    else this.notice.replaceChildren(faultText(fault.message, fault.code));
  }

  /** Does something, and says how it went. */
  async act(work: () => Promise<string>): Promise<void> {
    try {
      this.tell(await work());
    } catch (failure) {
      this.tellFault(failure);
    }
  }

  /** Reads and draws; says why where that does not work. A service that is gone is told above. */
  async read(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (failure) {
      const fault = toFault(failure);
      if (fault.isGone) return;
      const sentence = this.voice.texts.status.sectionFailed(fault.message);
      this.draw(sentence, () => [h("p", { class: "fault" }, sentence)]);
    }
  }
}

/** A fault's sentence with its stable name. */
export function faultText(message: string, code: string): HTMLElement {
  return h("span", { class: "fault", lang: "en" }, `${message} `, h("code", {}, code));
}

/** A line of several facts, each read in its own direction; null is left out. */
export function factLine(...facts: readonly Child[]): HTMLElement {
  const told = facts.filter((fact) => fact !== null);
  const pieces = told.flatMap((fact, index) => {
    const piece = fact instanceof HTMLElement ? fact : h("bdi", {}, fact);
    return index === 0 ? [piece] : [" · ", piece];
  });
  return h("p", { class: "meta fact-line" }, ...pieces);
}

/** An origin or a name of somebody else, kept from turning the line around it. */
export function isolated(text: string): HTMLElement {
  return h("bdi", { dir: text.includes("://") ? "ltr" : "auto" }, text);
}
