/** The first example of the documentation, word for word: it has to be what TypeScript takes. */
import { Flatbed } from "../src/index.js";

declare const banner: { show(state: Flatbed["state"]): void };
declare const scanButton: HTMLButtonElement;
declare const gallery: HTMLElement;
declare const signal: AbortSignal;
declare function ask(question: string): Promise<boolean>;

const flatbed = new Flatbed({ addons: ["pdf", "barcode>=1"] });
flatbed.addEventListener("statechange", () => {
  banner.show(flatbed.state);
});
await flatbed.reconnect();
scanButton.onclick = async () => {
  await flatbed.request({ signal });
  const doc = await flatbed.documents.open("invoice-4711", { create: true });
  const job = await doc.scan({ source: "feeder", dpi: 300, signal });
  job.addEventListener("paused", async (e) =>
    (await ask(e.error.message)) ? job.resume() : job.finish(),
  );
  for await (const page of job.pages()) gallery.append(await page.thumbnail({ width: 240 }));
  await fetch("/inbox", { method: "POST", body: await doc.toBlob("application/pdf") });
};
