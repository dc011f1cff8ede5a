import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fromBase64 } from "../src/bytes.ts";
import { tagged } from "../src/digest.ts";
import { type Pen, type PenWanted, WIRE } from "../src/generated/messages.ts";
import { type DeskState, freshState } from "../src/link/desk_state.ts";
import { type Line, LineFault } from "../src/link/socket.ts";
import { READER_ASKS_MS, Writing } from "../src/link/writing.ts";
import { type SeatKey, newKey } from "../src/seat_key.ts";

vi.mock("../src/storage.ts", () => ({ readOne: vi.fn(), writeOne: vi.fn() }));

/** The node's side of one seat's pen. */
class Node implements Line {
  holder = "";
  cut = false;
  readonly asked: PenWanted[] = [];
  private tell: (pen: unknown) => void = () => undefined;

  on(event: string, handler: (payload: unknown) => void): void {
    if (event === WIRE.PEN) this.tell = handler;
  }

  close(): void {
    this.holder = "";
  }

  push(window: string, mine = false): void {
    this.holder = window;
    this.tell(pen(window, mine));
  }

  async ask(event: string, payload?: unknown): Promise<unknown> {
    expect(event).toBe(WIRE.PEN);
    const wanted = payload as PenWanted;
    this.asked.push(wanted);
    if (this.cut) throw new LineFault("cut");
    if (this.holder === "" || (wanted.over !== "" && wanted.over === this.holder)) this.holder = wanted.window;
    return pen(this.holder, this.holder === wanted.window);
  }
}

function pen(window: string, mine: boolean): Pen {
  return { session: "S", seat: "M5", window, mine, since: 7 };
}

let node: Node;
let state: DeskState;
let key: SeatKey;
let writing: Writing;

beforeEach(async () => {
  vi.useFakeTimers();
  node = new Node();
  state = { ...freshState(), who: { session: "S", seat: "M5" }, connected: true };
  key = (await newKey()).key;
  writing = new Writing(node, state, () => key);
});

afterEach(() => {
  writing.forget();
  vi.useRealTimers();
});

test("nobody is asked before somebody wants to write, and the first who asks writes", async () => {
  await writing.proved();
  expect([node.asked.length, state.pen]).toEqual([0, null]);
  await writing.want();
  expect(state.pen).toEqual(pen(writing.name, true));
});

test("a reader asks again until the other window is gone", async () => {
  node.holder = "other";
  await writing.want();
  expect(state.pen?.mine).toBe(false);
  await vi.advanceTimersByTimeAsync(READER_ASKS_MS);
  expect(state.pen?.mine).toBe(false);
  node.holder = "";
  await vi.advanceTimersByTimeAsync(READER_ASKS_MS);
  expect(state.pen).toEqual(pen(writing.name, true));
});

test("taking over is signed with the seat's key, over the window that writes", async () => {
  node.holder = "other";
  await writing.want();
  await writing.takeOver();
  expect(state.pen?.mine).toBe(true);
  const { sig, ...wanted } = node.asked.at(-1) as PenWanted;
  expect([wanted.over, wanted.window]).toEqual(["other", writing.name]);
  const raw = await crypto.subtle.importKey("raw", fromBase64(key.text.slice(8)), "Ed25519", true, ["verify"]);
  const told = await tagged("take-over/v1", { ...wanted, key: key.text });
  expect(await crypto.subtle.verify("Ed25519", raw, fromBase64((sig ?? "").slice(8)), told)).toBe(true);
});

test("a window from which the pen is taken reads, and hears who writes", async () => {
  await writing.want();
  node.push("other");
  expect(state.pen).toEqual(pen("other", false));
  node.push(writing.name, true);
  expect(state.pen?.mine).toBe(true);
});

test("a pen of another seat is no news here", async () => {
  await writing.want();
  state.who = { session: "S", seat: "M4" };
  node.push("other");
  expect(state.pen?.mine).toBe(true);
});

test("after a break the writer asks at once and a reader lets it be first", async () => {
  await writing.want();
  await writing.proved();
  expect(node.asked).toHaveLength(2);
  node.push("other");
  await writing.proved();
  expect(node.asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(READER_ASKS_MS);
  expect(node.asked).toHaveLength(3);
});

test("silence changes nothing, and is asked again", async () => {
  await writing.want();
  node.cut = true;
  await writing.ask();
  expect(state.pen?.mine).toBe(true);
  node.cut = false;
  await vi.advanceTimersByTimeAsync(READER_ASKS_MS);
  expect(node.asked).toHaveLength(3);
});

test("a duplicated tab that has its model's id takes one of its own", async () => {
  const model = writing.name;
  node.ask = async (_event, payload) => {
    node.asked.push(payload as PenWanted);
    return pen(model, false);
  };
  await writing.want();
  expect(writing.name).not.toBe(model);
  expect(state.pen?.mine).toBe(false);
});
