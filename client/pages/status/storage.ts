/** Disk and buffer, and the check of what is stored. */

import { ask } from "../shared/api";
import { button, h, type Child } from "../shared/dom";
import type { ServiceStatus, StorageReport } from "../shared/wire";
import { Card, type Voice } from "./card";

/** The section. */
export class Storage {
  readonly card: Card;

  constructor(private readonly voice: Voice) {
    const words = voice.texts.status;
    const check = button("check", words.check, () => void this.check());
    this.card = new Card(voice, "storage", words.storage, undefined, check);
  }

  /** Shows how full it is. */
  show({ disk, buffer, dataFolder, ports }: ServiceStatus): void {
    const { texts, format } = this.voice;
    const words = texts.status;
    const [free, total] = [format.bytes(disk.freeBytes), format.bytes(disk.totalBytes)];
    const used = format.bytes(buffer.bytes);
    const facts: (readonly [string, Child])[] = [
      [words.disk, words.diskOf(free, total)],
      [words.buffer, words.bufferOf(words.pages(buffer.pages), used)],
      [words.folder, h("bdi", { dir: "ltr" }, dataFolder)],
      [words.ports, `${ports.main}, ${ports.status}`],
    ];
    this.card.draw({ free, buffer, dataFolder, ports }, () => [
      this.meter(1 - disk.freeBytes / Math.max(1, disk.totalBytes)),
      h(
        "dl",
        { class: "facts" },
        ...facts.flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]),
      ),
    ]);
  }

  private meter(share: number): HTMLElement {
    const { texts, format } = this.voice;
    const label = texts.status.diskUsed(format.percent(share));
    const bounds = { min: "0", max: "1", low: "0.9", high: "0.96", optimum: "0" };
    return h("meter", { ...bounds, value: share.toFixed(3), "aria-label": label }, label);
  }

  private async check(): Promise<void> {
    const words = this.voice.texts.status;
    this.card.tell(words.checking);
    await this.card.act(async () => {
      const report = await ask<StorageReport>("POST", "/api/storage/check", {});
      if (report.indexFault !== null) return words.checkIndex;
      if (report.damaged.length > 0) return words.checkDamaged(report.damaged.length);
      return words.checkWhole(words.pages(report.pages));
    });
  }
}
