/** The nine states in which a page can be, and the sentence and the button of each. */
import { fill, type Texts, type Values } from "./texts.js";

/** The nine, in the order in which they are passed. */
export type StateName =
  | "checking"
  | "asking"
  | "blocked"
  | "stopped"
  | "missing"
  | "version"
  | "foreign"
  | "consent"
  | "ready";

/** The names of errors that say no more than the state does. */
export const CODES: Readonly<Record<StateName, string>> = {
  checking: "not_connected",
  asking: "permission_needed",
  blocked: "permission_blocked",
  stopped: "service_stopped",
  missing: "service_missing",
  version: "version_unfit",
  foreign: "service_foreign",
  consent: "consent_needed",
  ready: "not_connected",
};

/** What the person can do about it. */
export interface StateAction {
  /** For a button. */
  readonly label: string;
  /** Where it leads, for a link in place of the button, as where windows are blocked. */
  readonly href?: string;
  /**
   * Does it; to be called from a click. It never rejects for what a state tells.
   *
   * @param options - `signal` ends what it begins, such as looking for a service being installed.
   */
  run(options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** How far the page has come. */
export interface FlatbedState {
  readonly name: StateName;
  /** For people, in their language: what is, and the way out. */
  readonly sentence: string;
  readonly action?: StateAction;
}

/** The kinds of action: `ask` is the whole way in, `await` looks until the service is there. */
export type ActionKind = "ask" | "await" | "get" | "reload" | "detach" | "show" | "status";

const SITUATIONS = {
  checking: ["checking"],
  connect: ["asking", "ask", "doConnect"],
  asking: ["asking"],
  dismissed: ["asking", "ask", "doReconnect"],
  denied: ["blocked", "ask", "doReconnect"],
  framed: ["blocked", "detach", "doDetach"],
  insecure: ["blocked", "ask", "doReconnect"],
  stopped: ["stopped", "await", "doReconnect"],
  missing: ["missing", "get", "doInstall"],
  nowhere: ["missing"],
  tooOld: ["version", "get", "doUpdate"],
  tooNew: ["version", "reload", "doReload"],
  unfit: ["version", "await", "doReconnect"],
  foreign: ["foreign", "await", "doReconnect"],
  consent: ["consent", "ask", "doAsk"],
  waiting: ["consent", "show", "doShow"],
  refused: ["consent", "status", "doStatus"],
  expired: ["consent", "ask", "doAsk"],
  ready: ["ready"],
} as const satisfies Partial<
  Record<keyof Texts, readonly [StateName] | readonly [StateName, ActionKind, keyof Texts]>
>;

/** A state more finely: each has a sentence of its own. */
export type Situation = keyof typeof SITUATIONS;

/** What a state is made of besides its situation. */
export interface StateParts {
  readonly texts: Texts;
  readonly values?: Values;
  /** In place of the situation's own sentence. */
  readonly sentence?: string | undefined;
  readonly href?: string | undefined;
  run(kind: ActionKind, signal?: AbortSignal): Promise<void>;
}

/** The state of a situation. */
export function stateOf(situation: Situation, parts: StateParts): FlatbedState {
  const [name, kind, label] = SITUATIONS[situation];
  const sentence = parts.sentence ?? fill(parts.texts, situation, parts.values);
  if (kind === undefined) return { name, sentence };
  const action: StateAction = {
    label: fill(parts.texts, label),
    ...(parts.href === undefined ? {} : { href: parts.href }),
    run: (options) => parts.run(kind, options?.signal),
  };
  return { name, sentence, action };
}
