import { expect, test } from "vitest";
import type { RecordingView } from "@tongchang/protocol/generated/messages.ts";
import { mediaOffset, offsetText } from "../src/recording.ts";

const recording = (source: string, began_at: number, ended_at: number): RecordingView => ({
  source, venue: source.split(".")[0] ?? "", began_at, ended_at, segments: 1,
});
const TOLD = [recording("nanjing.room.nanjing", 100_000, 160_000), recording("nanjing.camera.M3", 130_000, 190_000), recording("hefei.room.hefei", 1, 60_000)];

test("a note is counted from the first segment that its own venue recorded", () => {
  expect(mediaOffset(TOLD, "nanjing", 161_500)).toBe(61_500);
  expect(mediaOffset(TOLD, "hefei", 50_000)).toBe(49_999);
});

test("before a recording, long after it, and where none runs it is 0", () => {
  expect(mediaOffset(TOLD, "nanjing", 99_000)).toBe(0);
  // The segment under way is told once it is whole.
  expect(mediaOffset(TOLD, "nanjing", 190_000 + 600_000)).toBe(690_000);
  expect(mediaOffset(TOLD, "nanjing", 190_000 + 600_001)).toBe(0);
  expect(mediaOffset(TOLD, "shanghai", 161_500)).toBe(0);
});

test("an offset is read as a clock", () => {
  expect([offsetText(61_500), offsetText(3_723_000)]).toEqual(["01:01", "1:02:03"]);
});
