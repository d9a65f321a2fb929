/** Choices as a person sees them: lists, radios side by side, switches. */
import { html, type TemplateResult } from "lit";

/** A value and what it is called. */
export type Choice<Value extends string = string> = readonly [value: Value, name: string];

/** A list with a label above it. */
export function listField(
  id: string,
  label: string,
  choices: readonly Choice[],
  chosen: string,
  choose: (value: string) => void,
): TemplateResult {
  return html`
    <div class="field" part="field">
      <label part="label" for=${id}>${label}</label>
      ${list(id, choices, chosen, choose)}
    </div>
  `;
}

/** A list whose label stands elsewhere. */
export function list(
  id: string,
  choices: readonly Choice[],
  chosen: string,
  choose: (value: string) => void,
): TemplateResult {
  return html`
    <select
      id=${id}
      part="select"
      @change=${({ target }: Event) => {
        if (target instanceof HTMLSelectElement) choose(target.value);
      }}
    >
      ${choices.map(
        ([value, name]) =>
          html`<option .value=${value} .selected=${value === chosen}>${name}</option>`,
      )}
    </select>
  `;
}

/** All there is to choose from in a row; `means` says more of each. */
export function row<Value extends string>(
  name: string,
  label: string,
  choices: readonly Choice<Value>[],
  means: Readonly<Record<Value, string>>,
  chosen: Value,
  choose: (value: Value) => void,
): TemplateResult {
  return html`
    <fieldset class="choice" part="field">
      <legend part="label">${label}</legend>
      <div class="options" part="choice">
        ${choices.map(
          ([value, text]) => html`
            <label part="option" title=${means[value]}>
              <input
                type="radio"
                name=${name}
                .value=${value}
                .checked=${value === chosen}
                @change=${() => {
                  choose(value);
                }}
              />
              <span>${text}</span>
            </label>
          `,
        )}
      </div>
    </fieldset>
  `;
}

/** On or off. */
export function toggle(text: string, isOn: boolean, turn: (isOn: boolean) => void): TemplateResult {
  return html`
    <label class="switch" part="switch">
      <input
        type="checkbox"
        role="switch"
        .checked=${isOn}
        @change=${({ target }: Event) => {
          if (target instanceof HTMLInputElement) turn(target.checked);
        }}
      />
      <span>${text}</span>
    </label>
  `;
}
