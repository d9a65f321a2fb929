// A page of its author, who puts elements down as the address says; events are in `window.seen`.
import { Desk } from "/elements.js";
import { Flatbed } from "/flatbed.js";

const wanted = new URLSearchParams(location.search);
const ports = (wanted.get("ports") ?? "").split(",").filter(Boolean).map(Number);
const mock = wanted.has("mock") ? JSON.parse(wanted.get("mock")) : undefined;
const tags = (wanted.get("tags") ?? "status,scan-settings,scan-button,pause").split(",");

window.seen = [];
document.documentElement.dir = wanted.get("dir") ?? "ltr";
document.documentElement.lang = wanted.get("lang") ?? "en";

const TYPES = ["page", "scan-start", "scan-pause", "scan-end", "resume", "finish"];
for (const type of [...TYPES, "settings-change", "state"]) {
  document.addEventListener(`flatbed-${type}`, ({ detail }) => {
    window.seen.push([type, detail.number ?? detail.pages?.length ?? null]);
  });
}

const around = document.createElement("flatbed-desk");
const flatbed = new Flatbed({ name: "Mail room", ports, mock });
around.desk = new Desk({ flatbed, document: wanted.get("document") ?? "mail" });
window.desk = around.desk;
for (const tag of [...tags, "notices"]) {
  const element = document.createElement(`flatbed-${tag}`);
  for (const [name, value] of wanted) {
    if (name.startsWith("at-") && tag === "scan-button") element.setAttribute(name.slice(3), value);
  }
  around.append(element);
}
document.querySelector("main").append(around);
