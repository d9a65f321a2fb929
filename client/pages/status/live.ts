/** What happens in the service, as it happens, over a WebSocket that comes back. */

import type { ServiceEvent } from "../shared/wire";

const AGAIN_MS = 2000;

/** What the page does about it. */
export interface Listener {
  /** Something happened; `resync` says that some of it is not known any more. */
  readonly heard: (event: ServiceEvent) => void;
  /** The service answers again, or does not any more. */
  readonly changed: (isConnected: boolean) => void;
}

/** Listens for as long as the page is there. */
export function listen(listener: Listener): void {
  let last: number | undefined;
  const open = (): void => {
    const socket = new WebSocket(addressOf(location, last));
    socket.addEventListener("open", () => {
      listener.changed(true);
    });
    socket.addEventListener("message", (message) => {
      const event = JSON.parse(String(message.data)) as ServiceEvent;
      last = event.seq;
      listener.heard(event);
    });
    socket.addEventListener("close", () => {
      listener.changed(false);
      setTimeout(open, AGAIN_MS);
    });
  };
  open();
}

/**
 * Where the events are.
 *
 * @param place - Of the page.
 * @param after - Number of the last event that was heard.
 */
export function addressOf(place: { protocol: string; host: string }, after?: number): string {
  const scheme = place.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${place.host}/api/events${after === undefined ? "" : `?after=${after}`}`;
}

/** Parts of the page that an event can change. */
export type Part = "status" | "scanners" | "origins" | "addons" | "recovered" | "settings";

const CHANGED: Readonly<Record<string, readonly Part[]>> = {
  scanner: ["scanners"],
  job: ["status", "recovered"],
  page: ["status"],
  document: ["status"],
  process: ["addons"],
  origin: ["origins"],
};

/** Which parts of the page an event makes stale; all of them where events were missed. */
export function partsChangedBy(type: string): readonly Part[] {
  if (type === "resync")
    return ["status", "scanners", "origins", "addons", "recovered", "settings"];
  return CHANGED[type.split(".")[0] ?? ""] ?? [];
}
