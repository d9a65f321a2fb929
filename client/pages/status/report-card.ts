/** The report, to be copied. */

import { button, h } from "../shared/dom";
import { Card, type Voice } from "./card";
import { copy } from "./copying";

/** The section; `write` gives the report as it is now. */
export class ReportCard {
  readonly card: Card;

  constructor(
    private readonly voice: Voice,
    private readonly write: () => string,
  ) {
    const words = voice.texts.status;
    const act = button("copy-report", words.copyReport, () => void this.copy());
    this.card = new Card(voice, "report", words.report, words.reportWhy, act);
  }

  private async copy(): Promise<void> {
    const { texts } = this.voice;
    const text = this.write();
    if (await copy(text)) {
      this.card.draw("", () => []);
      this.card.tell(texts.copied);
      return;
    }
    this.card.draw(text, () => [
      h("textarea", { readonly: true, "aria-label": texts.status.reportText, dir: "ltr" }, text),
    ]);
    this.card.tell(texts.copyFailed);
  }
}
