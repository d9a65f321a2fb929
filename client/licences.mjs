/** Writes the licences of the packages that are built into the elements, as these ask for it. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const MAP = "dist/elements.js.map";
const NAME = "THIRD-PARTY.txt";
const FOLDERS = ["dist", "../core/src/flatbed/web"];

/** Names of the packages that a source map names, sorted. */
function packagesOf(map) {
  const names = map.sources.flatMap((source) => {
    const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source) ?? [];
    return name ?? [];
  });
  return [...new Set(names)].sort();
}

/** A package's name, version and the text of its licence; one without a text is an error. */
function licenceOf(name) {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name} has no text of its licence`);
  const text = readFileSync(`${folder}/${file}`, "utf8").trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}

const packages = packagesOf(JSON.parse(readFileSync(MAP, "utf8")));
const text = packages.map(licenceOf).join(`\n${"-".repeat(72)}\n\n`);
for (const folder of FOLDERS) writeFileSync(`${folder}/${NAME}`, text);
