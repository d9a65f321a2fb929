import { Desk } from "flatbed/elements";
import { onUnmounted, shallowRef, type ShallowRef } from "vue";

/** Not in `ref` or `reactive`: their proxies keep a class from its private fields. */
export const desk = new Desk({ name: "Incoming mail", document: "Incoming mail" });

/** How many pages the document has, as it is now. */
export function usePageCount(): Readonly<ShallowRef<number>> {
  const count = shallowRef(desk.pages.length);
  const follow = (): void => {
    count.value = desk.pages.length;
  };
  desk.addEventListener("change", follow);
  onUnmounted(() => {
    desk.removeEventListener("change", follow);
  });
  return count;
}
