/** A secret vote on a rejection: what it commits to (SPEC 16.4). */

import { toBase64 } from "@tongchang/protocol/bytes.ts";
import { taggedDigest } from "@tongchang/protocol/digest.ts";
import type { CastVote, Stage } from "@tongchang/protocol/generated/messages.ts";

export interface SecretVote extends CastVote {
  readonly nonce: string;
  readonly seat: string;
  readonly session: string;
  readonly stage: Stage;
}

export async function rejectionCommitment(vote: SecretVote): Promise<string> {
  return toBase64(await taggedDigest("rejection-vote/v1", { ...vote }));
}
