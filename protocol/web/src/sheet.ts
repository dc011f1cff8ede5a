/**
 * An expert's scores of one stage: the draft that grows, and the opening that is committed.
 * The commitment is the very one of protocol/hidden.py (SPEC 6).
 */

import { type Bytes, toBase64 } from "./bytes.ts";
import { taggedDigest } from "./digest.ts";
import type { BidView, CriterionView, Opening, Stage } from "./generated/messages.ts";
import { SALT_BYTES } from "./generated/limits.ts";

/** `bidder → criterion → points_centi`, gaps allowed. */
export type Scores = Record<string, Record<string, number>>;

export interface Cell {
  readonly bidder: string;
  readonly criterion: string;
}

/** The cells that still lack points, bid by bid in the sheet's order. */
export function blanks(
  bids: readonly BidView[],
  criteria: readonly CriterionView[],
  scores: Scores,
): Cell[] {
  return bids.flatMap((bid) =>
    criteria
      .filter((criterion) => scores[bid.bidder]?.[criterion.criterion] === undefined)
      .map((criterion) => ({ bidder: bid.bidder, criterion: criterion.criterion })),
  );
}

/** A bid's points so far, over all items or those of one group; whole numbers, summed exactly. */
export function total(
  criteria: readonly CriterionView[],
  row: Record<string, number> | undefined,
  group?: string,
): number {
  return criteria
    .filter((criterion) => group === undefined || criterion.group === group)
    .reduce((sum, criterion) => sum + (row?.[criterion.criterion] ?? 0), 0);
}

/** The opening of a complete sheet; its nonce is made here, on the author's machine. */
export function open(
  session: string,
  stage: Stage,
  expert: string,
  bids: readonly string[],
  scores: Scores,
  nonce: Bytes = crypto.getRandomValues(new Uint8Array(SALT_BYTES)),
): Opening {
  return { session, stage, expert, bids: [...bids], scores, nonce: toBase64(nonce) };
}

/** SHA-256 over the tag `sheet/v1` and the canonical opening. */
export function commitment(opening: Opening): Promise<Bytes> {
  return taggedDigest("sheet/v1", opening);
}
