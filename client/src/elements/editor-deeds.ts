/** What the editor does to a page: one thing after the other, however quickly it is asked for. */
import type { Page } from "../index.js";
import type { EditArguments } from "../pages.js";
import type { FlatbedElement } from "./element.js";

/** The edits that the editor makes. */
export type EditName =
  | "rotate"
  | "deskew"
  | "auto-crop"
  | "crop"
  | "erase"
  | "brightness"
  | "contrast"
  | "grayscale"
  | "black-white";

/** Edits and steps in a row; what goes wrong becomes a notice of the desk. */
export class PageDeeds {
  readonly #host: FlatbedElement;
  readonly #edited: (page: Page, op: string) => void;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @param edited - Called once an edit is in the document. */
  constructor(host: FlatbedElement, edited: (page: Page, op: string) => void) {
    this.#host = host;
    this.#edited = edited;
  }

  /** Whether anything is under way. */
  get isWorking(): boolean {
    return this.#waiting > 0;
  }

  /** Adds an edit; `said` is read out once it is there. */
  edit<Name extends EditName>(
    page: Page,
    said: string,
    op: Name,
    ...settings: EditArguments<Name>
  ): Promise<boolean> {
    return this.#queue(said, async () => {
      const done = await this.#host.desk.edit([page], op, ...settings);
      if (done) this.#edited(page, op);
      return done;
    });
  }

  /** Takes a step of the document back, or does it again. */
  step(said: string, way: "undo" | "redo"): Promise<boolean> {
    return this.#queue(said, () => this.#host.desk[way]());
  }

  /** Takes all edits of a page away, as one step. */
  reset(page: Page, said: string): Promise<boolean> {
    const { desk } = this.#host;
    return this.#queue(said, async () => {
      const done = await desk.do(async () => {
        await page.resetEdits();
        desk.infos.forget(page.uid);
        desk.thumbnails.renew(page.uid);
        await desk.refresh();
        return true;
      });
      if (done === true) this.#edited(page, "reset");
      return done === true;
    });
  }

  async #queue(said: string, deed: () => Promise<boolean>): Promise<boolean> {
    this.#count(1);
    const turn = this.#last.then(deed);
    this.#last = turn;
    const done = await turn;
    this.#count(-1);
    if (done) this.#host.desk.notices.say(said);
    return done;
  }

  #count(by: 1 | -1): void {
    this.#waiting += by;
    this.#host.requestUpdate();
  }
}
