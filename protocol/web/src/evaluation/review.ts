/** What a review says, put in the shape in which pages show it: pure, off the view alone (SPEC 16). */

import { COMPETITION, GROUNDS, type Ground, LACK_OF_COMPETITION } from "../generated/grounds.ts";
import type { ClarificationView, MarkView, Regime, ReviewView, SeatView, StageView, View, VoteView } from "../generated/messages.ts";

export const VERDICTS = ["pass", "minor", "material"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** One item of one bid. */
export interface Spot {
  readonly bidder: string;
  readonly item: string;
}

/** The seats whose acts count: experts who sit, without reserves and those who were replaced. */
export function sitting(view: View): readonly SeatView[] {
  const replaced = view.committee?.replaced ?? {};
  return view.seats.filter((seat) => seat.role === "expert" && !seat.reserve && replaced[seat.seat] === undefined);
}

/** Every seat's mark on an item of a bid, in the order of the seats. */
export function marksOf(review: ReviewView, at: Spot): readonly (readonly [string, MarkView])[] {
  return Object.entries(review.marks[at.bidder]?.[at.item] ?? {}).sort(([one], [other]) => one.localeCompare(other));
}

export function markBy(review: ReviewView, at: Spot, seat: string): MarkView | null {
  return review.marks[at.bidder]?.[at.item]?.[seat] ?? null;
}

/** How many seats found what on an item of a bid. */
export function markCounts(review: ReviewView, at: Spot): Record<Verdict, number> {
  const found = marksOf(review, at).map(([, one]) => one.mark);
  const count = (verdict: Verdict): number => found.filter((one) => one === verdict).length;
  return { pass: count("pass"), minor: count("minor"), material: count("material") };
}

/** The gravest that anybody found, or null while nobody has marked. */
export function gravest(review: ReviewView, at: Spot): Verdict | null {
  const counts = markCounts(review, at);
  return [...VERDICTS].reverse().find((verdict) => counts[verdict] > 0) ?? null;
}

/** What a member has still to mark, bid by bid. */
export function unmarkedBy(review: ReviewView, seat: string): readonly Spot[] {
  const items = review.items.filter((item) => item.by === "committee");
  return review.going_on.flatMap((bidder) =>
    items.map((item) => ({ bidder, item: item.item })).filter((at) => markBy(review, at, seat) === null),
  );
}

/** Material deviations that a member found and nobody has closed a vote on: the asking is theirs (SPEC 16.5). */
export function toPropose(review: ReviewView, seat: string): readonly (Spot & { readonly ground: string })[] {
  return review.going_on.flatMap((bidder) =>
    review.items
      .map((item) => ({ bidder, item: item.item, ground: item.ground }))
      .filter((at) => markBy(review, at, seat)?.mark === "material" && voteOn(review, at.bidder, at.ground) === null),
  );
}

export function voteOn(review: ReviewView, bidder: string, ground: string): VoteView | null {
  return review.votes.find((one) => one.bidder === bidder && one.ground === ground) ?? null;
}

/** Open votes that a seat has still to vote in; a secret one that it has sealed waits for its opening. */
export function votesFor(review: ReviewView, seat: string): readonly VoteView[] {
  return review.votes.filter((one) => !one.closed && one.ballots[seat] === undefined && !one.sealed.includes(seat));
}

/** Secret votes that a seat has sealed and has to open now: all are in, or the time is over (SPEC 16.4). */
export function votesToOpen(review: ReviewView, seat: string, seats: readonly string[], now: number): readonly VoteView[] {
  return review.votes.filter(
    (one) =>
      !one.closed &&
      one.sealed.includes(seat) &&
      one.ballots[seat] === undefined &&
      (now >= one.due_at || seats.every((other) => one.sealed.includes(other) || one.ballots[other] !== undefined)),
  );
}

/** Questions that were answered or refused and that a member has still to close. */
export function toClose(review: ReviewView): readonly ClarificationView[] {
  return review.clarifications.filter((one) => one.result === "" && one.answered);
}

export interface Counted {
  readonly yes: number;
  readonly no: number;
  readonly abstain: number;
  readonly missing: readonly string[];
  readonly size: number;
  /** What comes out whatever those say who have not voted; null while that is open. */
  readonly certain: "rejected" | "kept" | null;
}

/** A vote as it stands: more than half of all members reject (87号令 61). */
export function counted(vote: VoteView, seats: readonly string[]): Counted {
  const given = seats.map((seat) => vote.ballots[seat]?.choice ?? "");
  const count = (choice: string): number => given.filter((one) => one === choice).length;
  const missing = seats.filter((seat) => vote.ballots[seat] === undefined);
  const yes = count("yes");
  const size = seats.length;
  const certain = 2 * yes > size ? "rejected" : 2 * (yes + missing.length) <= size ? "kept" : null;
  return { yes, no: count("no"), abstain: count("abstain"), missing, size, certain };
}

/** The seats that voted other than the vote came out; their reasons are kept. */
export function dissenting(vote: VoteView): readonly string[] {
  if (!vote.closed) return [];
  const against = vote.rejected ? "no" : "yes";
  return Object.keys(vote.ballots).filter((seat) => vote.ballots[seat]?.choice === against).sort();
}

/** The words of a ground; a code that this page does not know stands for itself. */
export function groundOf(regime: Regime, code: string): Ground {
  if (code === COMPETITION) return LACK_OF_COMPETITION;
  return GROUNDS[regime]?.[code] ?? { zh: code, en: code, explain: false };
}

/** Grounds that may be proposed, those of the items first where a bid has failed them. */
export function groundsFor(regime: Regime): readonly (readonly [string, Ground])[] {
  return Object.entries(GROUNDS[regime] ?? {});
}

/** Whether a bidder was asked to explain its price, and that question is closed. */
export function explainedPrice(review: ReviewView, bidder: string): boolean {
  return review.clarifications.some((one) => one.bidder === bidder && one.purpose === "low_price" && one.result !== "");
}

/** A bid by its neutral code, and by its name once the rules show it. */
export function bidName(stage: StageView, bidder: string): string {
  const bid = (stage.bids ?? []).find((one) => one.bidder === bidder);
  if (bid === undefined) return bidder;
  return bid.name === null ? bid.code : `${bid.code} · ${bid.name}`;
}

/** The words of a scored item, or of the group of items that a tally looks at as one; null where there is none. */
export function itemWords(stage: StageView, criterion: string): { readonly zh: string; readonly en: string } | null {
  const criteria = stage.criteria ?? [];
  const item = criteria.find((one) => one.criterion === criterion);
  if (item !== undefined) return item;
  const group = criteria.find((one) => one.group === criterion || one.group.startsWith(`${criterion}/`));
  return group === undefined ? null : { zh: group.group_zh, en: group.group_en };
}

/** What an arithmetic check comes to (protocol/methods/arithmetic_check.py). */
export interface Correction {
  readonly schedule: Schedule;
  readonly proposals: readonly Proposal[];
  readonly corrected: string;
}

export interface Schedule {
  readonly read_out: string;
  readonly total: string;
  readonly words: string;
  readonly yuan_per_unit: string;
  readonly places: number;
  readonly lines: readonly ScheduleLine[];
}

export interface ScheduleLine {
  readonly line: string;
  readonly quantity: string;
  readonly unit_price: string;
  readonly total: string;
}

export interface Proposal {
  readonly step: "read_out" | "words" | "decimal_point" | "unit_price" | "sum";
  readonly line: string;
  readonly before: string;
  readonly after: string;
  readonly working: string;
}

export function correctionOf(text: string | null): Correction | null {
  return text === null ? null : (JSON.parse(text) as Correction);
}
