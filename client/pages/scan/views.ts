/** On a narrow screen one part is there at a time; a wide one has all of them. */
import { type Desk, DeskChange } from "../../src/elements/index";

const VIEWS = ["scan", "pages", "page"] as const;
type View = (typeof VIEWS)[number];

/** Shows the part that a person chooses, and the one that what happens leads to. */
export function followViews(desk: Desk): void {
  const buttons = [...document.querySelectorAll<HTMLButtonElement>("[data-view]")];
  const show = (view: View): void => {
    document.body.dataset.view = view;
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      show(VIEWS.find((view) => view === button.dataset.view) ?? "scan");
    });
  }
  let wasScanning = desk.isScanning;
  desk.addEventListener("change", (event) => {
    if (!(event instanceof DeskChange) || event.part !== "run") return;
    // Pages are coming: that is where to look.
    if (desk.isScanning && !wasScanning) show("pages");
    wasScanning = desk.isScanning;
  });
  document.addEventListener("flatbed-open-page", () => {
    show("page");
  });
  show("scan");
}
