// A page of its author around the elements for documents; what they tell is in `window.seen`.
import { Desk } from "/elements.js";
import { Flatbed } from "/flatbed.js";

const wanted = new URLSearchParams(location.search);
const ports = (wanted.get("ports") ?? "").split(",").filter(Boolean).map(Number);

// What a computer answers on which the add-on for PDFs is missing or disabled.
window.lack = wanted.get("lack");
const ask = window.fetch;
window.fetch = async (...request) => {
  const answer = await ask(...request);
  if (window.lack === null || !String(request[0]).endsWith("/api/addons")) return answer;
  const all = await answer.json();
  const writesPdf = ({ versions }) => versions.some((each) => each.writes.includes("application/pdf"));
  if (window.lack === "missing") return Response.json(all.filter((each) => !writesPdf(each)));
  for (const { versions } of all.filter(writesPdf)) versions[0].state = "disabled";
  return Response.json(all);
};

window.seen = [];
document.documentElement.dir = wanted.get("dir") ?? "ltr";
document.documentElement.lang = wanted.get("lang") ?? "en";
for (const type of ["document-opened", "save", "tool-result"]) {
  document.addEventListener(`flatbed-${type}`, ({ detail }) => window.seen.push([type, detail]));
}

const around = document.createElement("flatbed-desk");
const flatbed = new Flatbed({ name: "Archive", ports });
around.desk = new Desk({ flatbed, document: wanted.get("document") ?? "Post" });
window.desk = around.desk;
for (const tag of ["documents", "save", "tools", "notices"]) {
  around.append(document.createElement(`flatbed-${tag}`));
}
document.querySelector("main").append(around);
