/** Which records of other venues one's own venue may still answer, and by which digit; read off the view alone. */

import type { View, WitnessRecordView } from "@tongchang/protocol/generated/messages.ts";

/** Signed elsewhere and not accepted by this venue: unanswered, or an objection of ours that stands. */
export function unanswered(view: View, own: string): readonly WitnessRecordView[] {
  return view.witness_records.filter(
    (one) => one.signed && one.venue !== own && !one.answers.some((said) => said.venue === own && said.verdict === "accepted"),
  );
}

/** The digit that accepts a seat's record; empty where there is nothing to accept, or no digit is left. */
export function numberOf(open: readonly WitnessRecordView[], seat: string): string {
  const at = open.findIndex((one) => one.seat === seat);
  return at < 0 ? "" : String(at + 1);
}
