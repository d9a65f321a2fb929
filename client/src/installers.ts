/** Which installer is right for the person's computer. */
import type { NavigatorFacts } from "./environment.js";

/** Systems that differ in how the service gets onto them; `none` has no such way. */
export type System = "windows" | "macos" | "debian" | "fedora" | "linux" | "none";

/** Where the installer of each system is; a system without a link has none. */
export type Installers = Readonly<Partial<Record<Exclude<System, "none">, string>>>;

/** Where the project's releases are; a page's author gives links of their own. */
export const RELEASE_PAGE = "https://flatbed.example/releases";

/** The links that hold unless a page's author gives others. */
export const INSTALLERS: Installers = {
  windows: RELEASE_PAGE,
  macos: RELEASE_PAGE,
  debian: RELEASE_PAGE,
  fedora: RELEASE_PAGE,
  linux: RELEASE_PAGE,
};

const SYSTEMS: readonly (readonly [RegExp, System])[] = [
  [/CrOS|Android|iPhone|iPad|iPod|Mobile/, "none"],
  [/Windows/, "windows"],
  [/Macintosh|Mac OS X/, "macos"],
  [/Debian|Ubuntu/, "debian"],
  [/Fedora|Red Hat/, "fedora"],
  [/Linux|X11/, "linux"],
];

/** The system that a browser says it runs on; most browsers do not tell one Linux from another. */
export function systemOf(navigator: NavigatorFacts): System {
  const found = SYSTEMS.find(([pattern]) => pattern.test(navigator.userAgent))?.[1] ?? "none";
  // An iPad passes for a Mac, but no Mac has a touch screen.
  return found === "macos" && (navigator.maxTouchPoints ?? 0) > 1 ? "none" : found;
}

/** The link for the person's computer: that of its system, or of Linux for one that has none. */
export function installerFor(
  navigator: NavigatorFacts,
  installers: Installers,
): string | undefined {
  const system = systemOf(navigator);
  if (system === "none") return undefined;
  const isLinux = system === "debian" || system === "fedora";
  return installers[system] ?? (isLinux ? installers.linux : undefined);
}
