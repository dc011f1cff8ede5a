/** The golden talk-room as a page reads it: who may speak and why not, hands in order, calls; the same marks. */
import { expect, test } from "vitest";
import golden from "../../../tests/protocol/golden/talk-1.json";
import { toHex } from "../src/bytes.ts";
import { taggedDigest } from "../src/digest.ts";
import type { TalkRoom } from "../src/generated/messages.ts";
import { handOf, lineOf, ownCall, standingOf, waitingCalls } from "../src/talk/room.ts";

const CHAIR = "N2";
const full = golden.full.room as TalkRoom;
const shown = golden.shown as Record<string, { room: unknown; mark: string }>;

/** The room behind an act, by its number from 1; 0 is the room before any. */
function after(number: number): TalkRoom {
  return golden.acts[number]?.room as TalkRoom;
}

function shownTo(seat: string): TalkRoom {
  return shown[seat]?.room as TalkRoom;
}

test("marks are hashed alike", async () => {
  const rooms = [...golden.acts, golden.full, golden.closed, golden.line_cut, ...Object.values(shown)];
  for (const { room, mark } of rooms) expect(toHex(await taggedDigest("talk-room/v1", room))).toBe(mark);
});

test("hands have their places in the order in which they were raised", () => {
  const order = (number: number): number[] => ["N3", "N1", CHAIR].map((seat) => handOf(after(number), seat));
  expect(order(0)).toEqual([0, 0, 0]);
  expect(order(1)).toEqual([1, 0, 0]);
  expect(order(2)).toEqual([1, 2, 0]);
  expect(order(3)).toEqual([1, 2, 0]);
  expect(order(6)).toEqual([0, 1, 0]);
});

test("whoever may not speak is told whether it is muted itself or all are quiet", () => {
  const standings = (number: number): string[] => ["N1", "N3", CHAIR].map((seat) => standingOf(after(number), seat));
  expect(standings(0)).toEqual(["may", "may", "may"]);
  expect(standings(4)).toEqual(["muted", "may", "may"]);
  expect(standings(5)).toEqual(["muted", "quiet", "may"]);
  expect(standings(6)).toEqual(["muted", "may", "may"]);
  expect(standings(7)).toEqual(standings(6));
  expect(standings(8)).toEqual(["may", "may", "may"]);
  expect(standings(11)).toEqual(["may", "muted", "may"]);
});

test.each(["closed", "line_cut"] as const)("a room that is %s lets nobody speak, and keeps no hand", (name) => {
  const room = golden[name].room as TalkRoom;
  for (const seat of room.members) expect([standingOf(room, seat), handOf(room, seat)]).toEqual(["closed", 0]);
});

test("a call that was answered waits no more, and its caller still sees who answered", () => {
  expect(waitingCalls(full).map((one) => one.seat)).toEqual(["N1"]);
  expect(ownCall(full, "N3")?.answered_by).toBe("agent");
  expect(ownCall(full, "N1")?.answered_by).toBe("");
  expect(ownCall(full, CHAIR)).toBeNull();
});

test("calls that wait stand the oldest first, however they came", () => {
  const calls = full.calls.map((one) => ({ ...one, answered_by: "" })).toReversed();
  expect(waitingCalls({ ...full, calls }).map((one) => one.seat)).toEqual(["N3", "N1"]);
});

test("a line is its caller's and its venue's, and the one that a seat opened comes first", () => {
  const line = { seat: "agent", venue: "nanjing" };
  expect(lineOf(full, "agent", "hefei")).toEqual(line);
  expect(lineOf(full, "keeper-nanjing", "nanjing")).toEqual(line);
  expect(lineOf(full, "keeper-pudong", "pudong")).toBeNull();
  const own = { seat: "witness-nanjing", venue: "pudong" };
  expect(lineOf({ ...full, intercoms: [line, own] }, "witness-nanjing", "nanjing")).toEqual(own);
});

test("an agent is shown calls and no committee", () => {
  const room = shownTo("agent");
  expect([room.open, room.members, room.speaks, room.muted]).toEqual([true, [], [], []]);
  expect(room.calls.map((one) => one.seat)).toEqual(full.calls.map((one) => one.seat));
});
