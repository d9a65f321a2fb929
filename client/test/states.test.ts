/** The sentences and buttons of the states, and the installers behind one of them. */
import { describe, expect, test, vi } from "vitest";

import { installerFor, systemOf } from "../src/installers.js";
import { stateOf, type Situation } from "../src/states.js";
import { fill, textsFor, type Texts } from "../src/texts.js";

const NAMES: readonly (readonly [Situation, string, string | undefined])[] = [
  ["checking", "checking", undefined],
  ["connect", "asking", "Connect"],
  ["asking", "asking", undefined],
  ["dismissed", "asking", "Connect again"],
  ["denied", "blocked", "Connect again"],
  ["framed", "blocked", "Open in a new window"],
  ["insecure", "blocked", "Connect again"],
  ["stopped", "stopped", "Connect again"],
  ["missing", "missing", "Install Flatbed"],
  ["nowhere", "missing", undefined],
  ["tooOld", "version", "Update Flatbed"],
  ["tooNew", "version", "Reload this page"],
  ["unfit", "version", "Connect again"],
  ["foreign", "foreign", "Connect again"],
  ["consent", "consent", "Ask Flatbed"],
  ["waiting", "consent", "Open the window"],
  ["refused", "consent", "Open the status page"],
  ["expired", "consent", "Ask Flatbed"],
  ["ready", "ready", undefined],
];

function stateIn(situation: Situation, texts: Texts) {
  const values = { version: "0.1.0", code: "ABC-DEF" };
  return stateOf(situation, { texts, values, run: () => Promise.resolve() });
}

describe.each(["en", "de"])("in %s", (language) => {
  const texts = textsFor([language]);

  test.each(NAMES)("%s has a whole sentence of at most 25 words", (situation) => {
    const { sentence } = stateIn(situation, texts);
    expect(sentence).toMatch(/^[\p{Lu}].*\.$/u);
    expect(sentence).not.toMatch(/[{}]|undefined/);
    expect(sentence.split(/\s+/).length).toBeLessThanOrEqual(25);
  });
});

test.each(NAMES)("%s is the state %s with the button %s", (situation, name, label) => {
  const state = stateIn(situation, textsFor(["en"]));
  expect(state.name).toBe(name);
  expect(state.action?.label).toBe(label);
});

test.each(["denied", "framed", "insecure", "dismissed", "asking", "connect"] as const)(
  "%s never says that nothing is installed",
  (situation) => {
    expect(stateIn(situation, textsFor(["en"])).sentence).not.toMatch(/install/);
    expect(stateIn(situation, textsFor(["de"])).sentence).not.toMatch(/install/);
  },
);

test("versions that do not fit say which one to update", () => {
  const texts = textsFor(["en"]);
  expect(stateIn("tooOld", texts).sentence).toBe(
    "Flatbed 0.1.0 on this computer is too old for this page. Update Flatbed.",
  );
  expect(stateIn("tooNew", texts).sentence).toBe(
    "This page is too old for Flatbed 0.1.0 on this computer. Reload it, or tell whoever runs it.",
  );
});

test("the code of a question stands in its sentence", () => {
  expect(stateIn("waiting", textsFor(["en"])).sentence).toBe(
    "Allow this page in the window of Flatbed. The code there must be ABC-DEF.",
  );
});

test("every text is there in German", () => {
  const [english, german] = [textsFor(["en"]), textsFor(["de"])];
  const same = Object.keys(english).filter(
    (name) => english[name as keyof Texts] === german[name as keyof Texts],
  );
  expect(same).toEqual(["product"]);
});

test.each([
  [
    ["de-AT", "en"],
    "Flatbed läuft nicht. Starten Sie es; diese Seite verbindet sich dann von selbst.",
  ],
  [["en-GB", "de"], "Flatbed is not running. Start it; this page then connects by itself."],
  [
    ["fr", "de"],
    "Flatbed läuft nicht. Starten Sie es; diese Seite verbindet sich dann von selbst.",
  ],
  [["", "fr"], "Flatbed is not running. Start it; this page then connects by itself."],
])("languages %j are served", (languages, sentence) => {
  expect(fill(textsFor(languages), "stopped")).toBe(sentence);
});

test("an author's texts and product name take the place of ours", () => {
  const texts = textsFor(["en"], { product: "Contoso Scan", ready: "{product}: go!" });
  expect(fill(texts, "ready")).toBe("Contoso Scan: go!");
  expect(fill(texts, "doInstall")).toBe("Install Contoso Scan");
});

test("an action runs its kind with the signal, and has the link", async () => {
  const run = vi.fn(() => Promise.resolve());
  const state = stateOf("missing", { texts: textsFor(["en"]), href: "https://a.example/x", run });
  const { signal } = new AbortController();
  await state.action?.run({ signal });
  expect(run).toHaveBeenCalledWith("get", signal);
  expect(state.action?.href).toBe("https://a.example/x");
});

const SYSTEMS = [
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36", 0, "windows"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15", 0, "macos"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15", 5, "none"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", 5, "none"],
  ["Mozilla/5.0 (Linux; Android 15; Pixel 9)", 5, "none"],
  ["Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)", 0, "none"],
  ["Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0)", 0, "debian"],
  ["Mozilla/5.0 (X11; Fedora; Linux x86_64; rv:140.0)", 0, "fedora"],
  ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", 10, "linux"],
  ["", 0, "none"],
] as const;

test.each(SYSTEMS)("%s with %i touch points runs on %s", (userAgent, maxTouchPoints, system) => {
  expect(systemOf({ userAgent, maxTouchPoints })).toBe(system);
});

test("a Linux without a link of its own gets that of Linux, others none", () => {
  const links = { linux: "https://a.example/linux", windows: "https://a.example/windows" };
  expect(installerFor({ userAgent: "Ubuntu" }, links)).toBe("https://a.example/linux");
  expect(installerFor({ userAgent: "Windows NT" }, links)).toBe("https://a.example/windows");
  expect(installerFor({ userAgent: "Macintosh" }, links)).toBeUndefined();
  expect(installerFor({ userAgent: "CrOS" }, links)).toBeUndefined();
});
