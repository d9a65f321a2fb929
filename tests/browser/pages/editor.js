// A page as its author writes one: the editor and the camera over a desk that it makes itself.
import { Desk } from "/elements.js";

const wanted = new URLSearchParams(location.search);
const ports = (wanted.get("ports") ?? "").split(",").filter(Boolean).map(Number);
const desk = new Desk({ ports, document: wanted.get("document") ?? "Letters" });

window.desk = desk;
window.seen = { edits: [], pictures: [], policy: [] };
document.documentElement.lang = wanted.get("lang") ?? "en";
document.documentElement.dir = wanted.get("dir") ?? "ltr";

addEventListener("securitypolicyviolation", (event) => {
  window.seen.policy.push(event.violatedDirective);
});
addEventListener("flatbed-page-edited", ({ detail }) => {
  window.seen.edits.push(detail.op);
});
addEventListener("flatbed-camera-used", ({ detail }) => {
  window.seen.pictures.push(detail.blob.type);
});

for (const element of document.querySelectorAll("flatbed-editor, flatbed-camera, flatbed-notices")) {
  element.desk = desk;
}
await desk.flatbed.reconnect();
