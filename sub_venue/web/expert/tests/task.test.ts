import { expect, test } from "vitest";
import type { SeatView, StageView, View } from "@tongchang/protocol/generated/messages.ts";
import { openedStages, taskOf } from "../src/task.ts";

const own: SeatView = { seat: "M5", role: "expert", venue: "hangzhou", kind: "expert", reserve: false, bound: true, checked_in: false, signed: false, person: null };

function stage(phase: string, sealed = false): StageView {
  return { lot: "01", envelope: "1", round: 1, phase, sheets: [{ seat: "M5", sealed, tried: "", opened: false, scores: null }] } as unknown as StageView;
}

function view(phase: string, stages: StageView[] = [], seat: Partial<SeatView> = {}): View {
  return { phase, seat: "M5", stages, seats: [{ ...own, ...seat }] } as unknown as View;
}

test.each([
  ["wait_opening", view("DRAWN")],
  ["check_in", view("CHECKIN")],
  ["wait_roster", view("CHECKIN", [], { checked_in: true })],
  ["wait_scoring", view("COMMITTEE_READY", [stage("PRELIM")])],
  ["score", view("COMMITTEE_READY", [stage("DETAILED")])],
  ["score", view("COMMITTEE_READY", [stage("DETAILED", true), stage("DETAILED")])],
  ["wait_others", view("COMMITTEE_READY", [stage("DETAILED", true)])],
  ["wait_others", view("COMMITTEE_READY", [stage("SCORES_OPENING", true), stage("SUMMARY", true)])],
  ["wait_ranking", view("COMMITTEE_READY", [stage("SUMMARY", true)])],
  ["wait_report", view("COMMITTEE_READY", [stage("RANKED", true), stage("FAILED")])],
  ["wait_report", view("REPORT_DRAFT")],
  ["sign", view("SIGNING")],
  ["wait_end", view("SIGNING", [], { signed: true })],
  ["wait_end", view("SUBMITTED")],
  ["done", view("ARCHIVED")],
  ["stopped", view("SUSPENDED")],
  ["reserve", view("CHECKIN", [], { reserve: true })],
])("the one thing now is %s (%#)", (kind, given) => {
  expect(taskOf(given).kind).toBe(kind);
});

test("scores are shown from aggregation on, and never of a failed stage", () => {
  const stages = [stage("DETAILED"), stage("SUMMARY"), stage("RANKED"), stage("FAILED")];
  expect(openedStages(view("COMMITTEE_READY", stages)).map((one) => one.phase)).toEqual(["SUMMARY", "RANKED"]);
});
