/** Names of add-ons, operations and settings as a person reads them. */

const SHORT = new Set(["dpi", "id", "jpeg", "ocr", "pdf", "png", "qr", "tiff", "url"]);

/**
 * A name of a manifest in words: `read-barcode` is "Read barcode".
 *
 * @param unit - Not said again at the end, where it stands behind the field.
 */
export function humanName(name: string, unit = ""): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[\s_.-]+/)
    .map((each) => (SHORT.has(each.toLowerCase()) ? each.toUpperCase() : each.toLowerCase()));
  if (words.length > 1 && words.at(-1) === unit) words.pop();
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a number among the choices means, where the help says so: "2 FAX4, 3 lossless". */
export function meaningOf(choice: unknown, help: string): string {
  if (typeof choice !== "number") return "";
  const parts = help.split(/[,;:.]\s+|\.$|\s+and\s+/);
  const part = parts.find((each) => each.startsWith(`${choice} `));
  return part?.slice(String(choice).length).trim() ?? "";
}
