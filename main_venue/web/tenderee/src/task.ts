/** The one thing that the tenderee does now at each opening, or what is waited for; read off the view alone. */

import { past } from "@tongchang/protocol/kit/progress.ts";
import type { BidView, StageView, View } from "@tongchang/protocol/generated/messages.ts";

export type Task =
  | { readonly kind: "old" }
  | { readonly kind: "wait_opening" }
  | { readonly kind: "opening" }
  | { readonly kind: "preside"; readonly stages: readonly StageView[] }
  | { readonly kind: "wait_review" }
  | { readonly kind: "wait_ranking" }
  | { readonly kind: "wait_report" }
  | { readonly kind: "done" }
  | { readonly kind: "stopped" };

export function taskOf(view: View): Task {
  if (["SUSPENDED", "COMMITTEE_VOID", "FAILED"].includes(view.phase)) return { kind: "stopped" };
  if (view.phase === "ARCHIVED") return { kind: "done" };
  if (view.stages.length === 0 || view.stages.every((stage) => stage.phase === "AWAITED")) return { kind: "wait_opening" };
  if (view.stages.some((stage) => ["OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE"].includes(stage.phase))) return { kind: "opening" };
  const open = view.stages.filter((stage) => stage.phase === "OPENED");
  if (open.length > 0 && view.rules_version === "1") return { kind: "old" };
  const mine = open.filter((stage) => !stage.opening_signed.includes(view.seat));
  if (mine.length > 0) return { kind: "preside", stages: mine };
  if (view.phase === "REPORT_DRAFT" || view.phase === "SIGNING" || view.phase === "SUBMITTED") return { kind: "wait_report" };
  const ranking = view.stages.every((stage) => stage.phase === "FAILED" || past(stage, "SCORES_SEALED"));
  return { kind: ranking ? "wait_ranking" : "wait_review" };
}

/** The bid that is to be read out next, and its place among all; null when all are. */
export function nextBid(stage: StageView): { readonly bid: BidView; readonly number: number; readonly of: number } | null {
  const bids = stage.bids ?? [];
  const bid = bids.find((one) => !one.read_out);
  if (bid === undefined) return null;
  return { bid, number: bids.filter((one) => one.read_out).length + 1, of: bids.length };
}
