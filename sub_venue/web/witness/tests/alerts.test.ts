import { expect, test } from "vitest";
import type { Line, SeatView, StageView, View } from "@tongchang/protocol/generated/messages.ts";
import { alertKey, alertsOf } from "../src/alerts.ts";
import { progressOf } from "../src/progress.ts";

const stage = {
  lot: "01", envelope: "1", round: 1, phase: "DETAILED", overrun: ["M3"], tally: null, bids: [],
  sheets: [{ seat: "M3", sealed: false, tried: "", opened: false, scores: null }, { seat: "M1", sealed: true, tried: "fault", opened: false, scores: null }],
} as unknown as StageView;

function seat(name: string, role: string, venue: string, more: Partial<SeatView> = {}): SeatView {
  const kind = role === "expert" ? "expert" : "none";
  return { seat: name, role, venue, kind, reserve: false, bound: true, checked_in: true, signed: false, person: null, ...more } as SeatView;
}

const view = {
  seat: "witness-nanjing", phase: "COMMITTEE_READY", stages: [stage], observations: [], outstanding: [], alerts: [],
  venues: [{ venue: "hefei", role: "main" }, { venue: "nanjing", role: "sub" }],
  seats: [seat("M1", "expert", "hefei"), seat("witness-nanjing", "witness", "nanjing"), seat("M3", "expert", "nanjing"), seat("R1", "expert", "nanjing", { reserve: true })],
  awaited: [{ who: "M3", role: "expert", act: "SealSheet", lot: "01", envelope: "1" }],
} as unknown as View;

test("overruns, faults, refusals and a cut line are alerts, each with the item that notes it", () => {
  const lines = [{ seq: 9, at: 5, type: "NoteRefusal" }, { seq: 10, at: 6, type: "CheckIn" }] as Line[];
  const found = alertsOf(view, lines, false, "nanjing");
  expect(found.map((one) => [one.kind, one.item, one.subject, one.entry])).toEqual([
    ["line_cut", "line_cut", "nanjing", 0], ["overrun", "step_late", "M3", 0], ["fault", "system_fault", "M1", 0],
    ["refusal", "out_of_order", "", 9],
  ]);
  expect(new Set(found.map(alertKey)).size).toBe(found.length);
});

test("deviations and differing objective items are alerts once the evaluation is shown", () => {
  const tally = JSON.stringify({
    deviations: [{ seat: "M5", over: true }, { seat: "M5", over: true }, { seat: "M1", over: false }],
    mismatches: [{ criterion: "B1", bidder: "b1", scores: {} }],
  });
  const shown = { ...view, stages: [{ ...stage, overrun: [], sheets: [], tally }] } as unknown as View;
  expect(alertsOf(shown, [], true, "nanjing").map((one) => [one.kind, one.subject])).toEqual([["deviation", "M5"], ["mismatch", ""]]);
});

test("what another venue's witness found irregular is an alert, one's own is not", () => {
  const irregular = { seat: "witness-hefei", finding: "irregular", item: "seat_left", subject: "M1", seq: 30, at: 7 };
  const observations = [irregular, { ...irregular, seat: "witness-nanjing", seq: 31 }, { ...irregular, finding: "handled", seq: 32 }];
  const shown = { ...view, stages: [], observations } as unknown as View;
  expect(alertsOf(shown, [], true, "nanjing").map((one) => one.entry)).toEqual([30]);
});

test("every venue's seats are shown with what they are awaited for, one's own venue first", () => {
  const [own, other] = progressOf(view);
  expect([own?.venue, own?.own, own?.behind]).toEqual(["nanjing", true, 1]);
  expect(own?.seats.map((row) => row.seat.seat)).toEqual(["M3", "witness-nanjing"]);
  expect(own?.seats[0]).toMatchObject({ checked: "yes", sealed: "no", signed: "none", awaited: ["SealSheet"] });
  expect(own?.seats[1]).toMatchObject({ bound: "yes", checked: "none", sealed: "none" });
  expect([other?.venue, other?.behind, other?.seats[0]?.sealed]).toEqual(["hefei", 0, "yes"]);
});

test("the record's alerts on the opening and on movement stand beside those of flow and evaluation while they go on", () => {
  const raised = (kind: string, more: object = {}): object => ({ id: kind, group: "opening", kind, severity: "warning", since: 8, seq: 40, until: 0, seats: [], venues: [], detail: {}, ...more });
  const alerts = [
    raised("Objection"), raised("RateWithheld", { until: 9 }), raised("SeatRebound", { seats: ["M3"], venues: ["nanjing"] }),
    raised("LineSilent", { venues: ["hefei"], seq: -1 }), raised("LineSilent", { venues: ["nanjing"], seq: -1 }), raised("Dissent"),
  ];
  const shown = { ...view, stages: [], alerts } as unknown as View;
  expect(alertsOf(shown, [], true, "nanjing").map((one) => [one.kind, one.item, one.subject, one.entry])).toEqual([
    ["Objection", "objection_raised", "", 40], ["SeatRebound", "seat_swapped", "M3", 40], ["LineSilent", "line_cut", "hefei", 0],
  ]);
});
