/** Text into the clipboard, also where a page is not allowed to use the newer way. */

/** Copies, from a click. @returns Whether it could be. */
export async function copyText(text: string, near: Node): Promise<boolean> {
  try {
    // Pages that came by plain http have none.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (clipboard !== undefined) {
      await clipboard.writeText(text);
      return true;
    }
  } catch {
    // Forbidden by the page's policy or by the person: the older way may still be open.
  }
  return copyBySelection(text, near);
}

function copyBySelection(text: string, near: Node): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  // Within the dialog: everything around it is inert.
  near.appendChild(area);
  area.select();
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else is left there
    return document.execCommand("copy");
  } finally {
    area.remove();
  }
}
