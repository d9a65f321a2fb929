/** An area by numbers. */
import { html } from "lit";
import { live } from "lit/directives/live.js";

import { type Area, entered } from "./box.js";
import { measured, type Paper, toPixels, type Unit } from "./paper.js";
import type { Words } from "./words/index.js";

const SIDES = ["left", "top", "width", "height"] as const;
const STEPS = { mm: 0.5, px: 1 };

/** What the numbers are about, and who is told. */
export interface AreaForm {
  readonly words: Words["editor"];
  readonly area: Area;
  readonly paper: Paper;
  readonly unit: Unit;
  readonly change: (area: Area) => void;
  readonly changeUnit: (unit: Unit) => void;
}

/** Left, top, width and height in a unit that can be chosen. */
export function areaForm({ words, area, paper, unit, change, changeUnit }: AreaForm) {
  const shown = measured(area, unit, paper);
  const enter = (side: keyof Area) => (event: Event) => {
    const field = event.target as HTMLInputElement;
    const value = field.valueAsNumber;
    const pixels = toPixels(side, value, unit, paper);
    change(Number.isNaN(value) ? area : entered(area, side, pixels, paper));
  };
  return html`
    <fieldset class="numbers">
      <legend class="unseen">${words.area}</legend>
      ${SIDES.map(
        (side) => html`
          <label>
            <span>${words.sides[side]}</span>
            <input
              type="number"
              name=${side}
              inputmode="decimal"
              min="0"
              step=${STEPS[unit]}
              .value=${live(String(shown[side]))}
              @change=${enter(side)}
            />
          </label>
        `,
      )}
      <label>
        <span>${words.unit}</span>
        <select
          name="unit"
          @change=${(event: Event) => {
            changeUnit((event.target as HTMLSelectElement).value === "px" ? "px" : "mm");
          }}
        >
          <option value="mm" ?selected=${unit === "mm"}>${words.mm}</option>
          <option value="px" ?selected=${unit === "px"}>${words.px}</option>
        </select>
      </label>
    </fieldset>
  `;
}
