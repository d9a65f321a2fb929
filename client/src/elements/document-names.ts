/** Names of new documents. */

/** A name with today's date, by the local clock. */
export function usualName(name: (date: string) => string): string {
  const now = new Date();
  const parts = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
  return name(parts.map((each) => String(each).padStart(2, "0")).join("-"));
}
