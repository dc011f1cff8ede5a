import { expect, test } from "vitest";
import type { Awaited, StageView, View } from "../src/generated/messages.ts";
import { awaitedGroups, furthestBehind, nextStep, past, standsAt, stepOf } from "../src/kit/progress.ts";

function view(phase: string, ...stages: string[]): View {
  return { phase, stages: stages.map((one, index) => ({ lot: `0${index + 1}`, phase: one }) as StageView) } as View;
}

test.each([
  [view("BOOKED", "AWAITED"), "BOOKED"],
  [view("DRAWN", "AWAITED"), "DRAWN"],
  [view("DRAWN", "OPENED"), "OPENED"],
  [view("DRAWN", "OPENED", "AWAITED"), "DRAWN"],
  [view("CHECKIN", "OPENED"), "CHECKIN"],
  [view("COMMITTEE_READY", "OPENED"), "PRELIM"],
  [view("COMMITTEE_READY", "DETAILED", "PRELIM"), "PRELIM"],
  [view("COMMITTEE_READY", "DETAILED", "FAILED"), "DETAILED"],
  [view("COMMITTEE_READY", "SCORES_SEALED"), "SCORES_OPENING"],
  [view("COMMITTEE_READY", "SUMMARY"), "SUMMARY"],
  [view("SIGNING", "RANKED"), "SIGNING"],
  [view("SUSPENDED", "DETAILED"), null],
])("%# a session stands where its stage furthest behind stands", (given, step) => {
  expect(stepOf(given)).toBe(step);
});

test("a suspended session is marked where it stands still, and any other where it stands", () => {
  const suspended = { ...view("SUSPENDED", "DETAILED"), suspension: { phase: "COMMITTEE_READY" } } as View;
  expect(standsAt(suspended)).toBe("DETAILED");
  expect(standsAt({ ...view("CHECKIN", "OPENED"), suspension: null } as View)).toBe("CHECKIN");
});

test("what comes next is the next step, and nothing after the archive", () => {
  expect([nextStep("DETAILED"), nextStep("ARCHIVED"), nextStep(null)]).toEqual(["SCORES_OPENING", null, null]);
});

test("a failed stage holds nobody up", () => {
  expect(furthestBehind(view("COMMITTEE_READY", "FAILED", "SUMMARY").stages)?.phase).toBe("SUMMARY");
  expect(furthestBehind([])).toBeNull();
  expect(past({ phase: "SUMMARY" } as StageView, "DETAILED")).toBe(true);
});

test("who is awaited is grouped by what for", () => {
  const one = (who: string, act: string): Awaited => ({ who, role: "expert", act, lot: "", envelope: "" });
  const groups = awaitedGroups([one("M1", "CheckIn"), one("M2", "BindSeat"), one("M3", "CheckIn")]);
  expect(groups.map((group) => [group.act, group.who.map((who) => who.who)])).toEqual([
    ["CheckIn", ["M1", "M3"]],
    ["BindSeat", ["M2"]],
  ]);
});
