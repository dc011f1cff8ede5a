/** The agent's road under rules version 3: what is awaited of the agent comes first, by the view alone. */

import type { ActView, StageView, View } from "@tongchang/protocol/generated/messages.ts";
import { type Choice, type Possible, stageOf } from "./next_act.ts";

/** Acts without a form of their own, in order: the node works their content out, or there is none. */
export const ROAD_3 = [
  "FreezePool", "DrawVenues", "DrawCommittee", "ImportCommittee", "PublishItems", "OpenBids", "ImportOpening", "BeginDrawK", "OpenCheckIn",
  "PublishDraw", "OpenChairBallot", "LockRoster",
  "BeginPreliminary", "ConcludePreliminary", "CloseScoring", "EndRecheck", "PublishTally", "ConfirmPassing", "ConfirmRanking",
  "BeginReport", "ImportReport", "PrepareReport", "SubmitReport", "ArchiveSession", "Resume", "RebuildCommittee",
] as const;

export type RoadAct3 = (typeof ROAD_3)[number];

/** Acts that a person fills in: their cards stand below, and above all others while they are awaited. */
export const FORMS = [
  "AppointCustodians", "CheckBlindPart", "MarkItem", "AnswerClarification", "ExtendTime", "CallReplacement", "ReplaceMember", "BeginRecheck", "DeemAgreement",
  "RedrawCommittee",
] as const;

export type Form = (typeof FORMS)[number];

export interface Wanted {
  readonly act: string;
  readonly lot: string;
  readonly envelope: string;
}

/** What is awaited of the agent, in the order in which the road waits for it. */
export function wanted(view: View): readonly Wanted[] {
  return view.awaited.filter((one) => one.who === view.seat);
}

/** The form that is awaited before all else; null where the next act is one of the road, or nobody waits. */
export function formOf(view: View): (Wanted & { readonly act: Form }) | null {
  const [first] = wanted(view);
  return first !== undefined && (FORMS as readonly string[]).includes(first.act) ? (first as Wanted & { readonly act: Form }) : null;
}

/** The next act of the road and what else of it could be done now; of what is blocked only what is awaited. */
export function choice3(view: View): Choice {
  const due = wanted(view);
  const rank = (act: ActView): number => {
    const place = due.findIndex((one) => one.act === act.type && (act.lot === "" || (one.lot === act.lot && one.envelope === act.envelope)));
    return place === -1 ? due.length + (ROAD_3 as readonly string[]).indexOf(act.type) : place;
  };
  const awaited = (act: ActView): boolean => rank(act) < due.length;
  const possible = view.acts
    .filter((act) => (ROAD_3 as readonly string[]).includes(act.type) && sensible(view, act) && (awaited(act) || act.code === ""))
    .map((act): Possible => ({ act, type: act.type as RoadAct3, blocked: act.code !== "" }))
    .sort((one, other) => rank(one.act) - rank(other.act));
  const next = formOf(view) === null ? possible.find((one) => awaited(one.act)) : undefined;
  return { next: next ?? null, others: possible.filter((one) => one !== next) };
}

/** Whether an act that the phase allows would still change anything. */
function sensible(view: View, act: ActView): boolean {
  const stage = stageOf(view, act);
  switch (act.type) {
    case "FreezePool":
    case "DrawVenues":
    case "DrawCommittee":
    case "PublishDraw":
      return wanted(view).some((one) => one.act === act.type);
    case "PublishItems":
      return stage !== null && stage.review === null;
    case "BeginDrawK":
      return stage !== null && isLast(view, stage) && unbegun(stage);
    case "ConfirmRanking":
      return stage !== null && isLast(view, stage);
    case "ConfirmPassing":
      return stage !== null && stage.tally !== null && !isLast(view, stage);
    case "ImportOpening":
      return stage !== null && stage.ceremony === null && (view.path.includes("DRAWN") || view.phase !== "BOOKED");
    case "PrepareReport":
      return wanted(view).some((one) => one.act === act.type);
    case "OpenChairBallot":
      return view.committee !== null && view.committee.chair === "" && (view.committee.drawn || view.phase === "CHECKIN");
    default:
      return true;
  }
}

export function isLast(view: View, stage: StageView): boolean {
  const lot = view.stages.filter((one) => one.lot === stage.lot);
  return lot[lot.length - 1]?.envelope === stage.envelope;
}

function unbegun(stage: StageView): boolean {
  return (stage.rates ?? []).some(
    (rate) => stage.draws[rate.rate] === undefined && !stage.drawings.some((one) => one.rate === rate.rate),
  );
}
