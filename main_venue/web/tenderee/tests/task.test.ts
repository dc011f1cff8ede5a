import { expect, test } from "vitest";
import type { BidView, StageView, View } from "@tongchang/protocol/generated/messages.ts";
import { nextBid, taskOf } from "../src/task.ts";

function bid(bidder: string, read_out = false): BidView {
  return { bidder, code: bidder, valid: false, ground: "", name: null, price: "1", quantities: {}, read_out };
}

function stage(phase: string, more: Partial<StageView> = {}): StageView {
  return { lot: "01", envelope: "1", round: 1, phase, bids: [bid("b1"), bid("b2")], opening_signed: [], ...more } as StageView;
}

function view(phase: string, stages: StageView[], rules_version = "2"): View {
  return { seat: "tenderee", phase, stages, rules_version } as unknown as View;
}

test.each([
  ["BOOKED", [stage("AWAITED")], "wait_opening"],
  ["DRAWN", [stage("OPENED")], "preside"],
  ["CHECKIN", [stage("OPENED", { opening_signed: ["witness-hefei"] })], "preside"],
  ["CHECKIN", [stage("OPENED", { opening_signed: ["tenderee"] })], "wait_review"],
  ["COMMITTEE_READY", [stage("DETAILED")], "wait_review"],
  ["COMMITTEE_READY", [stage("SUMMARY")], "wait_ranking"],
  ["SIGNING", [stage("RANKED")], "wait_report"],
  ["ARCHIVED", [stage("RANKED")], "done"],
  ["FAILED", [stage("OPENED")], "stopped"],
])("in phase %s the tenderee's task follows the stages", (phase, stages, kind) => {
  expect(taskOf(view(phase, stages)).kind).toBe(kind);
});

test("a session of rules version 1 has nothing to read out", () => {
  expect(taskOf(view("CHECKIN", [stage("OPENED")], "1")).kind).toBe("old");
});

test("of several lots those are presided over that are open and not signed", () => {
  const open = stage("OPENED", { lot: "02" });
  const task = taskOf(view("CHECKIN", [stage("OPENED", { opening_signed: ["tenderee"] }), open]));
  expect(task).toEqual({ kind: "preside", stages: [open] });
});

test("the next bid is the first that is not read out", () => {
  expect(nextBid(stage("OPENED", { bids: [bid("b1", true), bid("b2"), bid("b3")] }))).toMatchObject({ bid: { bidder: "b2" }, number: 2, of: 3 });
  expect(nextBid(stage("OPENED", { bids: [bid("b1", true)] }))).toBeNull();
});
