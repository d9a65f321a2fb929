/** All pages, or those that are chosen. */
import { html, type TemplateResult } from "lit";

/** Words and state of the choice. */
export interface PageChoice {
  readonly legend: string;
  readonly all: string;
  readonly selected: string;
  /** Whether it begins with those that are chosen. */
  readonly isSelected: boolean;
  readonly isDisabled: boolean;
}

/** Two options in a form; what is chosen there tells `isSelectedWanted`. */
export function pageChoice(choice: PageChoice): TemplateResult {
  const option = (value: string, text: string, isOn: boolean) =>
    html`<label class="option"
      ><input type="radio" name="pages" value=${value} .checked=${isOn} />${text}</label
    >`;
  return html`<fieldset class="options" ?disabled=${choice.isDisabled}>
    <legend>${choice.legend}</legend>
    ${option("selected", choice.selected, choice.isSelected)}
    ${option("all", choice.all, !choice.isSelected)}
  </fieldset>`;
}

/** Whether a form with such options is about the chosen pages. */
export function isSelectedWanted(data: FormData): boolean {
  return data.get("pages") === "selected";
}
