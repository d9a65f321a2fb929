/** `<flatbed-scan-settings>`: how the next scan is made, as plain choices. */
import { css, type CSSResultGroup, html, nothing, type TemplateResult } from "lit";

import { list, listField, row, toggle } from "./choice-fields.js";
import { choiceStyles } from "./choice-styles.js";
import { FlatbedElement } from "./element.js";
import { icon } from "./icons.js";
import type { ScanChoices } from "./recollection.js";
import { newsOf } from "./scan-news.js";
import { frontsOf, placesOf, type ScanPlace } from "./scan-place.js";
import { planOf, type ScanPlan } from "./scan-plan.js";

const SWITCHES = ["skipBlankPages", "deskew", "autoCrop"] as const;

/**
 * Scanner, source, colour, resolution, paper, what is done to every page, where the next scan goes,
 * presets by name, and whether ends and faults are heard. Every scan of the same desk that begins
 * with `<flatbed-scan-button>` is made with these; they are remembered for each scanner.
 *
 * Events: `flatbed-settings-change`, whose `detail` is the `ScanChoices`.
 * Parts: `field` for each labelled choice, `label`, `select`, `choice`, `option`, `switch`, `fault`.
 */
export class ScanSettingsElement extends FlatbedElement {
  static override styles: CSSResultGroup = [
    FlatbedElement.styles,
    choiceStyles,
    css`
      :host {
        container-type: inline-size;
      }

      .all {
        display: grid;
        gap: 12px;
      }

      .field {
        display: grid;
        gap: 4px;
        min-inline-size: 0;
      }

      .field > label,
      legend,
      .label {
        padding: 0;
        color: var(--quiet);
        font-size: 0.875em;
        line-height: 1.4;
      }

      .pair {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 12px 8px;
      }

      .beside {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 4px;
      }

      fieldset.choice {
        min-inline-size: 0;
      }

      legend {
        margin-block-end: 4px;
      }

      .switches {
        display: grid;
      }

      .fault {
        padding: 8px 12px;
        border-inline-start: 4px solid var(--bad);
        background: color-mix(in srgb, var(--bad) 8%, var(--surface));
        overflow-wrap: anywhere;
      }

      .hint {
        font-size: 0.875em;
      }

      @container (width < 13rem) {
        .pair {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  #plan: ScanPlan | undefined;

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
    const plan = planOf(this.desk);
    const { scan } = this.words;
    return html`
      <div class="all" role="group" aria-label=${scan.settings}>
        <flatbed-scan-presets .desk=${this.desk} .language=${this.language}></flatbed-scan-presets>
        ${this.#scanner(plan)} ${this.#looks(plan)} ${this.#place(plan)}
        <fieldset class="switches">
          <legend>${scan.pagesAre}</legend>
          ${SWITCHES.map((name) =>
            toggle(scan[name], plan.choices[name] === true, (isOn) => {
              this.#choose({ [name]: isOn });
            }),
          )}
        </fieldset>
        ${this.#sound()}
      </div>
    `;
  }

  #scanner(plan: ScanPlan): TemplateResult {
    const { scan } = this.words;
    const { scanners = [], scanner, isAsking } = plan;
    const all = scanners.map(({ device, name }) => [device, name] as const);
    const none = [["", isAsking ? scan.looking : "–"]] as const;
    const choose = (device: string): void => {
      plan.chooseScanner(device);
      this.#tellChoices();
    };
    return html`
      <div class="field" part="field">
        <label part="label" for="scanner">${scan.scanner}</label>
        <div class="beside">
          ${list("scanner", all.length > 0 ? all : none, scanner?.device ?? "", choose)}
          <button
            class="icon"
            type="button"
            title=${scan.lookAgain}
            aria-label=${scan.lookAgain}
            aria-disabled=${String(isAsking)}
            @click=${() => {
              if (!isAsking) void plan.look({ refresh: true });
            }}
          >
            ${icon("reset")}
          </button>
        </div>
        <div role="status">${this.#fault(plan)}</div>
      </div>
    `;
  }

  #fault({ scanners, isAsking, fault }: ScanPlan) {
    const { scan, pause } = this.words;
    const isNone = scanners?.length === 0 && !isAsking;
    if (fault === undefined && !isNone) return nothing;
    const translated = fault === undefined ? scan.noScanner : pause.faults[fault.code]?.(0);
    const sentence = translated ?? fault?.message;
    return html`<p class="fault" part="fault"><bdi>${sentence}</bdi></p>`;
  }

  #looks({ offer, choices }: ScanPlan): TemplateResult {
    const { scan } = this.words;
    const sources = offer.sources.map((each) => [each, scan.sources[each]] as const);
    const colors = offer.colors.map((each) => [each, scan.colors[each]] as const);
    const dpi = offer.dpi.map((each) => [String(each), scan.dpiOf(each)] as const);
    const sizes = offer.pageSizes.map((each) => [each, scan.sizes[each]] as const);
    return html`
      ${row("source", scan.source, sources, scan.sourceMeans, choices.source, (source) => {
        this.#choose({ source });
      })}
      ${row("color", scan.color, colors, scan.colorMeans, choices.color, (color) => {
        this.#choose({ color });
      })}
      <div class="pair">
        ${listField("dpi", scan.dpi, dpi, String(choices.dpi), (value) => {
          this.#choose({ dpi: Number(value) });
        })}
        ${listField("size", scan.size, sizes, choices.pageSize, (value) => {
          this.#choose({ pageSize: offer.pageSizes.find((each) => each === value) });
        })}
      </div>
    `;
  }

  #place(plan: ScanPlan) {
    const { scan } = this.words;
    const places = placesOf(this.desk);
    if (places.length === 1) return nothing;
    const choices = places.map((each) => [each, this.#nameOf(each)] as const);
    return html`
      ${listField("place", scan.place, choices, plan.place, (value) => {
        plan.place = places.find((each) => each === value) ?? "end";
      })}
      ${plan.place === "backs" ? html`<p class="hint quiet">${scan.backsHow}</p>` : nothing}
    `;
  }

  #nameOf(place: ScanPlace): string {
    const { end, before, replace, backs } = this.words.scan.places;
    const { current } = this.desk;
    const number = current === undefined ? 0 : this.desk.placeOf(current);
    if (place === "before") return before(number);
    if (place === "replace") return replace(number);
    const { first, last } = frontsOf(this.desk);
    return place === "backs" ? backs(first, last) : end;
  }

  #sound(): TemplateResult {
    const news = newsOf(this.desk);
    return toggle(this.words.scan.sound, news.hasSound, (isOn) => {
      news.hasSound = isOn;
      if (!isOn) return;
      news.sounds.prepare();
      void news.sounds.play("end");
    });
  }

  #choose(more: ScanChoices): void {
    planOf(this.desk).choose(more);
    this.#tellChoices();
  }

  #tellChoices(): void {
    this.tell("flatbed-settings-change", planOf(this.desk).choices);
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
