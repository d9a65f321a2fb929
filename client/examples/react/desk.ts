import { Desk } from "flatbed/elements";
import { useSyncExternalStore } from "react";

/** Outside of the components, one for the page: StrictMode mounts those twice. */
export const desk = new Desk({ name: "Incoming mail", document: "Incoming mail" });

/** How many pages the document has, as it is now. */
export function usePageCount(): number {
  return useSyncExternalStore(follow, () => desk.pages.length);
}

function follow(changed: () => void): () => void {
  desk.addEventListener("change", changed);
  return () => {
    desk.removeEventListener("change", changed);
  };
}
