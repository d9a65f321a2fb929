/** What the consent page says once there is nothing to decide any more, or not yet. */

import type { ApiFault } from "../shared/api";
import type { Pairing } from "../shared/wire";
import type { Texts } from "../texts";

/** Whether a person can do something about it here, and what. */
export type WayOut = "close" | "retry" | "status";

/** A heading, a sentence, and the way out. */
export interface Outcome {
  readonly kind: "granted" | "blocked" | "elsewhere" | "expired" | "unknown" | "gone" | "failed";
  readonly title: string;
  readonly sentence: string;
  readonly wayOut: WayOut;
  /** Whether the window closes by itself: the person has just decided in it. */
  readonly closes: boolean;
}

/** What became of a request that does not wait any more; undefined while it does. */
export function outcomeOf(
  pairing: Pairing,
  isDecidedHere: boolean,
  texts: Texts,
): Outcome | undefined {
  const words = texts.consent;
  if (pairing.status === "waiting") return undefined;
  if (pairing.status === "expired") {
    return end("expired", words.expiredTitle, words.expired, "close");
  }
  if (!isDecidedHere) return end("elsewhere", words.elsewhereTitle, words.elsewhere, "status");
  if (pairing.status === "blocked") {
    return end("blocked", words.blockedTitle, words.blocked(pairing.origin), "close", true);
  }
  const sentence = pairing.kept === "always" ? words.grantedAlways : words.grantedOnce;
  return end("granted", words.grantedTitle, sentence(pairing.origin), "close", true);
}

/** What to say of a request to the service that came to nothing. */
export function outcomeOfFault(fault: ApiFault, texts: Texts): Outcome {
  const words = texts.consent;
  if (fault.isGone) return end("gone", words.goneTitle, words.gone, "retry");
  if (fault.status === 404) return end("unknown", words.unknownTitle, words.unknown, "close");
  if (fault.status === 409) {
    return end("elsewhere", words.elsewhereTitle, words.elsewhere, "status");
  }
  return end("failed", words.failedTitle, words.failed(fault.message), "retry");
}

function end(
  kind: Outcome["kind"],
  title: string,
  sentence: string,
  wayOut: WayOut,
  closes = false,
): Outcome {
  return { kind, title, sentence, wayOut, closes };
}
