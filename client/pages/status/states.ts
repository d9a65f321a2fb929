/** How an add-on is that may have several versions. */

import type { AddonState } from "../shared/wire";

const WORST: readonly AddonState[] = ["broken", "resting", "running", "idle", "disabled"];

/** The state to tell: trouble before anything else. */
export function worstState(versions: readonly { readonly state: AddonState }[]): AddonState {
  const states = versions.map((each) => each.state);
  return WORST.find((each) => states.includes(each)) ?? "disabled";
}
