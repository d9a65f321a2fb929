/** What the way in needs of a browser; tests and other programs pass their own. */

/** The parts of `navigator` that are asked. */
export interface NavigatorFacts {
  readonly userAgent: string;
  readonly maxTouchPoints?: number | undefined;
  readonly permissions?: { query(descriptor: PermissionDescriptor): Promise<PermissionFacts> };
}

/** A permission, whose state changes while one looks at it. */
export interface PermissionFacts {
  readonly state: PermissionState;
}

/** The parts of `location` that are asked. */
export interface LocationFacts {
  readonly href: string;
  readonly protocol: string;
  readonly hostname: string;
}

/** Where the page's own window is, in CSS pixels. */
export interface PlaceFacts {
  readonly top: number;
  readonly right: number;
  /** Of the part of its screen that windows may take. */
  readonly screenRight: number;
}

/** A small window that was opened. */
export interface OpenedWindow {
  readonly closed: boolean;
  readonly document: { title: string; body: { textContent: string | null } };
  readonly location: { replace(url: string): void };
  close(): void;
}

/** Everything that the way in touches outside itself. */
export interface Environment {
  readonly fetch: typeof globalThis.fetch;
  readonly isSecureContext: boolean;
  /** Whether another page stands around this one. */
  readonly isFramed: boolean;
  readonly navigator: NavigatorFacts;
  /** BCP 47 tags, the page's own before those of the browser. */
  readonly languages: readonly string[];
  /** None where no page is, as in Node. */
  readonly location?: LocationFacts | undefined;
  /** None where no window is. */
  readonly place?: PlaceFacts | undefined;
  readonly storage?: Pick<Storage, "getItem" | "setItem"> | undefined;
  /** Opens a window, which browsers let happen within a click only; `null` if it was blocked. */
  open(url: string, target: string, features?: string): OpenedWindow | null;
  reload(): void;
}

/** Whether the browser shows its own questions in the window in front only, as Firefox does. */
export function asksInFrontOnly({ navigator }: Environment): boolean {
  return navigator.userAgent.includes("Firefox/");
}

/** The environment of the page that this runs in, or of Node. */
export function ownEnvironment(): Environment {
  const scope: Partial<typeof globalThis> = globalThis;
  return {
    fetch: (input, init) => fetch(input, init),
    isSecureContext: scope.isSecureContext ?? true,
    isFramed: scope.window !== undefined && scope.window.parent !== scope.window,
    navigator: scope.navigator ?? { userAgent: "" },
    languages: [scope.document?.documentElement.lang ?? "", ...(scope.navigator?.languages ?? [])],
    location: scope.location,
    get place() {
      return ownPlace();
    },
    storage: ownStorage(),
    open: (url, target, features) => scope.open?.(url, target, features) ?? null,
    reload: () => scope.location?.reload(),
  };
}

function ownPlace(): PlaceFacts | undefined {
  const scope: Partial<typeof globalThis> = globalThis;
  if (scope.window === undefined) return undefined;
  // No standard has it, though browsers do: a second screen does not begin at 0.
  const { availLeft = 0, availWidth } = scope.window.screen as Screen & { availLeft?: number };
  const { screenX, screenY, outerWidth } = scope.window;
  return { top: screenY, right: screenX + outerWidth, screenRight: availLeft + availWidth };
}

/** Reading `localStorage` alone throws where a person has forbidden it. */
function ownStorage(): Storage | undefined {
  const scope: Partial<typeof globalThis> = globalThis;
  try {
    // Node has one too, which warns that it has no file.
    return scope.window === undefined ? undefined : scope.localStorage;
  } catch {
    return undefined;
  }
}
