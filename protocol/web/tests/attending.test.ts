import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Attended, WIRE } from "../src/generated/messages.ts";
import { Attending, TELL_MS } from "../src/link/attending.ts";
import { freshState } from "../src/link/desk_state.ts";
import type { Line } from "../src/link/socket.ts";

const MINUTE_MS = 60_000;

let told: boolean[];
let answer: Attended;
let attending: Attending;
let state: ReturnType<typeof freshState>;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  answer = { left_ms: 30 * MINUTE_MS, of_ms: 30 * MINUTE_MS, warn_ms: 2 * MINUTE_MS };
  const line: Line = {
    ask: async (event, payload) => {
      expect(event).toBe(WIRE.HERE);
      told.push((payload as { at_work: boolean }).at_work);
      return answer;
    },
    on: () => undefined,
    close: () => undefined,
  };
  state = { ...freshState(), standing: "following", connected: true };
  attending = new Attending(line, state);
});

afterEach(() => {
  attending.close();
  vi.useRealTimers();
});

test("a proof asks once how long is left, and nothing is shown until the end is near", async () => {
  attending.proved();
  await vi.advanceTimersByTimeAsync(27 * MINUTE_MS);
  expect([told, state.idleLeft]).toEqual([[false], null]);
  answer = { ...answer, left_ms: 119_000 };
  await vi.advanceTimersByTimeAsync(MINUTE_MS + 2_000);
  expect(state.idleLeft).toBe(119_000);
  expect(told).not.toContain(true);
});

test("near the end the node is asked first: work in another window counts", async () => {
  attending.proved();
  await vi.advanceTimersByTimeAsync(29 * MINUTE_MS);
  expect(told.length).toBe(2);
  expect(state.idleLeft).toBe(null);
});

test("a person who moves is told now and then, and at once while being warned", async () => {
  attending.proved();
  await vi.advanceTimersByTimeAsync(0);
  for (let moved = 0; moved < 100; moved += 1) {
    attending.touched();
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(told.filter(Boolean).length).toBe(1);
  await vi.advanceTimersByTimeAsync(TELL_MS);
  attending.touched();
  expect(told.filter(Boolean).length).toBe(2);
  await vi.advanceTimersByTimeAsync(0);
  state.idleLeft = 5_000;
  await vi.advanceTimersByTimeAsync(10);
  attending.touched();
  await vi.advanceTimersByTimeAsync(0);
  expect([told.filter(Boolean).length, state.idleLeft]).toEqual([3, null]);
});

test("a desk without a seat says nothing", async () => {
  state.standing = "idle";
  attending.touched();
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  expect([told, state.idleLeft]).toEqual([[], null]);
});
