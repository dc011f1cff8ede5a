import { expect, test } from "vitest";
import type { BidderStageView, BidderStep, BidderView, MomentView } from "@tongchang/protocol/generated/messages.ts";
import { isAsked, nextMoment, roadAt } from "../src/standing.ts";

function stage(...timetable: MomentView[]): BidderStageView {
  return at("opening", ...timetable);
}

function at(step: BidderStep, ...timetable: MomentView[]): BidderStageView {
  return { step, timetable } as unknown as BidderStageView;
}

test("the next moment is the earliest that is still ahead, of any lot", () => {
  const stages = [
    stage({ kind: "bid_deadline", at: 10, lot: "" }, { kind: "objection_until", at: 90, lot: "" }),
    stage({ kind: "publication", at: 50, lot: "02" }),
  ];
  expect(nextMoment([at("read_out", { kind: "release_until", at: 20, lot: "" })], 9)).toBeNull();
  expect(nextMoment(stages, 10)?.kind).toBe("publication");
  expect(nextMoment(stages, 50)?.kind).toBe("objection_until");
  expect(nextMoment(stages, 90)).toBeNull();
  expect(nextMoment([], 0)).toBeNull();
});

test("what has happened is not counted down to, whenever the notice had put it", () => {
  const times: MomentView[] = [
    { kind: "publication", at: 50, lot: "" },
    { kind: "objection_until", at: 90, lot: "" },
  ];
  expect(nextMoment([at("review", ...times)], 0)?.kind).toBe("publication");
  expect(nextMoment([at("result", ...times)], 0)?.kind).toBe("objection_until");
  expect(nextMoment([at("failed", ...times)], 0)).toBeNull();
});

test("the road has four steps; a concluded review stands at the result, a failed tender nowhere", () => {
  expect(["opening", "read_out", "review", "concluded", "result", "failed"].map((one) => roadAt(one as never))).toEqual([
    0, 1, 2, 3, 3, -1,
  ]);
});

test("the page says that an answer is awaited as long as it can be given", () => {
  const asked = (answered: boolean, result: string): BidderView =>
    ({ stages: [{ asked: [] }, { asked: [{ answered: true, result: "" }, { answered, result }] }] }) as unknown as BidderView;
  expect(isAsked(asked(false, ""))).toBe(true);
  expect(isAsked(asked(false, "overdue"))).toBe(false);
  expect(isAsked(asked(true, ""))).toBe(false);
});
