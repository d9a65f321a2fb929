/** What a crash cut off: pages to keep or to delete. */

import { ask } from "../shared/api";
import { button, h } from "../shared/dom";
import type { Recovered } from "../shared/wire";
import { Card, factLine, type Voice } from "./card";
import { twoSteps } from "./steps";

const RECOVERED = "/api/storage/recovered";

/** The section; hidden while there is nothing. */
export class RecoveredPages {
  readonly card: Card;

  constructor(private readonly voice: Voice) {
    const words = voice.texts.status;
    this.card = new Card(voice, "recovered", words.recovered, words.recoveredWhy);
    this.card.element.hidden = true;
  }

  /** Shows what there is. */
  async refresh(): Promise<void> {
    await this.card.read(async () => {
      const found = await ask<Recovered[]>("GET", RECOVERED);
      // The last answer is still to be read when the last row has gone.
      if (found.length > 0) this.card.element.hidden = false;
      this.card.draw(found, () => [
        h("ul", { class: "rows" }, ...found.map((each) => this.row(each))),
      ]);
    });
  }

  private row(each: Recovered): HTMLElement {
    const { texts, format } = this.voice;
    const words = texts.status;
    const kind = each.kind === "document" ? words.recoveredDocument : words.recoveredJob;
    const { pages, startedAt } = each.job;
    const when = startedAt === null ? null : format.moment(startedAt);
    return h(
      "li",
      { class: "row wide" },
      h("div", {}, h("p", { class: "name" }, kind), factLine(words.pages(pages), when)),
      this.acts(each),
    );
  }

  private acts(each: Recovered): HTMLElement {
    const words = this.voice.texts.status;
    const keep = (): void => {
      this.change("POST", `${RECOVERED}/${each.uid}/keep`, words.kept);
    };
    const remove = (): void => {
      this.change("DELETE", `${RECOVERED}/${each.uid}`, words.removed);
    };
    const steps = { label: words.remove, sure: words.removeSure, not: words.removeNot };
    return h(
      "div",
      { class: "acts" },
      button(`keep ${each.uid}`, words.keep, keep),
      twoSteps(`remove ${each.uid}`, steps, remove),
    );
  }

  private change(verb: string, path: string, sentence: string): void {
    void this.card.act(async () => {
      await ask(verb, path);
      await this.refresh();
      return sentence;
    });
  }
}
