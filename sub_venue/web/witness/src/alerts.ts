/** What a witness should look at, read off the view and the lines alone; each with the item that notes it. */

import type { AlertView, Line, StageView, View } from "@tongchang/protocol/generated/messages.ts";
import { evaluationOf } from "@tongchang/protocol/kit/results.ts";

export type AlertKind =
  | "overrun" | "refusal" | "line_cut" | "fault" | "deviation" | "mismatch" | "witness"
  | "BidsFew" | "BidsRejected" | "Objection" | "RateWithheld"
  | "SeatRebound" | "LineSilent" | "Recusal"
  | "Suspended" | "CommitteeVoid" | "MilestoneOwed";

/** Of the record's own alerts, in the four groups, those that a witness notes, each with the item that notes it. */
const OF_RECORD: Readonly<Partial<Record<AlertView["kind"], { readonly kind: AlertKind; readonly item: string }>>> = {
  MilestoneOwed: { kind: "MilestoneOwed", item: "step_late" },
  Suspended: { kind: "Suspended", item: "system_fault" },
  CommitteeVoid: { kind: "CommitteeVoid", item: "out_of_order" },
  BidsFew: { kind: "BidsFew", item: "other" },
  BidsRejected: { kind: "BidsRejected", item: "other" },
  Objection: { kind: "Objection", item: "objection_raised" },
  RateWithheld: { kind: "RateWithheld", item: "draw_faulty" },
  SeatRebound: { kind: "SeatRebound", item: "seat_swapped" },
  LineSilent: { kind: "LineSilent", item: "line_cut" },
  Recusal: { kind: "Recusal", item: "other" },
};

/** One alert: of a kind, about a seat or venue, by the entry that shows it (0 for none). */
export interface Alert {
  readonly kind: AlertKind;
  readonly item: string;
  readonly subject: string;
  readonly entry: number;
  readonly at: number;
}

export function alertsOf(view: View, lines: readonly Line[], online: boolean, own: string): readonly Alert[] {
  const found: Alert[] = [];
  if (!online) found.push({ kind: "line_cut", item: "line_cut", subject: own, entry: 0, at: 0 });
  for (const stage of view.stages) found.push(...ofStage(stage));
  for (const line of lines) {
    if (line.type === "NoteRefusal") found.push({ kind: "refusal", item: "out_of_order", subject: "", entry: line.seq, at: line.at });
  }
  for (const one of view.alerts) {
    const told = OF_RECORD[one.kind];
    if (told === undefined || one.until > 0 || (told.kind === "LineSilent" && one.venues[0] === own)) continue;
    found.push({ ...told, subject: one.seats[0] ?? one.venues[0] ?? "", entry: Math.max(0, one.seq), at: one.since });
  }
  for (const one of view.observations) {
    if (one.finding === "irregular" && one.seat !== view.seat) {
      found.push({ kind: "witness", item: one.item, subject: one.subject, entry: one.seq, at: one.at });
    }
  }
  return found;
}

function ofStage(stage: StageView): Alert[] {
  const found: Alert[] = stage.overrun.map((seat) => ({ kind: "overrun", item: "step_late", subject: seat, entry: 0, at: 0 }));
  for (const sheet of stage.sheets ?? []) {
    if (sheet.tried === "fault") found.push({ kind: "fault", item: "system_fault", subject: sheet.seat, entry: 0, at: 0 });
  }
  const evaluation = evaluationOf(stage);
  const far = new Set((evaluation?.deviations ?? []).filter((one) => one.over).map((one) => one.seat));
  for (const seat of far) found.push({ kind: "deviation", item: "score_abnormal", subject: seat, entry: 0, at: 0 });
  if ((evaluation?.mismatches.length ?? 0) > 0) {
    found.push({ kind: "mismatch", item: "objective_differs", subject: "", entry: 0, at: 0 });
  }
  return found;
}

/** The name of an alert, so that one that was noted or put aside is known again. */
export function alertKey(one: Alert): string {
  return [one.kind, one.subject, one.entry].join("/");
}
