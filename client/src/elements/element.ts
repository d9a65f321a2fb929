/** What every element has: its desk, its words, its looks. */
import { type CSSResultGroup, LitElement, type PropertyDeclarations } from "lit";

import { Desk, DeskChange, type DeskPart } from "./desk.js";
import { baseStyles } from "./styles.js";
import { chooseWords, type Language } from "./words/index.js";

/** Where an element asks for a desk, and what answers: the nearest `<flatbed-desk>` around it. */
export class DeskRequest extends Event {
  /** Set by whoever has one. */
  desk: Desk | undefined;

  constructor() {
    super("flatbed-desk-request", { bubbles: true, composed: true });
  }
}

let ownDesk: Desk | undefined;

/** The desk of elements that stand in no `<flatbed-desk>`: one for the whole page. */
export function pageDesk(): Desk {
  ownDesk ??= new Desk();
  return ownDesk;
}

/**
 * The base of the elements.
 *
 * `desk` may be set, as from a framework; else the nearest `<flatbed-desk>` gives it, else the page
 * has one. `language` may be set; else the nearest `lang` counts, then the browser's.
 */
export abstract class FlatbedElement extends LitElement {
  static override properties: PropertyDeclarations = {
    language: { type: String },
  };

  static override styles: CSSResultGroup = baseStyles;

  declare language: string | undefined;

  /** The parts whose change is none of this element's business. */
  protected readonly ignores: ReadonlySet<DeskPart> = new Set();

  #given: Desk | undefined;
  #desk: Desk | undefined;
  #language: Language | undefined;

  /** What it shares with the others. */
  get desk(): Desk {
    return this.#desk ?? this.#given ?? pageDesk();
  }

  set desk(desk: Desk | undefined) {
    this.#given = desk;
    if (this.isConnected) this.#attach();
  }

  /** Its words. */
  protected get words(): Language["words"] {
    return this.#ownLanguage.words;
  }

  /** BCP 47 tag, for numbers and dates. */
  protected get tag(): string {
    return this.#ownLanguage.tag;
  }

  /** Whether it reads from right to left. */
  protected get isRightToLeft(): boolean {
    return getComputedStyle(this).direction === "rtl";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#language = undefined;
    this.#attach();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#detach();
  }

  protected override willUpdate(): void {
    this.#language = undefined;
  }

  /** The desk has changed; `super` has it drawn anew. */
  protected deskChanged(part: DeskPart): void {
    if (!this.ignores.has(part)) this.requestUpdate();
  }

  /** Another desk was attached, or the same one again. */
  protected deskAttached(): void {
    this.requestUpdate();
  }

  /** Tells the page around it. */
  protected tell(type: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  get #ownLanguage(): Language {
    this.#language ??= chooseWords([
      this.language ?? "",
      nearestLanguage(this),
      ...navigator.languages,
    ]);
    return this.#language;
  }

  #attach(): void {
    this.#detach();
    const desk = this.#given ?? this.#ask() ?? pageDesk();
    this.#desk = desk;
    desk.addEventListener("change", this.#hear);
    this.deskAttached();
    void desk.begin();
  }

  #detach(): void {
    this.#desk?.removeEventListener("change", this.#hear);
    this.#desk = undefined;
  }

  #ask(): Desk | undefined {
    const request = new DeskRequest();
    this.dispatchEvent(request);
    return request.desk;
  }

  readonly #hear = (event: Event): void => {
    if (event instanceof DeskChange) this.deskChanged(event.part);
  };
}

/** `lang` of the element or of what is around it, shadow roots included; empty where there is none. */
function nearestLanguage(element: Element): string {
  const found = element.closest("[lang]");
  if (found !== null) return found.getAttribute("lang") ?? "";
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? nearestLanguage(root.host) : "";
}
