/** The one thing that an expert can do now under rules version 3, or what the expert waits for. Off the view alone. */

import type { Deviation, Evaluation, Mismatch, StageView, View } from "@tongchang/protocol/generated/messages.ts";
import { markBy, sitting, toClose, toPropose, unmarkedBy, votesFor, votesToOpen } from "@tongchang/protocol/evaluation/review.ts";
import { evaluationOf } from "@tongchang/protocol/kit/results.ts";
import { type Task, taskOf } from "../task.ts";

export { waitedFor } from "../task.ts";

/** Acts that are of one stage. */
export type StageAct = "vote" | "propose" | "competition" | "close" | "mark" | "explain" | "recheck";

export type Turn =
  | { readonly kind: StageAct; readonly stage: StageView }
  | { readonly kind: "score"; readonly stages: readonly StageView[] }
  | { readonly kind: "suspended" | "void" | "failed" | "recused" | "replaced" | "identity" | "elect" | "open_vote" | "wait_chair" | "wait_review" | "wait_vote" }
  | Task;

/** In which order the committee's business is put to a member: what holds up others first. */
const ORDER: readonly StageAct[] = ["vote", "close", "mark", "propose", "competition", "explain", "recheck"];

/** `now` is the coordinator's clock (ms) by which a secret vote's time is over. */
export function turnOf(view: View, now: number = view.as_of.at): Turn {
  const { committee, seat } = view;
  if (committee === null) return taskOf(view);
  if (committee.replaced[seat] !== undefined) return { kind: "replaced" };
  if (committee.recused[seat] !== undefined) return { kind: "recused" };
  if (view.phase === "SUSPENDED") return { kind: "suspended" };
  if (view.phase === "COMMITTEE_VOID") return { kind: "void" };
  if (view.phase === "FAILED") return { kind: "failed" };
  const seated = beforeTheWork(view);
  if (seated !== null) return seated;
  if (view.phase === "SIGNING" && answered(view)) return { kind: "wait_end" };
  if (view.phase !== "COMMITTEE_READY") return taskOf(view);
  const seats = sitting(view).map((one) => one.seat);
  for (const kind of ORDER) {
    const stage = view.stages.find((one) => waitsFor(kind, one, seat, seats, now));
    if (stage !== undefined) return { kind, stage };
  }
  const stages = view.stages.filter((stage) => scores(stage, seat));
  if (stages.length > 0) return { kind: "score", stages };
  if (view.stages.some((stage) => stage.phase === "REJECT_VOTE")) return { kind: "wait_vote" };
  if (view.stages.some((stage) => homeOf(stage) === "PRELIM")) return { kind: "wait_review" };
  return taskOf(view);
}

/** Identity, undertaking, the chair: what comes before the review. */
function beforeTheWork(view: View): Turn | null {
  const { committee, seat } = view;
  const own = view.seats.find((one) => one.seat === seat);
  if (committee === null || own?.reserve === true || !["CHECKIN", "COMMITTEE_READY"].includes(view.phase)) return null;
  if (own?.checked_in !== true) {
    return { kind: committee.drawn && !committee.identified.includes(seat) ? "identity" : "check_in" };
  }
  const { ballot } = committee;
  if (committee.chair !== "" || ballot.number === 0) return null;
  if (!ballot.voted.includes(seat)) return { kind: "elect" };
  const all = sitting(view).every((one) => ballot.voted.includes(one.seat));
  if (ballot.secret && all && ballot.votes[seat] === undefined) return { kind: "open_vote" };
  return { kind: "wait_chair" };
}

/** The phase of the main line that a stage stands in, or stands aside from. */
export function homeOf(stage: StageView): string {
  if (stage.phase === "CLARIFYING" || stage.phase === "REJECT_VOTE") return stage.review?.home ?? stage.phase;
  return stage.phase === "RECHECK" ? "SUMMARY" : stage.phase;
}

/** Whether the committee may ask, propose and vote in a stage. */
export function isAtWork(stage: StageView): boolean {
  return stage.review !== null && ["PRELIM", "DETAILED", "SUMMARY"].includes(homeOf(stage)) && stage.phase !== "RECHECK";
}

/** The stages whose scores lie open, also while they are looked over again. */
export function shownStages(view: View): readonly StageView[] {
  return view.stages.filter((stage) => ["SUMMARY", "RANKED"].includes(homeOf(stage)));
}

function waitsFor(kind: StageAct, stage: StageView, seat: string, seats: readonly string[], now: number): boolean {
  const { review } = stage;
  if (kind === "recheck") return stage.phase === "RECHECK";
  if (kind === "explain") return homeOf(stage) === "SUMMARY" && toExplain(stage, seat).length > 0;
  if (review === null || !isAtWork(stage)) return false;
  switch (kind) {
    case "vote":
      return votesFor(review, seat).length + votesToOpen(review, seat, seats, now).length > 0;
    case "close":
      return toClose(review).some((one) => one.seat === seat);
    case "mark":
      return homeOf(stage) === "PRELIM" && unmarkedBy(review, seat).length > 0;
    case "propose":
      return stage.phase === "PRELIM" && toPropose(review, seat).length > 0;
    default:
      return stage.phase === "PRELIM" && review.competition && review.votes.every((one) => one.bidder !== "");
  }
}

function scores(stage: StageView, seat: string): boolean {
  return homeOf(stage) === "DETAILED" && stage.sheets?.find((sheet) => sheet.seat === seat)?.sealed !== true;
}

/** A member's own points that lie too far from the others' and are not explained yet. */
export function toExplain(stage: StageView, seat: string): readonly Deviation[] {
  const found: Evaluation | null = evaluationOf(stage);
  return (found?.deviations ?? []).filter(
    (one) =>
      one.over &&
      one.seat === seat &&
      !(stage.turns?.explained ?? []).some((said) => said.seat === seat && said.bidder === one.bidder && said.criterion === one.criterion),
  );
}

/** Objective items on which members differ, as far as the member scored them. */
export function differing(stage: StageView, seat: string): readonly Mismatch[] {
  return (evaluationOf(stage)?.mismatches ?? []).filter((one) => one.scores[seat] !== undefined);
}

/** A member's mark as it stands, or as it is being changed. */
export function standing(stage: StageView, bidder: string, item: string, seat: string): string {
  return stage.review === null ? "" : (markBy(stage.review, { bidder, item }, seat)?.mark ?? "");
}

/** Whether a member has signed, dissented or been deemed to agree: nothing waits for them any more. */
function answered(view: View): boolean {
  const { signing, seat } = view;
  if (view.seats.find((one) => one.seat === seat)?.signed === true) return true;
  return signing !== null && (signing.dissents[seat] !== undefined || signing.refused.includes(seat));
}
