// A page as its author writes one; what a test looks at is `window.seen`.
import { Flatbed } from "/flatbed.js";

const wanted = new URLSearchParams(location.search);
const ports = (wanted.get("ports") ?? "").split(",").filter(Boolean).map(Number);
const flatbed = new Flatbed({ name: "Invoice desk", addons: ["pdf", "barcode"], ports });

window.flatbed = flatbed;
window.seen = { states: [], pages: [], error: null, ended: false };

function show() {
  window.seen.states.push(flatbed.state.name);
  document.querySelector("#state").textContent = flatbed.state.sentence;
}

flatbed.addEventListener("statechange", show);

async function scan() {
  try {
    await flatbed.request();
    const doc = await flatbed.documents.open("invoice-4711", { create: true });
    const job = await doc.scan({ source: "feeder", dpi: 100 });
    for await (const page of job.pages()) {
      window.seen.pages.push(page.uid);
      document.querySelector("#gallery").append(await page.thumbnail({ width: 240 }));
    }
    window.doc = doc;
    window.seen.ended = true;
  } catch (error) {
    window.seen.error = { name: error.name, code: error.code ?? null, message: error.message };
  }
}

document.querySelector("#scan").addEventListener("click", () => void scan());
await flatbed.reconnect();
