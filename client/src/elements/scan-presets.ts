/** `<flatbed-scan-presets>`: choices of a scan by the names that a person gave them. */
import { css, type CSSResultGroup, html, nothing, type PropertyDeclarations } from "lit";

import { dialogStyles } from "./dialog-styles.js";
import { FlatbedElement } from "./element.js";
import { icon } from "./icons.js";
import { planOf, type ScanPlan } from "./scan-plan.js";

const MOST_LETTERS = 60;

/**
 * A list of presets, and buttons that save one and delete the chosen one. Part of
 * `<flatbed-scan-settings>`, and of use beside a scan button without them.
 *
 * Events: `flatbed-settings-change`, whose `detail` is the `ScanChoices`, when one was chosen.
 * Parts: `field`, `label`, `select`, `button`, `dialog`.
 */
export class ScanPresetsElement extends FlatbedElement {
  static override properties: PropertyDeclarations = {
    typed: { state: true },
  };

  static override styles: CSSResultGroup = [
    FlatbedElement.styles,
    dialogStyles,
    css`
      .field {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto auto;
        gap: 4px;
      }

      .field > label {
        grid-column: 1 / -1;
      }

      label {
        color: var(--quiet);
        font-size: 0.875em;
        line-height: 1.4;
      }

      .named {
        display: grid;
        gap: 4px;
      }
    `,
  ];

  declare private typed: string;
  #plan: ScanPlan | undefined;

  constructor() {
    super();
    this.typed = "";
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#leave();
  }

  protected override deskAttached(): void {
    super.deskAttached();
    this.#leave();
    this.#plan = planOf(this.desk);
    this.#plan.addEventListener("change", this.#hear);
    this.#plan.join(this);
  }

  protected override render() {
    const { scan } = this.words;
    const { preset, presets } = planOf(this.desk);
    const names = Object.keys(presets).sort(new Intl.Collator(this.tag).compare);
    const erase = preset === undefined ? "" : scan.deletePreset(preset);
    return html`
      <div class="field" part="field">
        <label part="label" for="preset">${scan.preset}</label>
        <select id="preset" part="select" @change=${this.#choose}>
          <option value="" .selected=${preset === undefined}>${scan.noPreset}</option>
          ${names.map(
            (name) => html`<option .value=${name} .selected=${name === preset}>${name}</option>`,
          )}
        </select>
        <button
          class="icon"
          part="button"
          type="button"
          title=${scan.savePreset}
          aria-label=${scan.savePreset}
          @click=${this.#ask}
        >
          ${icon("add")}
        </button>
        ${
          preset === undefined
            ? nothing
            : html`<button
                class="icon"
                part="button"
                type="button"
                title=${erase}
                aria-label=${erase}
                @click=${() => {
                  this.#delete(preset);
                }}
              >
                ${icon("delete")}
              </button>`
        }
      </div>
      ${this.#dialog()}
    `;
  }

  #dialog() {
    const { cancel, scan } = this.words;
    const isThere = this.typed.trim() in planOf(this.desk).presets;
    return html`
      <dialog class="small" part="dialog" aria-labelledby="title">
        <form class="frame" method="dialog" @submit=${this.#save}>
          <div class="head"><h2 id="title">${scan.savePreset}</h2></div>
          <div class="body">
            <div class="named">
              <label for="name">${scan.presetName}</label>
              <input
                id="name"
                required
                maxlength=${MOST_LETTERS}
                autocomplete="off"
                aria-describedby="there"
                .value=${this.typed}
                @input=${({ target }: Event) => {
                  if (target instanceof HTMLInputElement) this.typed = target.value;
                }}
              />
              <p class="quiet" id="there" role="status">
                ${isThere ? scan.presetThere(this.typed.trim()) : ""}
              </p>
            </div>
          </div>
          <div class="foot">
            <button type="button" @click=${this.#close}>${cancel}</button>
            <button class="main" type="submit">${scan.save}</button>
          </div>
        </form>
      </dialog>
    `;
  }

  readonly #choose = ({ target }: Event): void => {
    if (!(target instanceof HTMLSelectElement)) return;
    const plan = planOf(this.desk);
    if (target.value !== "") {
      plan.usePreset(target.value);
      this.tell("flatbed-settings-change", plan.choices);
    }
    // Where the choices are those of a preset, none is no choice.
    target.value = plan.preset ?? "";
  };

  readonly #ask = (): void => {
    this.typed = planOf(this.desk).preset ?? "";
    this.renderRoot.querySelector("dialog")?.showModal();
  };

  readonly #close = (): void => {
    this.renderRoot.querySelector("dialog")?.close();
  };

  readonly #save = (event: Event): void => {
    const name = this.typed.trim();
    if (name === "") {
      event.preventDefault();
      return;
    }
    planOf(this.desk).savePreset(name);
    this.desk.notices.say(this.words.scan.presetSaved(name));
  };

  #delete(name: string): void {
    planOf(this.desk).deletePreset(name);
    this.desk.notices.say(this.words.scan.presetDeleted(name));
    // Its button is gone with it.
    this.renderRoot.querySelector("select")?.focus();
  }

  #leave(): void {
    this.#plan?.removeEventListener("change", this.#hear);
    this.#plan?.leave(this);
    this.#plan = undefined;
  }

  readonly #hear = (): void => {
    this.requestUpdate();
  };
}
