/** The one thing that an expert can do now, or what the expert waits for. Read off the view alone. */

import { past } from "@tongchang/protocol/kit/progress.ts";
import type { SeatView, StageView, View } from "@tongchang/protocol/generated/messages.ts";

export type Task =
  | { readonly kind: "wait_opening" }
  | { readonly kind: "check_in" }
  | { readonly kind: "wait_roster" }
  | { readonly kind: "wait_scoring" }
  | { readonly kind: "score"; readonly stages: readonly StageView[] }
  | { readonly kind: "wait_others" }
  | { readonly kind: "wait_ranking" }
  | { readonly kind: "wait_report" }
  | { readonly kind: "sign" }
  | { readonly kind: "wait_end" }
  | { readonly kind: "done" }
  | { readonly kind: "reserve" }
  | { readonly kind: "stopped" };

export function taskOf(view: View): Task {
  const seat = ownSeat(view);
  if (seat?.reserve === true) return { kind: "reserve" };
  switch (view.phase) {
    case "DRAFT":
    case "BOOKED":
    case "DRAWN":
      return { kind: "wait_opening" };
    case "CHECKIN":
      return { kind: seat?.checked_in === true ? "wait_roster" : "check_in" };
    case "COMMITTEE_READY":
      return reviewing(view);
    case "REPORT_DRAFT":
      return { kind: "wait_report" };
    case "SIGNING":
      return { kind: seat?.signed === true ? "wait_end" : "sign" };
    case "SUBMITTED":
      return { kind: "wait_end" };
    case "ARCHIVED":
      return { kind: "done" };
    default:
      return { kind: "stopped" };
  }
}

/** Whether documents stand beside a task: from the check-in's end until the evaluation is over. */
export function readsNow(task: Task): boolean {
  return !["wait_opening", "check_in", "reserve", "stopped", "done"].includes(task.kind);
}

export function ownSeat(view: View): SeatView | undefined {
  return view.seats.find((seat) => seat.seat === view.seat);
}

/** The stages whose scores lie open to the committee. */
export function openedStages(view: View): readonly StageView[] {
  return view.stages.filter((stage) => stage.phase !== "FAILED" && past(stage, "SUMMARY"));
}

function reviewing(view: View): Task {
  const mine = view.stages.filter((stage) => stage.phase === "DETAILED" && !sealed(view, stage));
  if (mine.length > 0) return { kind: "score", stages: mine };
  const going = view.stages.filter((stage) => stage.phase !== "FAILED" && stage.phase !== "RANKED");
  if (going.some((stage) => ["DETAILED", "SCORES_SEALED", "SCORES_OPENING"].includes(stage.phase))) {
    return { kind: "wait_others" };
  }
  if (going.some((stage) => stage.phase === "SUMMARY")) return { kind: "wait_ranking" };
  return { kind: going.length > 0 ? "wait_scoring" : "wait_report" };
}

function sealed(view: View, stage: StageView): boolean {
  return stage.sheets?.find((sheet) => sheet.seat === view.seat)?.sealed === true;
}

/** Whom a member waits for who has sealed: other members, the agent who closes scoring, or the venues that open. */
export function waitedFor(view: View): "text" | "close" | "opening" {
  const going = view.stages.filter((stage) => ["DETAILED", "SCORES_SEALED", "SCORES_OPENING"].includes(stage.phase));
  const scored = going.filter((stage) => stage.phase === "DETAILED");
  if (scored.length === 0) return "opening";
  return scored.every((stage) => (stage.sheets ?? []).every((sheet) => sheet.sealed)) ? "close" : "text";
}
