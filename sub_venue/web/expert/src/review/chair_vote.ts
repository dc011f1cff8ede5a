/** A secret vote on the chair: what it commits to, and what opens it (SPEC 15.7). */

import { toBase64 } from "@tongchang/protocol/bytes.ts";
import { taggedDigest } from "@tongchang/protocol/digest.ts";
import { SALT_BYTES } from "@tongchang/protocol/generated/limits.ts";

/** 32 random bytes of this machine; kept with the draft until the vote is opened. */
export function newNonce(): string {
  return toBase64(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
}

export async function voteCommitment(session: string, ballot: number, seat: string, candidate: string, nonce: string): Promise<string> {
  return toBase64(await taggedDigest("chair-vote/v1", { ballot, candidate, nonce, seat, session }));
}
