/** Acts that the node completes: the page says what is meant, the node adds what nobody here chooses. */

import { decode, encode } from "@tongchang/protocol/canonical.ts";
import { SESSION_STAGE } from "@tongchang/protocol/command.ts";
import type { Answer, Anew, CallReplacement, Contents, Leaving, View } from "@tongchang/protocol/generated/messages.ts";
import type { AtDesk } from "@tongchang/protocol/kit/desk.ts";

/** What is meant, by the act: of a replacement who leaves, never who follows where somebody was drawn. */
export interface Meant {
  readonly CallReplacement: CallReplacement;
  readonly ReplaceMember: Leaving;
  readonly RedrawCommittee: Anew;
}

/** Has the node complete what is meant, and signs what it gave. */
export async function enter<T extends keyof Meant>({ desk }: AtDesk, type: T, meant: Meant[T]): Promise<Answer> {
  const prepared = await desk.prepare(type, SESSION_STAGE, encode(meant));
  return desk.act(type, decode(prepared.content) as Contents[T], prepared.stage, { disclosures: prepared.disclosures });
}

/**
 * The drawn seats whose person may be followed by the next of the order on the same seat: nobody knows yet who it
 * is, or whoever it is has not checked in, or recused before the roster is locked. Those who recused come first.
 */
export function callable(view: View): readonly string[] {
  const drawn = view.draw?.seats ?? [];
  if (view.draw === null || view.draw.seed === "") return drawn;
  const { recused = {}, replaced = {} } = view.committee ?? {};
  const may = view.seats.filter(
    (seat) =>
      drawn.includes(seat.seat) && replaced[seat.seat] === undefined && (!seat.checked_in || (view.phase === "CHECKIN" && recused[seat.seat] !== undefined)),
  );
  const [gone, others] = [may.filter((seat) => recused[seat.seat] !== undefined), may.filter((seat) => recused[seat.seat] === undefined)];
  return [...gone, ...others].map((seat) => seat.seat);
}
