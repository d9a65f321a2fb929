/** The scanners of this computer, each with a test. */

import { ask, toFault } from "../shared/api";
import { button, h, type Child } from "../shared/dom";
import type { Scanner } from "../shared/wire";
import { Card, faultText, isolated, type Voice } from "./card";
import { testScan, type TestResult } from "./test-scan";

const SCANNERS = "/api/device/scanners";

// All kinds: who looks at this page wants to see everything that is there.
const ALL_TYPES = 0xfff;

/** The section. */
export class Scanners {
  readonly card: Card;
  found: readonly Scanner[] = [];
  private readonly rows = new Map<string, ScannerRow>();

  constructor(private readonly voice: Voice) {
    const words = voice.texts.status;
    const again = button("look-again", words.lookAgain, () => void this.lookAgain());
    this.card = new Card(voice, "scanners", words.scanners, undefined, again);
  }

  /** Shows those that are there now. */
  async refresh(): Promise<void> {
    await this.card.read(async () => {
      this.show(await ask<Scanner[]>("GET", `${SCANNERS}?type=${ALL_TYPES}`));
    });
  }

  private async lookAgain(): Promise<void> {
    this.card.tell(this.voice.texts.status.looking);
    await this.card.act(async () => {
      this.show(await ask<Scanner[]>("GET", `${SCANNERS}?type=${ALL_TYPES}&refresh=true`));
      return "";
    });
  }

  private show(found: readonly Scanner[]): void {
    this.found = found;
    const words = this.voice.texts.status;
    this.card.draw(found, () => [
      found.length === 0
        ? h("p", { class: "empty" }, words.noScanners)
        : h("ul", { class: "rows" }, ...found.map((each) => this.rowOf(each).element)),
    ]);
  }

  private rowOf(scanner: Scanner): ScannerRow {
    const row = this.rows.get(scanner.device) ?? new ScannerRow(this.voice, scanner);
    this.rows.set(scanner.device, row);
    return row;
  }
}

/** One scanner; what its last test came to stays until the next. */
class ScannerRow {
  readonly element: HTMLElement;
  private readonly result = h("div", { class: "below notice", role: "status" });
  private readonly test: HTMLButtonElement;
  private running: AbortController | undefined;
  private pictureUrl = "";

  constructor(
    private readonly voice: Voice,
    private readonly scanner: Scanner,
  ) {
    this.test = button(`test ${scanner.device}`, "", () => void this.toggle());
    this.label();
    const name = h("span", { class: "name" }, isolated(scanner.name));
    this.element = h("li", { class: "row" }, name, this.test, this.result);
  }

  private async toggle(): Promise<void> {
    if (this.running !== undefined) {
      this.running.abort();
      return;
    }
    this.running = new AbortController();
    this.label();
    this.show(h("span", { class: "dot busy" }, this.voice.texts.status.testRunning));
    this.show(await this.run(this.running.signal));
    this.running = undefined;
    this.label();
  }

  private async run(signal: AbortSignal): Promise<Child> {
    try {
      return this.describe(await testScan(this.scanner, signal));
    } catch (failure) {
      const fault = toFault(failure);
      if (fault.isGone) return h("span", { class: "fault" }, this.voice.texts.serviceGone);
      return faultText(fault.message, fault.code);
    }
  }

  private label(): void {
    const words = this.voice.texts.status;
    const isRunning = this.running !== undefined;
    this.test.textContent = isRunning ? words.cancelTest : words.testScan;
    if (isRunning) this.test.removeAttribute("aria-label");
    else this.test.setAttribute("aria-label", words.testScanOf(this.scanner.name));
  }

  private show(child: Child): void {
    this.result.replaceChildren(...(child === null ? [] : [child]));
  }

  private describe(result: TestResult): Child {
    const words = this.voice.texts.status;
    if (result.kind === "page") return this.picture(result);
    if (result.kind === "fault") return faultText(result.message, result.code);
    return h("span", {}, result.kind === "empty" ? words.testEmpty : words.testCanceled);
  }

  private picture(result: TestResult & { kind: "page" }): HTMLElement {
    const { texts, format } = this.voice;
    URL.revokeObjectURL(this.pictureUrl);
    this.pictureUrl = URL.createObjectURL(result.picture);
    const alt = texts.status.testPicture(this.scanner.name);
    const [width, height] = [format.number(result.widthPx), format.number(result.heightPx)];
    const sentence = texts.status.testDone(width, height, format.number(result.seconds, 1));
    return h(
      "figure",
      { class: "preview" },
      h("img", { src: this.pictureUrl, alt }),
      h("figcaption", {}, sentence),
    );
  }
}
