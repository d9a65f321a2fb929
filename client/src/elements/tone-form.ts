/** Light and colour of a page: two sliders that show at once what they do, and two ways to less. */
import { html, svg } from "lit";
import { live } from "lit/directives/live.js";

import type { PageInfo } from "../index.js";
import type { Words } from "./words/index.js";

/** -100 to 100 each; 0 changes nothing. */
export interface Tones {
  readonly brightness: number;
  readonly contrast: number;
}

export const NO_TONES: Tones = { brightness: 0, contrast: 0 };

const KINDS = ["brightness", "contrast"] as const;
// The service counts to 1000, and makes the steepest line rise four times as fast.
const SERVICE_MOST = 1000;
const MOST = 100;
const STEEPEST = 4;

/** What the sliders are about, and who is told. */
export interface ToneForm {
  readonly words: Words["editor"];
  readonly tones: Tones;
  readonly mode: PageInfo["mode"];
  readonly change: (tones: Tones) => void;
  readonly toGray: () => void;
  readonly toBlackWhite: () => void;
}

/** Whether anything is to change. */
export function hasTones({ brightness, contrast }: Tones): boolean {
  return brightness !== 0 || contrast !== 0;
}

/** A slider's place as the service counts. */
export function toService(value: number): number {
  return (value / MOST) * SERVICE_MOST;
}

/** The sliders; those of a page without tones are off, and it is said why. */
export function toneForm({ words, tones, mode, change, toGray, toBlackWhite }: ToneForm) {
  const slide = (kind: keyof Tones) => (event: Event) => {
    change({ ...tones, [kind]: (event.target as HTMLInputElement).valueAsNumber });
  };
  return html`
    <fieldset class="tones" ?disabled=${mode === "1"}>
      <legend class="unseen">${words.tones}</legend>
      ${KINDS.map(
        (kind) => html`
          <label>
            <span>${words[kind]} <span class="quiet">${tones[kind]}</span></span>
            <input
              type="range"
              name=${kind}
              min=${-MOST}
              max=${MOST}
              step="1"
              .value=${live(String(tones[kind]))}
              @input=${slide(kind)}
            />
          </label>
        `,
      )}
    </fieldset>
    <div class="row">
      <button type="button" ?disabled=${mode !== "RGB"} @click=${toGray}>${words.gray}</button>
      <button type="button" ?disabled=${mode === "1"} @click=${toBlackWhite}>
        ${words.blackWhite}
      </button>
    </div>
    <p class="quiet" ?hidden=${mode !== "1"}>${words.noTones}</p>
  `;
}

/** What the service would make of each sample, for a picture: the same two lines, one by one. */
export function toneFilter({ brightness, contrast }: Tones) {
  const share = contrast / MOST;
  const slope = 1 + share * (share > 0 ? STEEPEST - 1 : 1);
  return html`<svg class="unseen" aria-hidden="true">
    <filter id="tones" color-interpolation-filters="sRGB">
      ${line(1, brightness / MOST)} ${line(slope, (1 - slope) * (128 / 255))}
    </filter>
  </svg>`;
}

function line(slope: number, intercept: number) {
  return svg`<feComponentTransfer>
    <feFuncR type="linear" slope=${slope} intercept=${intercept}></feFuncR>
    <feFuncG type="linear" slope=${slope} intercept=${intercept}></feFuncG>
    <feFuncB type="linear" slope=${slope} intercept=${intercept}></feFuncB>
  </feComponentTransfer>`;
}
