/**
 * The newest signed head of a session's log as the coordinator tells it, and the policy by which this page goes:
 * the bidder's own where it brought one, else the first that it was told (SPEC 10.3).
 */

import { type HeadTold, type Refused, WIRE } from "@tongchang/protocol/generated/messages.ts";
import { NoteFault } from "@tongchang/protocol/ledger/note.ts";
import { readPolicy } from "@tongchang/protocol/ledger/policy.ts";
import { LineFault, RefusedError } from "@tongchang/protocol/link/socket.ts";

const OWN = "tongchang.policy.own.";
const FIRST = "tongchang.policy.first.";

/** By whose policy heads are judged: as the coordinator told it, or from a file of the bidder's own. */
export type PolicyOf = "told" | "own";

export function policyOf(session: string): PolicyOf {
  return localStorage.getItem(OWN + session) === null ? "told" : "own";
}

/** Goes by a policy that somebody else handed over, from now on. Throws `NoteFault` for what is none. */
export async function trustOwn(session: string, text: string): Promise<void> {
  await readPolicy(text);
  localStorage.setItem(OWN + session, text);
}

/** Throws `LineFault` where nobody answers, `RefusedError`, and `NoteFault` for another policy than the first. */
export async function newestHead(ask: (path: string) => Promise<Response>): Promise<HeadTold> {
  let told: HeadTold | { refused: Refused };
  try {
    told = (await (await ask(WIRE.BIDDER_HEAD)).json()) as typeof told;
  } catch (error) {
    throw new LineFault(String(error));
  }
  if ("refused" in told) throw new RefusedError(told.refused);
  if (told.checkpoint === "") return told;
  const own = localStorage.getItem(OWN + told.session);
  if (own !== null) return { ...told, policy: own };
  const first = localStorage.getItem(FIRST + told.session);
  if (first === null) localStorage.setItem(FIRST + told.session, told.policy);
  else if (first !== told.policy) throw new NoteFault("another policy than before");
  return told;
}
