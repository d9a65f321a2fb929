/** Where the page stands, in words: its state. */
import type { Standing } from "./entrance.js";
import type { Environment } from "./environment.js";
import type { FlatbedOptions } from "./options.js";
import { stateOf, type ActionKind, type FlatbedState } from "./states.js";
import { fill, textsFor, type Texts } from "./texts.js";

/** Carries out an action; `href` is where it leads. */
export type Act = (kind: ActionKind, href?: string, signal?: AbortSignal) => Promise<void>;

/** Makes states in the page's language, when they are asked for. */
export class Display {
  #standing: Standing = { situation: "checking" };
  #state: FlatbedState | undefined;
  #texts: Texts | undefined;

  constructor(
    private readonly options: Pick<FlatbedOptions, "language" | "texts">,
    private readonly environment: () => Environment,
    private readonly act: Act,
  ) {}

  /** What is shown. */
  get standing(): Standing {
    return this.#standing;
  }

  /** The same in words. */
  get state(): FlatbedState {
    this.#state ??= this.#describe(this.#standing);
    return this.#state;
  }

  /** Shows it; whether a person sees a difference. */
  show(standing: Standing): boolean {
    const before = this.state;
    this.#standing = standing;
    this.#state = this.#describe(standing);
    const { name, sentence, action } = this.#state;
    const isSame = name === before.name && sentence === before.sentence;
    return !isSame || action?.href !== before.action?.href;
  }

  /** One text. */
  text(name: keyof Texts): string {
    return fill(this.#allTexts, name);
  }

  #describe({ situation, values = {}, sentence, href }: Standing): FlatbedState {
    const run = (kind: ActionKind, signal?: AbortSignal) => this.act(kind, href, signal);
    return stateOf(situation, { texts: this.#allTexts, values, sentence, href, run });
  }

  get #allTexts(): Texts {
    const { language, texts } = this.options;
    const languages = language === undefined ? this.environment().languages : [language];
    this.#texts ??= textsFor(languages, texts);
    return this.#texts;
  }
}
