import { expect, test } from "vitest";
import type { RecordAnswerView, View, WitnessRecordView } from "@tongchang/protocol/generated/messages.ts";
import { numberOf, unanswered } from "../src/recognising.ts";

const said = (venue: string, verdict: string): RecordAnswerView => ({ venue, verdict, reason: "", by: `witness-${venue}`, seq: 9, at: 9, text: null });
const record = (venue: string, signed: boolean, answers: RecordAnswerView[] = []): WitnessRecordView => ({
  seat: `witness-${venue}`, count: 1, record: "", signed, venue, seq: signed ? 8 : 0, answers, awaited: [],
});
const view = (records: WitnessRecordView[]): View => ({ witness_records: records }) as unknown as View;

test("a venue may answer what was signed elsewhere and it has not accepted", () => {
  const open = unanswered(
    view([
      record("hefei", true), record("nanjing", true, [said("hefei", "accepted")]), record("shanghai", false),
      record("hangzhou", true, [said("nanjing", "objection")]),
    ]),
    "nanjing",
  );
  expect(open.map((one) => one.venue)).toEqual(["hefei", "hangzhou"]);
  expect([numberOf(open, "witness-hangzhou"), numberOf(open, "witness-nanjing")]).toEqual(["2", ""]);
});

test("what was accepted is answered for good", () => {
  expect(unanswered(view([record("hefei", true, [said("nanjing", "accepted")])]), "nanjing")).toEqual([]);
});
