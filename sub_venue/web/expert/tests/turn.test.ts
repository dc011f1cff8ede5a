import { expect, test } from "vitest";
import type { StageView, View } from "@tongchang/protocol/generated/messages.ts";
import { voteCommitment } from "../src/review/chair_vote.ts";
import { countingPoints } from "../src/review/recheck.ts";
import { rejectionCommitment } from "../src/review/secret_vote.ts";
import { readAmount, readSchedule } from "../src/review/schedule.ts";
import { homeOf, shownStages, toExplain, turnOf, waitedFor } from "../src/review/turn.ts";
import GIVEN from "../../../../tests/protocol/golden/evaluation-views.json";

const views = GIVEN as unknown as Record<string, View>;

/** The view of a moment as it is at another seat: only whose it is differs. */
function at(moment: string, seat = "M1", changes: Partial<View> = {}): View {
  return { ...views[moment]!, seat, ...changes };
}

test.each([
  ["checked_in", "M1", "wait_roster"],
  ["ballot", "M1", "elect"],
  ["ballot", "M2", "wait_chair"],
  ["marking", "M1", "mark"],
  ["asked", "M2", "close"],
  ["asked", "M1", "mark"],
  ["voting", "M1", "vote"],
  ["voting", "M2", "mark"],
  ["few", "M1", "competition"],
  ["suspended", "M1", "suspended"],
  ["summary", "M5", "explain"],
  ["summary", "M1", "wait_ranking"],
  ["signing", "M1", "sign"],
  ["signing", "M2", "wait_end"],
  ["signing", "M4", "wait_end"],
  ["signing", "M5", "wait_end"],
])("%s: the one thing for %s is %s", (moment, seat, kind) => {
  expect(turnOf(at(moment, seat)).kind).toBe(kind);
});

test("a vote goes before a question, a question before one's own marks", () => {
  const view = at("voting", "M1");
  const stage = { ...view.stages[0]!, review: { ...view.stages[0]!.review!, votes: [] } };
  expect(turnOf({ ...view, stages: [stage] }).kind).toBe("mark");
});

test("whoever found a material deviation is asked to propose, once all is marked", () => {
  const view = at("marking", "M4");
  const { review } = view.stages[0]!;
  const pass = { mark: "pass", reason: null };
  const marks = Object.fromEntries(
    review!.going_on.map((bidder) => [
      bidder,
      Object.fromEntries(review!.items.map((item) => [item.item, { M4: review!.marks[bidder]?.[item.item]?.["M4"] ?? pass }])),
    ]),
  );
  const stage = { ...view.stages[0]!, review: { ...review!, marks } };
  expect(turnOf({ ...view, stages: [stage] }).kind).toBe("propose");
});

test("a drawn member is identified before the undertaking, and who recused or was replaced does nothing more", () => {
  const view = at("checked_in");
  const seats = view.seats.map((seat) => (seat.seat === "M1" ? { ...seat, checked_in: false } : seat));
  const committee = { ...view.committee!, drawn: true };
  expect(turnOf({ ...view, seats, committee }).kind).toBe("identity");
  expect(turnOf({ ...view, seats, committee: { ...committee, identified: ["M1"] } }).kind).toBe("check_in");
  expect(turnOf({ ...view, committee: { ...committee, recused: { M1: "kin" } } }).kind).toBe("recused");
  expect(turnOf({ ...view, committee: { ...committee, replaced: { M1: "M6" } } }).kind).toBe("replaced");
});

test("a secret ballot is opened once all have voted", () => {
  const view = at("ballot");
  const ballot = { ...view.committee!.ballot, secret: true, voted: ["M1", "M2", "M3", "M4", "M5"], votes: { M2: "M3" } };
  expect(turnOf({ ...view, committee: { ...view.committee!, ballot } }).kind).toBe("open_vote");
  expect(turnOf({ ...view, seat: "M2", committee: { ...view.committee!, ballot } }).kind).toBe("wait_chair");
  const waiting = { ...ballot, voted: ["M1", "M2"] };
  expect(turnOf({ ...view, committee: { ...view.committee!, ballot: waiting } }).kind).toBe("wait_chair");
});

test("a secret vote's commitment is the protocol's own", async () => {
  const nonce = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  expect(await voteCommitment("s-1", 1, "M5", "M3", nonce)).toBe("xYCg74G44kTCZwDcpb8wOY9nW0L0R2JVfsJVu+guCMw=");
});

test("scores stay in sight while a stage is looked over again", () => {
  const recheck = { ...views["summary"]!.stages[0]!, phase: "RECHECK" };
  expect(shownStages(at("summary", "M1", { stages: [recheck] }))).toHaveLength(1);
  expect(turnOf(at("summary", "M1", { stages: [recheck] })).kind).toBe("recheck");
  expect(turnOf(at("summary", "M5", { stages: [recheck] })).kind).toBe("explain");
  expect(homeOf({ phase: "REJECT_VOTE", review: { home: "DETAILED" } } as StageView)).toBe("DETAILED");
});

test("only one's own far points are to be explained, and once", () => {
  const stage = views["summary"]!.stages[0]!;
  const waiting = toExplain(stage, "M5");
  expect(waiting.length).toBeGreaterThan(0);
  expect(toExplain(stage, "M1")).toEqual([]);
  const explained = waiting.map((one) => ({ seat: "M5", bidder: one.bidder, criterion: one.criterion, text: "" }));
  expect(toExplain({ ...stage, turns: { ...stage.turns!, explained } }, "M5")).toEqual([]);
});

test("the last correction of an item counts, else what was sealed", () => {
  const sheets = [{ seat: "M1", sealed: true, tried: "ok", opened: true, scores: { b1: { A1: 700, A2: 500 } } }];
  const made = (points: number) => ({ seat: "M1", ground: "slip", items: [], scores: { b1: { A1: points } } });
  const stage = { sheets, turns: { corrections: [made(650), made(600)] } } as unknown as StageView;
  expect(countingPoints(stage, "M1", "b1", "A1")).toBe(600);
  expect(countingPoints(stage, "M1", "b1", "A2")).toBe(500);
  expect(countingPoints(stage, "M2", "b1", "A1")).toBeNull();
});

test("a pasted price list is read line by line, digits as they are written", () => {
  const given: Record<string, string> = {
    read_out: "4,528.60", total: "4528.60", words: " 肆仟伍佰贰拾捌元陆角 ", places: "", yuan_per_unit: "10000",
    lines: "1\t12\t350\t4100\n土方 10 2.5 25\n\n3 4 5",
  };
  expect(readSchedule((field) => given[field] ?? "")).toEqual({
    read_out: "4528.60", total: "4528.60", words: "肆仟伍佰贰拾捌元陆角", yuan_per_unit: "10000", places: 2,
    lines: [
      { line: "1", quantity: "12", unit_price: "350", total: "4100" },
      { line: "2", quantity: "10", unit_price: "2.5", total: "25" },
      { line: "4", quantity: "3", unit_price: "4", total: "5" },
    ],
  });
  expect(readSchedule((field) => ({ ...given, lines: "1 12 350 4100\n合计" })[field] ?? "")).toEqual({ fault: "line", line: 2 });
  expect(readSchedule((field) => ({ ...given, total: "约五千" })[field] ?? "")).toEqual({ fault: "amount", line: 0 });
  expect([readAmount("1.5"), readAmount("1,000.25"), readAmount("-3"), readAmount("1e3")]).toEqual(["1.5", "1000.25", null, null]);
});

test("a secret vote on a rejection commits to the protocol's own digest, and is opened once all are in", async () => {
  const nonce = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  const vote = { bidder: "b2", ground: "51-1", choice: "yes", reason: "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=" } as const;
  const stage = { lot: "01", envelope: "1", round: 1 };
  expect(await rejectionCommitment({ ...vote, nonce, seat: "M5", session: "s-1", stage })).toBe("raKFO8hfdMTUBWVDqud2dRaWeKksHmZ020DPFwcGJwk=");
  const view = at("voting", "M1");
  const here = view.stages[0]!;
  const sealed = (...seats: string[]): StageView => {
    const votes = here.review!.votes.map((one) => ({ ...one, ballots: {}, sealed: seats }));
    return { ...here, review: { ...here.review!, secret: true, votes } };
  };
  const kind = (given: StageView, now: number): string => turnOf({ ...view, stages: [given] }, now).kind;
  const { due_at } = here.review!.votes[0]!;
  expect(kind(sealed("M2"), 0)).toBe("vote");
  expect(kind(sealed("M1", "M2"), 0)).toBe("mark");
  expect(kind(sealed("M1", "M2"), due_at)).toBe("vote");
  expect(kind(sealed("M1", "M2", "M3", "M4", "M5"), 0)).toBe("vote");
});

test("who has sealed reads whom it waits for: members, the agent, or the venues that open", () => {
  const view = at("marking");
  const sheets = [true, false].map((sealed, seat) => ({ seat: `M${seat + 1}`, sealed, tried: "", opened: false, scores: null }));
  const stage = { ...view.stages[0]!, phase: "DETAILED", sheets };
  expect(waitedFor({ ...view, stages: [stage] })).toBe("text");
  expect(waitedFor({ ...view, stages: [{ ...stage, sheets: sheets.slice(0, 1) }] })).toBe("close");
  expect(waitedFor({ ...view, stages: [{ ...stage, phase: "SCORES_SEALED" }] })).toBe("opening");
});
