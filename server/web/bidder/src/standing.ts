/** Where a bid stands, what a bidder may do now and what comes next: which words say it, for each step. */

import type { BidderStageView, BidderStep, BidderView, MomentKind, MomentView } from "@tongchang/protocol/generated/messages.ts";

/** The road as a bidder sees it. */
export const STEPS = ["opening", "read_out", "review", "result"] as const;

/** Which step of the road a bidder's step is; -1 where the road has broken off. */
export function roadAt(step: BidderStep): number {
  if (step === "failed") return -1;
  return STEPS.indexOf(step === "concluded" ? "result" : step);
}

/** What a step leaves behind, whenever the notice had put it: nobody counts down to what has happened. */
const BEHIND: Readonly<Record<BidderStep, readonly MomentKind[]>> = {
  opening: ["bid_deadline"],
  read_out: ["bid_deadline", "opening", "release_until"],
  review: ["bid_deadline", "opening", "release_until"],
  concluded: ["bid_deadline", "opening", "release_until"],
  result: ["bid_deadline", "opening", "release_until", "publication"],
  failed: ["bid_deadline", "opening", "release_until", "publication", "objection_until"],
};

/** The next public moment of any lot that is still to come; null where the timetable has no more. */
export function nextMoment(stages: readonly BidderStageView[], now: number): MomentView | null {
  const ahead = stages.flatMap((stage) =>
    stage.timetable.filter((one) => one.at > now && !BEHIND[stage.step].includes(one.kind)),
  );
  return ahead.reduce<MomentView | null>((next, one) => (next === null || one.at < next.at ? one : next), null);
}

/** Whether the committee waits for this bidder's answer; a question that ran out waits for nothing. */
export function isAsked(view: BidderView): boolean {
  return view.stages.some((stage) => stage.asked.some((one) => !one.answered && one.result === ""));
}

/** Whether the tender told public times at all. */
export function hasTimetable(view: BidderView): boolean {
  return view.stages.some((stage) => stage.timetable.length > 0);
}
