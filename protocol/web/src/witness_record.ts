/** A witness's record: the chain over what one seat has noted, worked out by the page itself (SPEC 13.1). */

import { type Bytes, concat, toBase64 } from "./bytes.ts";
import { sha256, tag, taggedDigest } from "./digest.ts";
import type { ObservationView } from "./generated/messages.ts";

/** The value of one observation that the chain is over. */
export function observationValue(session: string, one: ObservationView): Record<string, unknown> {
  const { entry, finding, item, media_offset_ms, noted_at, number, remark, seat, subject, venue } = one;
  const stage = { envelope: one.envelope, lot: one.lot, round: one.round };
  return { entry, finding, item, media_offset_ms, noted_at, number, remark, seat, session, stage, subject, venue };
}

export async function chained(before: Bytes, value: unknown): Promise<Bytes> {
  return sha256(concat(await tag("witness-record/v1"), before, await taggedDigest("observation/v1", value)));
}

/** The chain over a seat's observations in their order, as base64; null where some are not shown. */
export async function recordOf(session: string, seat: string, shown: readonly ObservationView[]): Promise<string | null> {
  const mine = shown.filter((one) => one.seat === seat);
  if (mine.some((one, index) => one.number !== index + 1)) return null;
  let chain: Bytes = new Uint8Array(32);
  for (const one of mine) chain = await chained(chain, observationValue(session, one));
  return toBase64(chain);
}
