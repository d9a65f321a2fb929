/** Fields for the settings that a manifest declares, whatever they are, and what was put in. */
import { css, html, nothing, type TemplateResult } from "lit";

import type { components } from "../index.js";
import { humanName, meaningOf } from "./human.js";
import type { Words } from "./words/index.js";

/** One setting, as a manifest declares it. */
export type Declared = components["schemas"]["DeclaredSetting"];
/** Settings by their names. */
export type Declarations = Readonly<Record<string, Declared>>;
/** Values of settings by their names; what is left out is as the add-on has it. */
export type Values = Readonly<Record<string, unknown>>;

const PREFIX = "setting-";
const NUMBERS = "\\s*(-?\\d+(\\.\\d+)?([\\s,;]+-?\\d+(\\.\\d+)?)*)?\\s*";
/** Add-ons speak English, whatever the page speaks. */
const ADDON_LANGUAGE = "en";

/** How the fields look. */
export const formStyles = css`
  .settings {
    display: grid;
    gap: 16px;
  }

  .field {
    display: grid;
    gap: 4px;
  }

  .field > label,
  .field > legend {
    padding: 0;
    font-weight: 600;
  }

  .field .help {
    color: var(--quiet);
    font-size: 0.875em;
    line-height: 1.4;
  }

  .field .sized {
    display: flex;
    align-items: center;
    gap: 8px;
  }

  .field .sized input {
    inline-size: 10rem;
  }

  .field .sized .wide {
    flex: 1;
    inline-size: auto;
    min-inline-size: 0;
  }

  .tick {
    display: flex;
    align-items: flex-start;
    gap: 8px;
    min-block-size: 24px;
  }

  .tick input {
    flex: none;
  }

  .ticks {
    display: flex;
    flex-wrap: wrap;
    gap: 6px 20px;
    margin-block-start: 4px;
  }
`;

/**
 * Fields for settings, to stand in a `<form>`.
 *
 * @param values - What they begin with, where it is not the default.
 */
export function settingsFields(
  words: Words["form"],
  settings: Declarations,
  values: Values = {},
): TemplateResult {
  return html`<div class="settings">
    ${Object.entries(settings).map(([name, declared]) =>
      field(words, name, declared, name in values ? values[name] : declared.default),
    )}
  </div>`;
}

/** What a form with such fields holds; what is as the manifest has it anyway is left out. */
export function readSettings(form: HTMLFormElement, settings: Declarations): Values {
  const all = new FormData(form);
  return Object.fromEntries(
    Object.entries(settings)
      .map(([name, declared]) => [name, readOne(all.getAll(PREFIX + name), declared)] as const)
      .filter(([name, value]) => value !== undefined && !isSame(value, settings[name]?.default)),
  );
}

/** Of some values those that are the same the next time: no free text, which is of one file. */
export function lasting(settings: Declarations, values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => {
      const declared = settings[name];
      return declared !== undefined && (declared.type !== "str" || hasChoices(declared));
    }),
  );
}

/** Whether nothing can be carried out before a person has put something in. */
export function isNeeded({ default: usual }: Declared): boolean {
  return usual === undefined || usual === null;
}

function field(words: Words["form"], name: string, declared: Declared, value: unknown) {
  if (declared.type === "bool") return tick(name, declared, value === true);
  if (hasChoices(declared) && isList(declared)) return ticks(name, declared, value);
  const id = PREFIX + name;
  return html`<div class="field" part="field">
    <label for=${id} lang=${ADDON_LANGUAGE} dir="auto">${labelOf(name, declared)}</label>
    ${
      hasChoices(declared)
        ? choice(words, id, declared, value)
        : isNumber(declared)
          ? number(words, id, declared, value)
          : text(words, id, name, declared, value)
    }
    ${helpOf(id, declared)}
  </div>`;
}

function tick(name: string, declared: Declared, isOn: boolean) {
  const id = PREFIX + name;
  return html`<div class="field" part="field">
    <label class="tick" for=${id}>
      <input id=${id} name=${id} type="checkbox" .checked=${isOn} aria-describedby="${id}-help" />
      <span lang=${ADDON_LANGUAGE} dir="auto">${labelOf(name, declared)}</span>
    </label>
    ${helpOf(id, declared)}
  </div>`;
}

function ticks(name: string, declared: Declared, value: unknown) {
  const id = PREFIX + name;
  const chosen = Array.isArray(value) ? (value as readonly unknown[]) : [];
  return html`<fieldset class="field" part="field" aria-describedby="${id}-help">
    <legend lang=${ADDON_LANGUAGE} dir="auto">${labelOf(name, declared)}</legend>
    ${helpOf(id, declared)}
    <div class="ticks">
      ${declared.choices?.map(
        (each) =>
          html`<label class="tick">
            <input
              name=${id}
              type="checkbox"
              value=${String(each)}
              .checked=${chosen.includes(each)}
            />
            <span lang=${ADDON_LANGUAGE}>${String(each)}</span>
          </label>`,
      )}
    </div>
  </fieldset>`;
}

function choice(words: Words["form"], id: string, declared: Declared, value: unknown) {
  return html`<select id=${id} name=${id} aria-describedby="${id}-help">
    ${isNeeded(declared) ? html`<option value="">${words.choose}</option>` : nothing}
    ${declared.choices?.map((each) => {
      const meaning = meaningOf(each, declared.help);
      const shown = meaning === "" ? String(each) : `${String(each)} – ${meaning}`;
      return html`<option value=${String(each)} .selected=${each === value} lang=${ADDON_LANGUAGE}>
        ${each === "" ? words.usual : shown}
      </option>`;
    })}
  </select>`;
}

function number(words: Words["form"], id: string, declared: Declared, value: unknown) {
  return html`<div class="sized">
    <input
      id=${id}
      name=${id}
      type="number"
      inputmode="decimal"
      step=${declared.type === "int" ? "1" : "any"}
      min=${declared.minimum ?? nothing}
      max=${declared.maximum ?? nothing}
      ?required=${isNeeded(declared)}
      .value=${shownOf(value)}
      aria-describedby="${id}-help"
    />
    ${declared.unit === undefined ? nothing : html`<span>${unitOf(words, declared.unit)}</span>`}
  </div>`;
}

function text(words: Words["form"], id: string, name: string, declared: Declared, value: unknown) {
  const isSecret = /password|secret|token/i.test(name);
  return html`<div class="sized">
    <input
      class="wide"
      id=${id}
      name=${id}
      type=${isSecret ? "password" : "text"}
      autocomplete=${isSecret ? "new-password" : "off"}
      dir="auto"
      ?required=${isNeeded(declared)}
      pattern=${isNumbers(declared) ? NUMBERS : nothing}
      placeholder=${isList(declared) ? words.list : nothing}
      .value=${shownOf(value)}
      aria-describedby="${id}-help"
    />
    ${declared.unit === undefined ? nothing : html`<span>${unitOf(words, declared.unit)}</span>`}
  </div>`;
}

function helpOf(id: string, { help }: Declared) {
  return html`<p
    class="help"
    id="${id}-help"
    lang=${ADDON_LANGUAGE}
    dir="auto"
    ?hidden=${help === ""}
  >
    ${help}
  </p>`;
}

function readOne(parts: readonly FormDataEntryValue[], declared: Declared): unknown {
  const texts = parts.filter((each) => typeof each === "string");
  const [first = ""] = texts;
  if (declared.type === "bool") return texts.length > 0;
  if (hasChoices(declared)) {
    const chosen = declared.choices?.filter((each) => texts.includes(String(each))) ?? [];
    return isList(declared) ? chosen : chosen[0];
  }
  if (isList(declared)) return readList(first, declared);
  if (isNumber(declared)) return first === "" ? undefined : Number(first);
  return first === "" && isNeeded(declared) ? undefined : first;
}

function readList(text: string, declared: Declared): unknown {
  const between = isNumbers(declared) ? /[\s,;]+/ : /\s*[,;]\s*/;
  const parts = text.trim().split(between).filter(Boolean);
  if (parts.length === 0 && isNeeded(declared)) return undefined;
  return isNumbers(declared) ? parts.map(Number) : parts;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function shownOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function labelOf(name: string, { unit = "" }: Declared): string {
  return humanName(name, unit);
}

function unitOf(words: Words["form"], unit: string): string {
  return Object.entries(words.units).find(([name]) => name === unit)?.[1] ?? unit;
}

function hasChoices({ choices }: Declared): boolean {
  return choices !== undefined && choices.length > 0;
}

function isList({ type }: Declared): boolean {
  return type.startsWith("list");
}

function isNumber({ type }: Declared): boolean {
  return type === "int" || type === "float";
}

function isNumbers({ type }: Declared): boolean {
  return type === "list[int]" || type === "list[float]";
}
