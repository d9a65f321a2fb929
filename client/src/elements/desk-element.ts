/** `<flatbed-desk>`: the elements within share one desk. */
import { type CSSResultGroup, css, html, LitElement, type PropertyDeclarations } from "lit";

import { Desk } from "./desk.js";
import { DeskRequest } from "./element.js";

/**
 * Around other elements.
 *
 * Attributes: `name`, as the page calls itself where the person is asked; `addons`, separated by
 * spaces, that it needs; `document`, the name of the document to work on; `ports`, separated by
 * spaces, where the service was configured to others, or `own` for pages that the service itself
 * hands out. They count when the first element within asks for the desk. Property `desk`: one that
 * the page has made itself.
 */
export class DeskElement extends LitElement {
  static override properties: PropertyDeclarations = {
    name: { type: String },
    addons: { type: String },
    document: { type: String },
    ports: { type: String },
  };

  static override styles: CSSResultGroup = css`
    :host {
      display: contents;
    }
  `;

  declare name: string | undefined;
  declare addons: string | undefined;
  declare document: string | undefined;
  declare ports: string | undefined;
  #desk: Desk | undefined;

  constructor() {
    super();
    this.addEventListener("flatbed-desk-request", (event) => {
      if (!(event instanceof DeskRequest)) return;
      event.stopPropagation();
      event.desk = this.desk;
    });
  }

  get desk(): Desk {
    this.#desk ??= this.#make();
    return this.#desk;
  }

  set desk(desk: Desk) {
    this.#desk = desk;
  }

  protected override render() {
    return html`<slot></slot>`;
  }

  #make(): Desk {
    const { name, document, ports = "" } = this;
    const isOwn = ports === "own";
    return new Desk({
      document,
      addons: listOf(this.addons),
      ports: (isOwn ? [location.port] : listOf(ports)).map(Number),
      ...(name === undefined ? {} : { name }),
    });
  }
}

function listOf(text = ""): string[] {
  return text.split(/\s+/).filter((each) => each !== "");
}
