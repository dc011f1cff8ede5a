import { expect, test } from "vitest";
import type { Trouble, VenueState } from "@tongchang/protocol/generated/messages.ts";
import { PARTS, bytes, markOf, partsOf, span, whole, worst } from "../src/board.ts";
import { EN } from "../src/words_en.ts";
import { ZH } from "../src/words_zh.ts";

function state(...troubles: Trouble[]): VenueState {
  return { troubles, clock: { offset_ms: 0, within_ms: 1, measured_at: 9 }, power: { source: "mains" } } as unknown as VenueState;
}

test("a part is as bad as the worst of its troubles, and the venue as the worst of its parts", () => {
  const slow: Trouble = { code: "LineSlow", severity: "warning", since: 0, detail: {} };
  const down: Trouble = { code: "LineDown", severity: "alarm", since: 0, detail: {} };
  expect([worst(state()), worst(state(slow)), worst(state(slow, down))]).toEqual(["good", "warn", "bad"]);
  expect([markOf(state(slow), "line"), markOf(state(slow, down), "line"), markOf(state(down), "disk")]).toEqual(["warn", "bad", "good"]);
});

test("while somebody waits for help nothing is well", () => {
  const slow: Trouble = { code: "LineSlow", severity: "warning", since: 0, detail: {} };
  const down: Trouble = { code: "LineDown", severity: "alarm", since: 0, detail: {} };
  expect(whole(state(), false, 0)).toEqual({ says: "good", mark: "good" });
  expect(whole(state(), false, 1)).toEqual({ says: "help", mark: "bad" });
  expect(whole(state(slow), false, 1)).toEqual({ says: "help", mark: "bad" });
  expect(whole(state(down), false, 1)).toEqual({ says: "bad", mark: "bad" });
  expect(whole(state(), true, 1)).toEqual({ says: "silent", mark: "bad" });
});

test("what cannot be known is said to be unknown", () => {
  const unsure = { ...state(), clock: { offset_ms: 0, within_ms: 0, measured_at: 0 }, power: { source: "unknown" } } as VenueState;
  expect(PARTS.filter((part) => markOf(unsure, part) === "unknown")).toEqual(["clock", "power"]);
});

test("a venue without cameras of its own has no tile of them", () => {
  const none = { ...state(), cameras: [], cameras_silent_since: 0 } as VenueState;
  expect(partsOf(none)).not.toContain("cameras");
  expect(partsOf({ ...none, cameras_silent_since: 5 })).toContain("cameras");
  const down: Trouble = { code: "CameraDown", severity: "alarm", since: 0, detail: { source: "room.hefei" } };
  expect([markOf(state(down), "cameras"), markOf(state(), "cameras")]).toEqual(["bad", "good"]);
});

test("bytes and times are said as people say them", () => {
  expect([bytes(0), bytes(1_500), bytes(78_123_456_789), bytes(271_000_000_000)]).toEqual(["0 B", "1.5 KB", "78.1 GB", "271 GB"]);
  expect([span(0), span(65_000), span(7_509_000), span(-5)]).toEqual(["0:00:00", "0:01:05", "2:05:09", "0:00:00"]);
});

test("every trouble has its remedy in both languages", () => {
  for (const words of [ZH, EN]) {
    const told = Object.values(words.trouble).filter((one) => typeof one === "object");
    expect(told).toHaveLength(20);
    for (const one of told) expect(Object.keys(one)).toEqual(["what", "remedy"]);
  }
});
