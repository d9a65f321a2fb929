/** The keys of a gallery. */
import type { Desk } from "./desk.js";
import type { ChoiceKind } from "./gallery-choice.js";
import type { GalleryDeeds } from "./gallery-deeds.js";

/** What keys are pressed on. */
export interface KeysHost {
  readonly desk: Desk;
  readonly deeds: GalleryDeeds;
  readonly isRightToLeft: boolean;
  readonly columns: number;
  /** Places in one view. */
  readonly pagePlaces: number;
  /** Goes so many places further, as far as there are pages. */
  readonly go: (by: number, kind: ChoiceKind) => void;
  readonly open: () => void;
}

type Deed = (host: KeysHost) => unknown;

const toggle: Deed = ({ go }) => {
  go(0, "toggle");
};

const KEYS: Readonly<Record<string, Deed>> = {
  " ": toggle,
  Enter: ({ open }) => {
    open();
  },
  Delete: ({ deeds }) => deeds.remove(),
  Backspace: ({ deeds }) => deeds.remove(),
  Escape: ({ deeds }) => {
    deeds.choose([]);
  },
};

const WITH_CONTROL: Readonly<Record<string, Deed>> = {
  a: ({ deeds, desk }) => {
    deeds.choose(desk.pages);
  },
  " ": toggle,
  y: ({ deeds }) => deeds.redo(),
  z: ({ deeds }) => deeds.undo(),
};

const WITH_CONTROL_AND_SHIFT: Readonly<Record<string, Deed>> = {
  z: ({ deeds }) => deeds.redo(),
};

/** Does what a key stands for; whether it stands for something. */
export function pressKey(host: KeysHost, event: KeyboardEvent): boolean {
  const by = stepOf(host, event.key);
  if (by !== undefined) {
    // Alt alone moves pages: Control and an arrow belongs to the system on macOS.
    if (event.altKey) void host.deeds.shift(by);
    else host.go(by, kindOf(event));
    return true;
  }
  const deed = event.altKey ? undefined : deedOf(event);
  void deed?.(host);
  return deed !== undefined;
}

function stepOf(host: KeysHost, key: string): number | undefined {
  const forward = host.isRightToLeft ? -1 : 1;
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: forward,
    ArrowLeft: -forward,
    ArrowDown: host.columns,
    ArrowUp: -host.columns,
    PageDown: host.pagePlaces,
    PageUp: -host.pagePlaces,
    Home: -Infinity,
    End: Infinity,
  };
  return steps[key];
}

function kindOf(event: KeyboardEvent): ChoiceKind {
  if (event.shiftKey) return "range";
  return event.ctrlKey || event.metaKey ? "none" : "only";
}

function deedOf(event: KeyboardEvent): Deed | undefined {
  if (!event.ctrlKey && !event.metaKey) return KEYS[event.key];
  const deeds = event.shiftKey ? WITH_CONTROL_AND_SHIFT : WITH_CONTROL;
  return deeds[event.key.toLowerCase()];
}
