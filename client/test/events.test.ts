/** Events over one WebSocket: told to everybody, over reconnects, to the end of the last reader. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import type { Connection, ServiceEvent } from "../src/connection.js";
import { FlatbedError } from "../src/errors.js";
import { EventHub } from "../src/events.js";
import { Jobs } from "../src/jobs.js";
import { LIMIT_MS, openSocketFromPage, TestService } from "./support/service.js";
import { collect, rejection } from "./support/waiting.js";

vi.setConfig({ testTimeout: LIMIT_MS, hookTimeout: LIMIT_MS });

const SCAN = { source: "feeder", dpi: 75 } as const;

/** Events up to the first that fits. */
async function readUntil(
  events: AsyncIterable<ServiceEvent>,
  fits: (event: ServiceEvent) => boolean,
): Promise<ServiceEvent[]> {
  const found: ServiceEvent[] = [];
  for await (const event of events) {
    found.push(event);
    if (fits(event)) {
      break;
    }
  }
  return found;
}

function isEnd(event: ServiceEvent): boolean {
  return event.data.status === "completed";
}

/** A socket that says what a test has it say. */
class FakeSocket extends EventTarget {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  isClosed = false;

  close(): void {
    this.isClosed = true;
  }

  tell(seq: number): void {
    this.onmessage?.({ data: JSON.stringify({ seq, type: "told", subject: "", data: {} }) });
  }
}

/** A hub over sockets that a test works by hand; `opened` tells which it asked for, by `after`. */
function makeHub(check: () => Promise<void> = () => Promise.resolve()): {
  hub: EventHub;
  asked: (number | undefined)[];
  nextSocket: () => Promise<FakeSocket>;
} {
  const asked: (number | undefined)[] = [];
  const made: FakeSocket[] = [];
  let wake: (() => void) | undefined;
  const hub = new EventHub({
    open: (after) => {
      asked.push(after);
      const socket = new FakeSocket();
      made.push(socket);
      wake?.();
      return Promise.resolve(socket as unknown as WebSocket);
    },
    check,
  });
  const nextSocket = async (): Promise<FakeSocket> => {
    while (made.length === 0) {
      await new Promise<void>((resolve) => (wake = resolve));
    }
    const [socket] = made.splice(0, 1);
    if (socket === undefined) {
      throw new Error("no socket was asked for");
    }
    await vi.waitUntil(() => socket.onopen !== null);
    return socket;
  };
  return { hub, asked, nextSocket };
}

function readerOf(hub: EventHub, signal?: AbortSignal): AsyncIterator<ServiceEvent> {
  return hub.read(signal)[Symbol.asyncIterator]();
}

async function nextSeq(reader: AsyncIterator<ServiceEvent>): Promise<number | undefined> {
  const result = await reader.next();
  return result.done === true ? undefined : result.value.seq;
}

describe("readers", () => {
  test("share one socket, and each has every event at its own pace", async () => {
    const { hub, asked, nextSocket } = makeHub();
    const [quick, slow] = [readerOf(hub), readerOf(hub)];
    const socket = await nextSocket();
    socket.onopen?.();
    [1, 2, 3].forEach((seq) => {
      socket.tell(seq);
    });
    expect((await quick.next()).value).toMatchObject({ type: "resync" });
    expect([await nextSeq(quick), await nextSeq(quick), await nextSeq(quick)]).toEqual([1, 2, 3]);
    socket.tell(4);
    expect([await nextSeq(slow), await nextSeq(slow), await nextSeq(slow)]).toEqual([0, 1, 2]);
    expect([await nextSeq(slow), await nextSeq(slow), await nextSeq(quick)]).toEqual([3, 4, 4]);
    expect(asked).toEqual([undefined]);
  });

  test("that are slow beyond measure are asked to look anew, and others are not", async () => {
    const { hub, nextSocket } = makeHub();
    const [quick, slow] = [readerOf(hub), readerOf(hub)];
    const socket = await nextSocket();
    let last: number | undefined;
    for (let seq = 1; seq <= 10_001; seq += 1) {
      socket.tell(seq);
      last = await nextSeq(quick);
    }
    expect(last).toBe(10_001);
    expect((await slow.next()).value).toMatchObject({ type: "resync" });
    socket.tell(10_002);
    expect(await nextSeq(slow)).toBe(10_002);
  });

  test("keep the socket open until the last has left", async () => {
    const { hub, asked, nextSocket } = makeHub();
    const [one, other] = [readerOf(hub), readerOf(hub)];
    const socket = await nextSocket();
    await one.return?.();
    expect(socket.isClosed).toBe(false);
    await other.return?.();
    expect(socket.isClosed).toBe(true);
    readerOf(hub);
    await nextSocket();
    expect(asked).toEqual([undefined, undefined]);
  });

  test("end with an AbortError by their signal, others go on", async () => {
    const { hub, nextSocket } = makeHub();
    const leaving = new AbortController();
    const [stays, leaves] = [readerOf(hub), readerOf(hub, leaving.signal)];
    const socket = await nextSocket();
    const next = rejection(leaves.next());
    leaving.abort(new Error("a reason of the page"));
    expect(await next).toMatchObject({ name: "AbortError" });
    expect((await leaves.next()).done).toBe(true);
    socket.tell(7);
    expect(await nextSeq(stays)).toBe(7);
  });

  test("whose signal has fired before open no socket", async () => {
    const { hub, asked } = makeHub();
    const reader = readerOf(hub, AbortSignal.abort());
    expect(await rejection(reader.next())).toMatchObject({ name: "AbortError" });
    expect(asked).toEqual([]);
  });

  test("end when the connection is let go, and nobody can begin any more", async () => {
    const { hub, nextSocket } = makeHub();
    const reader = readerOf(hub);
    const socket = await nextSocket();
    const next = reader.next();
    hub.close();
    expect((await next).done).toBe(true);
    expect(socket.isClosed).toBe(true);
    expect(await rejection(readerOf(hub).next())).toMatchObject({ code: "closed" });
  });
});

describe("a lost socket", () => {
  test("is opened again after the last event that came", async () => {
    const { hub, asked, nextSocket } = makeHub();
    const reader = readerOf(hub);
    const socket = await nextSocket();
    socket.onopen?.();
    socket.tell(41);
    socket.onclose?.();
    const again = await nextSocket();
    again.onopen?.();
    again.tell(42);
    expect([await nextSeq(reader), await nextSeq(reader), await nextSeq(reader)]).toEqual([
      0, 41, 42,
    ]);
    expect(asked).toEqual([undefined, 41]);
  });

  test("before any event asks to look anew", async () => {
    const { hub, nextSocket } = makeHub();
    const reader = readerOf(hub);
    (await nextSocket()).onclose?.();
    (await nextSocket()).onopen?.();
    expect((await reader.next()).value).toMatchObject({ type: "resync" });
  });

  test("that is refused for good ends the readers with the service's reason", async () => {
    const refusal = new FlatbedError({ code: "origin_blocked", status: 403, message: "No." });
    const { hub, nextSocket } = makeHub(() => Promise.reject(refusal));
    const reader = readerOf(hub);
    (await nextSocket()).onerror?.();
    expect(await rejection(reader.next())).toBe(refusal);
  });
});

describe("a real service", () => {
  let service: TestService;
  let connection: Connection;

  beforeAll(async () => {
    service = await TestService.start();
    connection = service.connect();
  });

  afterAll(async () => {
    await service.stop();
  });

  test("tells a job from its start to its end, with numbers that only grow", async () => {
    const told = readUntil(connection.events(), isEnd);
    const job = await new Jobs(() => Promise.resolve(connection)).start(SCAN);
    const events = (await told).filter((event) => event.subject === job.id);
    expect(events.map((event) => event.type)).toEqual([
      "job.status",
      "page.added",
      "page.added",
      "page.added",
      "page.added",
      "job.status",
    ]);
    const numbers = events.map((event) => event.seq);
    expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
  });

  test("that is killed and started again leaves no event out and tells none twice", async () => {
    const sockets: string[] = [];
    const watched = service.connect({
      openSocket: (url) => {
        sockets.push(url);
        return openSocketFromPage(url);
      },
    });
    const events = watched.events()[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: "resync" });
    const body = { config: { Resolution: 75, IfFeederEnabled: true } };
    await watched.send("POST", "/api/device/scanners/jobs", body);
    const first = (await events.next()).value as ServiceEvent;
    await service.kill();
    await service.startAgain();
    const rest = await readUntil({ [Symbol.asyncIterator]: () => events }, isEnd);
    const told = [first, ...rest].filter((event) => event.type === "page.added");
    expect(told.map((event) => event.data.ordinal)).toEqual([0, 1, 2, 3]);
    expect(rest.map((event) => event.type)).not.toContain("resync");
    expect(sockets.at(-1)).toContain("?after=");
  });

  test("that does not let the page in any more ends the readers", async () => {
    const stranger = service.connect({
      fetch: (input, init) =>
        fetch(input, { ...init, headers: { Origin: "https://evil.example" } }),
      openSocket: () => {
        throw new Error("refused");
      },
    });
    const error = await rejection(collect(stranger.events()));
    expect(error).toMatchObject({ code: "origin_blocked", number: -2137, status: 403 });
  });
});
