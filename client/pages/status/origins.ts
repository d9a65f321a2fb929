/** Who may scan, and who waits for an answer. */

import { ask } from "../shared/api";
import { button, h, type Child } from "../shared/dom";
import { isolate } from "../shared/format";
import type { Origin, Pairing } from "../shared/wire";
import { Card, factLine, isolated, type Voice } from "./card";

const DOTS: Readonly<Record<Origin["state"], string>> = {
  once: "good",
  always: "good",
  blocked: "bad",
  configured: "good",
};

const MINUTE_MS = 60_000;

/** The list, and above all else those that wait. */
export class Origins {
  readonly card: Card;
  readonly asks: Card;
  found: readonly Origin[] = [];

  constructor(private readonly voice: Voice) {
    const words = voice.texts.status;
    this.card = new Card(voice, "origins", words.origins, words.originsWhy);
    this.asks = new Card(voice, "asks", words.asks);
    this.asks.element.classList.add("urgent");
    this.asks.element.hidden = true;
  }

  /** Shows both. */
  async refresh(): Promise<void> {
    await Promise.all([
      this.card.read(async () => {
        this.show(await ask<Origin[]>("GET", "/api/origins"));
      }),
      this.asks.read(async () => {
        this.showAsks(await ask<Pairing[]>("GET", "/api/pair"));
      }),
    ]);
  }

  private showAsks(waiting: readonly Pairing[]): void {
    this.asks.element.hidden = waiting.length === 0;
    this.asks.draw(waiting, () => [
      h("ul", { class: "rows" }, ...waiting.map((each) => this.askRow(each))),
    ]);
  }

  private askRow(pairing: Pairing): HTMLElement {
    const words = this.voice.texts.status;
    const href = `/consent/${encodeURIComponent(pairing.id)}`;
    const link = { class: "button primary", href, target: "_blank", rel: "noopener" };
    return h(
      "li",
      { class: "row wide" },
      h("p", { class: "name" }, h("bdi", {}, words.ask(pairing.origin))),
      h("div", { class: "acts" }, h("a", { ...link, "data-key": pairing.id }, words.decide)),
    );
  }

  private show(found: readonly Origin[]): void {
    this.found = found;
    const minute = Math.floor(Date.now() / MINUTE_MS);
    this.card.draw({ found, minute }, () => [
      found.length === 0
        ? h("p", { class: "empty" }, this.voice.texts.status.noOrigins)
        : h("ul", { class: "rows" }, ...found.map((each) => this.row(each))),
    ]);
  }

  private row(each: Origin): HTMLElement {
    const words = this.voice.texts.status;
    const state = h("span", { class: `dot ${DOTS[each.state]}` }, words.originStates[each.state]);
    const used = each.state === "blocked" ? null : this.lastUse(each);
    return h(
      "li",
      { class: "row wide" },
      h("div", {}, this.name(each), factLine(state, used)),
      this.acts(each),
    );
  }

  private name(each: Origin): HTMLElement {
    const words = this.voice.texts.status;
    const hasName = each.name !== undefined && each.name !== "";
    const claim = hasName ? words.callsItself(isolate(each.name)) : null;
    return h(
      "div",
      {},
      h("p", { class: "name" }, isolated(each.origin)),
      claim === null ? null : h("p", { class: "meta" }, claim),
    );
  }

  private lastUse(each: Origin): string {
    const { texts, format } = this.voice;
    const now = Date.now();
    if (each.lastUsed === undefined) return texts.status.neverUsed;
    if (now - Date.parse(each.lastUsed) < MINUTE_MS) return texts.status.usedNow;
    return texts.status.lastUsed(format.ago(each.lastUsed, now));
  }

  private acts(each: Origin): Child {
    const words = this.voice.texts.status;
    // What the configuration allows is taken back there.
    if (each.state === "configured") return null;
    const [label, name, done] =
      each.state === "blocked"
        ? [words.unblock, words.unblockOf(each.origin), words.unblocked(each.origin)]
        : [words.revoke, words.revokeOf(each.origin), words.revoked(each.origin)];
    const act = (): void => {
      void this.card.act(async () => {
        await ask("DELETE", `/api/origins/${encodeURIComponent(each.origin)}`);
        await this.refresh();
        return done;
      });
    };
    const made = button(`revoke ${each.origin}`, label, act, { "aria-label": name });
    return h("div", { class: "acts" }, made);
  }
}
