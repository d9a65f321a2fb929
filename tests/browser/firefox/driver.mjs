// Drives one headless Firefox for a test: a JSON step on each line of stdin, a JSON answer on each
// line of stdout. The browser ends with the input.
//
//   node driver.mjs '{"executable": "…", "profile": "…", "preferences": {…}}'
//
// A step is {"do": …, …}, an answer {"value": …} or {"error": …}. Pages go by the names that steps
// give them; all of them share storage until "leave".
import { createRequire } from "node:module";
import readline from "node:readline";

/** For one wait; below what the test allows for a whole step. */
const LIMIT_MS = 15_000;
/** A small machine that does other things too starts a browser slowly. */
const START_MS = 90_000;
const LOOK_MS = 100;

const fromClient = createRequire(
  new URL("../../../client/package.json", import.meta.url),
);
const { default: puppeteer } = await import(
  fromClient.resolve("puppeteer-core")
);

const { executable, profile, preferences } = JSON.parse(process.argv[2]);
const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: executable,
  userDataDir: profile,
  extraPrefsFirefox: preferences,
  // Lets a test see and press what the browser itself asks a person.
  args: ["--remote-allow-system-access"],
  timeout: START_MS,
  protocolTimeout: LIMIT_MS,
});

const pages = new Map();
/** What pages have opened, until a step asks for it. */
const windows = [];
let context;

function keep(name, page) {
  page.setDefaultTimeout(LIMIT_MS);
  page.on("popup", (window) => windows.push(window));
  pages.set(name, page);
}

const STEPS = {
  /** Opens a page, and is over once it is loaded. */
  async open({ page, url }) {
    context ??= await browser.createBrowserContext();
    const opened = await context.newPage();
    keep(page, opened);
    await opened.goto(url);
  },

  async reload({ page }) {
    await pages.get(page).reload();
  },

  /** What an expression, or the promise that it is, comes to. */
  evaluate: ({ page, script }) => pages.get(page).evaluate(script),

  /** Waits until an expression is true. */
  async wait({ page, script }) {
    await pages.get(page).waitForFunction(script);
  },

  /** Clicks as a person does. */
  async click({ page, selector }) {
    await pages.get(page).locator(selector).click();
  },

  /** Names the next window that a page has opened, or opens. */
  async window({ page }) {
    keep(page, await until(() => windows.shift()));
  },

  /** Waits until a window has closed. */
  async gone({ page }) {
    await until(() => pages.get(page).isClosed() || undefined);
  },

  /** Presses a button of the question that the browser asks about this machine; all its buttons. */
  answer: ({ button }) => until(() => answerBrowser(button)),

  /** Closes all pages, and forgets what they stored. */
  async leave() {
    await context?.close();
    context = undefined;
    pages.clear();
    windows.length = 0;
  },
};

/** The first value that is not undefined, looked for again and again. */
async function until(look) {
  const end = Date.now() + LIMIT_MS;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error("nothing of it within the limit");
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** The labels of the question's buttons, one of them pressed; undefined if none is on show. */
async function answerBrowser(button) {
  // Only the connection itself leads to the browser's own windows.
  const { connection } = browser;
  const inBrowser = { "moz:scope": "chrome" };
  const { result: tree } = await connection.send(
    "browsingContext.getTree",
    inBrowser,
  );
  for (const { context: target } of tree.contexts) {
    const { result: answer } = await connection.send("script.evaluate", {
      expression: `(${press})(${JSON.stringify(button)})`,
      target: { context: target },
      awaitPromise: false,
    });
    if (answer.result.type === "string") return JSON.parse(answer.result.value);
  }
  return undefined;
}

/** Runs in a window of the browser. */
function press(label) {
  const question = document.getElementById("loopback-network-notification");
  if (!question || !PopupNotifications.isPanelOpen) return undefined;
  const buttons = [question.button, question.secondaryButton];
  buttons.find((each) => each.label === label)?.click();
  return JSON.stringify(buttons.map((each) => each.label));
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { do: name, ...step } = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await STEPS[name](step)) ?? null };
  } catch (error) {
    answer = { error: error.message };
  }
  console.log(JSON.stringify(answer));
}
await browser.close();
