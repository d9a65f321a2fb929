/** The add-ons and how they are; switching them is a command's work. */

import { ask } from "../shared/api";
import { h, type Child } from "../shared/dom";
import type { Addon, AddonState, AddonVersion } from "../shared/wire";
import { Card, faultText, type Voice } from "./card";
import { commandLine } from "./copying";
import { worstState } from "./states";

const DOTS: Readonly<Record<AddonState, string>> = {
  idle: "good",
  running: "good",
  resting: "bad",
  disabled: "off",
  broken: "bad",
};

/** The section. */
export class Addons {
  readonly card: Card;
  found: readonly Addon[] = [];
  private readonly open = new Set<string>();

  constructor(private readonly voice: Voice) {
    this.card = new Card(voice, "addons", voice.texts.status.addons);
  }

  /** Shows them. */
  async refresh(): Promise<void> {
    await this.card.read(async () => {
      this.found = await ask<Addon[]>("GET", "/api/addons");
      this.card.draw(this.found, () => [
        h("ul", { class: "rows" }, ...this.found.map((each) => this.row(each))),
      ]);
    });
  }

  private row(addon: Addon): HTMLElement {
    const state = worstState(addon.versions);
    const name = h("span", { class: `name dot ${DOTS[state]}` }, addon.name);
    const tail = `${addon.versions[0]?.version ?? ""} · ${this.voice.texts.status.addonStates[state]}`;
    const summary = h(
      "summary",
      { "data-key": `addon ${addon.name}` },
      name,
      h("span", { class: "meta" }, tail),
    );
    const details = h("details", { open: this.open.has(addon.name) }, summary, this.inside(addon));
    details.addEventListener("toggle", () => {
      if (details.open) this.open.add(addon.name);
      else this.open.delete(addon.name);
    });
    return h("li", { class: "row addon" }, details);
  }

  private inside(addon: Addon): HTMLElement {
    const description = h("p", { lang: "en" }, addon.description);
    const versions = addon.versions.flatMap((each) => this.version(each));
    return h("div", { class: "inside" }, description, ...versions, ...this.commands(addon));
  }

  private version(each: AddonVersion): Child[] {
    const words = this.voice.texts.status;
    const facts: (readonly [string, string])[] = [
      [
        words.version(each.version),
        `${words.addonStates[each.state]}, ${words.addonWhere[each.where]}`,
      ],
      [words.addonBrings, [...each.operations, ...each.edits].join(", ")],
      [words.addonReads, each.reads.join(", ")],
      [words.addonWrites, each.writes.join(", ")],
    ];
    const rows = facts
      .filter(([, value]) => value !== "")
      .flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]);
    const fault = each.lastError;
    return [
      h("dl", { class: "facts" }, ...rows),
      fault === null ? null : h("p", {}, faultText(fault.message, fault.error)),
    ];
  }

  private commands(addon: Addon): Child[] {
    const { texts } = this.voice;
    const words = texts.status;
    const line = (sentence: string, command: string): Child[] => [
      h("p", { class: "meta" }, sentence),
      commandLine(command, this.card, texts),
    ];
    const state = worstState(addon.versions);
    if (state === "broken") return line(words.addonMend, `flatbed addons info ${addon.name}`);
    if (state === "disabled") return line(words.addonOn, `flatbed addons enable ${addon.name}`);
    return line(words.addonOff, `flatbed addons disable ${addon.name}`);
  }
}
