/** An origin, told so that the part that decides whose it is stands out. */

/** The pieces of an origin; together they are the whole of it. */
export interface OriginParts {
  /** Scheme and all labels that its owner can choose freely. */
  readonly before: string;
  /** The part that was registered, or the whole host where nothing is. */
  readonly main: string;
  /** The port, with its colon. */
  readonly after: string;
}

// Second labels below which countries hand out names: `co.uk`, `com.au`.
const SHARED_LABELS = new Set([
  ..."ac co com edu gob gov gouv gv go ltd me mil ne net nom or org plc sch".split(" "),
]);

/**
 * Takes an origin apart.
 *
 * @param origin - As a browser sends it: scheme, host in ASCII, port.
 */
export function splitOrigin(origin: string): OriginParts {
  const [, scheme = "", host = origin, after = ""] =
    /^([^:]+:\/\/)(\[[^\]]*\]|[^:]*)(:\d+)?$/.exec(origin) ?? [];
  const main = registrablePart(host);
  return { before: scheme + host.slice(0, host.length - main.length), main, after };
}

/** Whether what the page shows could have been changed on its way here. */
export function isUnencrypted(origin: string): boolean {
  const { main } = splitOrigin(origin);
  return origin.startsWith("http://") && !isThisMachine(main);
}

/** Whether its name is written with other letters than it shows. */
export function hasOtherLetters(origin: string): boolean {
  return /(^|[/.])xn--/.test(origin);
}

function registrablePart(host: string): string {
  const labels = host.split(".");
  if (host.startsWith("[") || /^[\d.]+$/.test(host)) return host;
  const [second = "", top = ""] = labels.slice(-2);
  const isShared = top.length === 2 && SHARED_LABELS.has(second);
  return labels.slice(isShared ? -3 : -2).join(".");
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || /^127\.|^\[::1\]$/.test(host);
}
