/** The sheet that counts: what a member sealed, with their corrections laid over it in the record's order (SPEC 17.1). */

import type { StageView } from "@tongchang/protocol/generated/messages.ts";

/** A seat's counting points for an item of a bid, in hundredths; null where they are not shown. */
export function countingPoints(stage: StageView, seat: string, bidder: string, criterion: string): number | null {
  const sealed = stage.sheets?.find((one) => one.seat === seat)?.scores?.[bidder]?.[criterion] ?? null;
  const corrected = (stage.turns?.corrections ?? [])
    .filter((one) => one.seat === seat)
    .map((one) => one.scores?.[bidder]?.[criterion])
    .filter((one) => one !== undefined);
  return corrected.at(-1) ?? sealed;
}
