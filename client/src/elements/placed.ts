/** Styles that a policy without inline styles lets through. */
import { noChange, nothing } from "lit";
import { Directive, directive, type ElementPart } from "lit/directive.js";

class Placed extends Directive {
  /** Nothing where there is no document, as on a server. */
  override readonly render: (styles: Readonly<Record<string, string>>) => typeof nothing = () =>
    nothing;

  override update(
    { element }: ElementPart,
    [styles]: [Readonly<Record<string, string>>],
  ): typeof noChange {
    // Never by the attribute, as Lit's own `styleMap` does at first: policies forbid that.
    const { style } = element as HTMLElement;
    for (const [name, value] of Object.entries(styles)) style.setProperty(name, value);
    return noChange;
  }
}

/** Sets style properties of an element: `<div ${placed({ left: "10%" })}>`. */
export const placed = directive(Placed);
