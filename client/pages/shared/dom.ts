/** Elements from data: text stays text, and what has the focus keeps it. */

export type Child = Node | string | null;

type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/**
 * Makes an element.
 *
 * @param attributes - `true` for one without a value; `false` and undefined leave it out.
 * @param children - Null is left out.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...present(children));
  return element;
}

/**
 * Makes a button.
 *
 * @param key - By which the focus finds it again; see `replaceKeepingFocus`.
 * @param attributes - More of it, as `class` or `aria-label`.
 */
export function button(
  key: string,
  label: Child,
  act: () => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  const element = h("button", { type: "button", "data-key": key, ...attributes }, label);
  element.addEventListener("click", act);
  return element;
}

/**
 * Replaces what an element holds. If the focus was on a key within, it goes there again, or to the
 * section's heading where that is gone: the keyboard goes on from there, and not from the top.
 */
export function replaceKeepingFocus(parent: Element, ...children: readonly Child[]): void {
  const active = document.activeElement;
  const hadFocus = parent.contains(active);
  const key = active?.getAttribute("data-key") ?? "";
  parent.replaceChildren(...present(children));
  if (!hadFocus) return;
  const again = parent.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  (again ?? parent.closest("section")?.querySelector("h2"))?.focus();
}

/** Says a sentence in a live region; the same one twice is told twice. */
export function say(region: Element, sentence: string): void {
  region.textContent = "";
  region.textContent = sentence;
}

/** The element of the page with this id, which the page has by its HTML. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element #${id}.`);
  return found;
}

function present(children: readonly Child[]): (Node | string)[] {
  return children.filter((child) => child !== null);
}
