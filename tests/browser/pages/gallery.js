// The gallery alone in a page; what a test looks at is `window.desk` and `window.seen`.
import { Desk } from "/elements.js";

const wanted = new URLSearchParams(location.search);
const ports = (wanted.get("ports") ?? "")
  .split(",")
  .filter(Boolean)
  .map(Number);
const name = wanted.get("document") ?? "gallery";
const sheets = Number(wanted.get("sheets") ?? 0);

window.seen = { opened: [], chosen: [], added: [] };
const events = { "flatbed-open-page": "opened", "flatbed-choose": "chosen" };
for (const [type, list] of Object.entries(events)) {
  addEventListener(type, ({ detail }) => window.seen[list].push(detail));
}
addEventListener("flatbed-files-added", ({ detail }) =>
  window.seen.added.push(detail.pages),
);

// Without ports there is no service either.
const service = ports.length > 0 ? { ports } : { mock: { sheets, sheetMs: 1 } };
document.documentElement.lang = wanted.get("lang") ?? "en";
document.documentElement.dir = wanted.get("dir") ?? "ltr";
const around = document.createElement("flatbed-desk");
around.desk = window.desk = new Desk({
  ...service,
  document: name,
  name: "Gallery",
});
for (const each of ["drop", "gallery", "notices"]) {
  around.append(document.createElement(`flatbed-${each}`));
}
document.querySelector("main").append(around);
