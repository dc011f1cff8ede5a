/**
 * Where a session stands, in one line of steps: what happens now, who is awaited, what comes next.
 * The session's track and its stages' tracks are two; a person sees one road, on which the stage
 * that is furthest behind says where the session is.
 */

import type { Awaited, StageView, View } from "../generated/messages.ts";

const BEFORE = ["BOOKED", "DRAWN"] as const;
const AFTER = [
  "OPENED", "CHECKIN", "PRELIM", "DETAILED", "SCORES_OPENING", "SUMMARY", "REPORT_DRAFT", "SIGNING", "SUBMITTED", "ARCHIVED",
] as const;

/** How bids are opened in front of everyone: a road of its own within the road (rules version 4, SPEC 28). */
const CEREMONY = ["OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE"] as const;

/** The steps in order; each is named by the phase whose words it shows. */
export const STEPS = [...BEFORE, ...AFTER] as const;
const STEPS_WITH_CEREMONY = [...BEFORE, ...CEREMONY, ...AFTER] as const;

export type Step = (typeof STEPS_WITH_CEREMONY)[number];

/** A session's road: with the steps of its opening where it opens its bids itself. */
export function stepsOf(view: View): readonly Step[] {
  return view.stages.some((stage) => stage.ceremony !== null) ? STEPS_WITH_CEREMONY : STEPS;
}

const STAGE_ORDER = [
  "AWAITED", "OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE", "OPENED", "PRELIM", "DETAILED",
  "SCORES_SEALED", "SCORES_OPENING", "SUMMARY", "RANKED", "FAILED",
];

const STAGE_STEP: Readonly<Record<string, Step>> = {
  AWAITED: "PRELIM", OPENED: "PRELIM", PRELIM: "PRELIM", CLARIFYING: "PRELIM", REJECT_VOTE: "PRELIM",
  DETAILED: "DETAILED", SCORES_SEALED: "SCORES_OPENING", SCORES_OPENING: "SCORES_OPENING",
  SUMMARY: "SUMMARY", RECHECK: "SUMMARY", RANKED: "SUMMARY",
};

/** The step that a view stands at; null in the side states (suspended, void, failed). */
export function stepOf(view: View): Step | null {
  switch (view.phase) {
    case "BOOKED":
    case "CHECKIN":
    case "REPORT_DRAFT":
    case "SIGNING":
    case "SUBMITTED":
    case "ARCHIVED":
      return view.phase;
    case "DRAWN":
      return opening(view) ?? (view.stages.every((stage) => past(stage, "OPENED")) ? "OPENED" : "DRAWN");
    case "COMMITTEE_READY": {
      const behind = furthestBehind(view.stages);
      if (opening(view) !== null && behind?.phase !== "AWAITED") return opening(view);
      return behind === null ? "SUMMARY" : (STAGE_STEP[comesFrom(behind)] ?? null);
    }
    default:
      return null;
  }
}

/** The step of an opening that goes on, of the stage that is furthest behind in it; null where none does. */
function opening(view: View): Step | null {
  const now = view.stages.filter((stage) => (CEREMONY as readonly string[]).includes(stage.phase));
  return (furthestBehind(now)?.phase as Step | undefined) ?? null;
}

/** The step that is marked on the road: while an evaluation is suspended, the one at which it stands still. */
export function standsAt(view: View): Step | null {
  return stepOf(view.suspension === null ? view : { ...view, phase: view.suspension.phase });
}

/** A stage that stands aside for a question or a vote is where it came from. */
function comesFrom(stage: StageView): string {
  return (stage.phase === "CLARIFYING" || stage.phase === "REJECT_VOTE") && stage.review?.home === "DETAILED" ? "DETAILED" : stage.phase;
}

export function nextStep(step: Step | null, steps: readonly Step[] = STEPS): Step | null {
  return step === null ? null : (steps[steps.indexOf(step) + 1] ?? null);
}

/** The stage that the others wait for; null where there is none. */
export function furthestBehind(stages: readonly StageView[]): StageView | null {
  const order = (stage: StageView) => STAGE_ORDER.indexOf(stage.phase);
  return stages.reduce<StageView | null>(
    (behind, stage) => (behind === null || order(stage) < order(behind) ? stage : behind),
    null,
  );
}

/** Whether a stage has come to a phase of its main line, or past it. */
export function past(stage: StageView, phase: string): boolean {
  return STAGE_ORDER.indexOf(stage.phase) >= STAGE_ORDER.indexOf(phase);
}

export interface AwaitedGroup {
  readonly act: string;
  readonly who: readonly Awaited[];
}

/** Who is awaited, by what they are awaited for. */
export function awaitedGroups(awaited: readonly Awaited[]): AwaitedGroup[] {
  const groups = new Map<string, Awaited[]>();
  for (const one of awaited) groups.set(one.act, [...(groups.get(one.act) ?? []), one]);
  return Array.from(groups, ([act, who]) => ({ act, who }));
}
