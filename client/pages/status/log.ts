/** How much is logged. */

import { ask } from "../shared/api";
import { h } from "../shared/dom";
import type { LogLevel } from "../shared/wire";
import { Card, type Voice } from "./card";

const LEVELS = [0, 1, 30] as const;

/** The section. */
export class Log {
  readonly card: Card;
  level: LogLevel | undefined;

  constructor(private readonly voice: Voice) {
    this.card = new Card(voice, "log", voice.texts.status.log);
  }

  /** Shows the level. */
  async refresh(): Promise<void> {
    await this.card.read(async () => {
      const { logLevel } = await ask<{ logLevel: LogLevel }>("GET", "/api/server");
      this.level = logLevel;
      this.card.draw(logLevel, () => [this.field(logLevel)]);
    });
  }

  private field(level: LogLevel): HTMLElement {
    const words = this.voice.texts.status;
    const options = LEVELS.map((each) =>
      h("option", { value: String(each), selected: each === level }, words.logLevels[each]),
    );
    const select = h("select", { id: "log-level", "data-key": "log-level" }, ...options);
    select.addEventListener("change", () => void this.change(Number(select.value)));
    return h(
      "div",
      { class: "field" },
      h("label", { for: "log-level" }, words.logLevel),
      select,
      h("span", { class: "meta" }, words.logUntil),
    );
  }

  private async change(logLevel: number): Promise<void> {
    await this.card.act(async () => {
      await ask("PATCH", "/api/server", { logLevel });
      await this.refresh();
      return this.voice.texts.status.logChanged;
    });
  }
}
