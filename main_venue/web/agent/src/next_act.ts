/** Which act the agent does next, which others are open too: read off the view. */

import type { ActView, RateView, Stage, StageView, View } from "@tongchang/protocol/generated/messages.ts";
import type { RoadAct3 } from "./road.ts";

/** The agent's acts on the main road, in order. */
export const ROAD = [
  "ImportCommittee", "ImportOpening", "DrawK", "OpenCheckIn", "LockRoster", "BeginPreliminary", "ImportPreliminary",
  "CloseScoring", "PublishTally", "ConfirmRanking", "BeginReport", "ImportReport", "SubmitReport", "ArchiveSession",
] as const;

export type RoadAct = (typeof ROAD)[number] | RoadAct3;

/** Acts whose content the node works out from the case that it keeps for the session. */
export const FROM_CASE: ReadonlySet<string> = new Set([
  "FreezePool", "DrawVenues", "DrawCommittee", "PublishDraw", "ImportCommittee", "ImportOpening", "ImportPreliminary", "RebuildCommittee", "OpenBids",
]);

/** Acts whose content the node works out from the record alone. */
export const FROM_RECORD: ReadonlySet<string> = new Set([
  "PublishTally", "ImportReport", "PublishItems", "BeginDrawK", "ConfirmPassing", "PrepareReport",
]);

export interface Possible {
  readonly act: ActView;
  readonly type: RoadAct;
  /** What stands in the way, as a guard says it; empty when nothing does. */
  readonly blocked: boolean;
}

export interface Choice {
  readonly next: Possible | null;
  readonly others: readonly Possible[];
}

/**
 * The next act and the others: whatever can be done now comes before what is still blocked, and
 * within both the road's order holds, so that one thing stands out at each moment.
 */
export function choice(view: View): Choice {
  const possible = view.acts
    .filter((act): act is ActView & { type: (typeof ROAD)[number] } => (ROAD as readonly string[]).includes(act.type))
    .filter((act) => act.type !== "DrawK" || undrawn(stageOf(view, act)).length > 0)
    .map((act): Possible => ({ act, type: act.type, blocked: act.code !== "" }))
    .sort((one, other) => Number(one.blocked) - Number(other.blocked) || placeOn(one) - placeOn(other));
  const [next, ...others] = possible;
  return { next: next ?? null, others };
}

function placeOn(one: Possible): number {
  return (ROAD as readonly string[]).indexOf(one.type);
}

export function stageOf(view: View, act: ActView): StageView | null {
  return view.stages.find((stage) => stage.lot === act.lot && stage.envelope === act.envelope) ?? null;
}

/** The rates of a stage's plan that are drawn in public and have no result yet. */
export function undrawn(stage: StageView | null): RateView[] {
  return (stage?.rates ?? []).filter((rate) => stage?.draws[rate.rate] === undefined);
}

export function placeOf(act: ActView): Stage {
  return { lot: act.lot, envelope: act.envelope, round: act.round };
}
