/** What a view says of an opening, in the shape in which desks show it and act on it (SPEC 28). */

import { fromBase64, toHex } from "../bytes.ts";
import type { BidderStageView, CeremonyView, EscrowView, HeldSheetView, PaperView, SealedBidView, StageView, View } from "../generated/messages.ts";

/** The phases of a stage in which its bids are being opened in front of everyone. */
export const OPENING_PHASES: readonly string[] = ["OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE", "OPENED"];

/** Whether a session runs under rules version 3 or a later one: committee, review and turns are its own. */
export function isGrown(view: View): boolean {
  return Number(view.rules_version) >= 3;
}

/** The stages whose opening is to be shown: from the custodians' appointment until the review begins. */
export function openings(view: View): StageView[] {
  return view.stages.filter((stage) => stage.ceremony !== null && (stage.phase === "AWAITED" || OPENING_PHASES.includes(stage.phase)));
}

export function releasedCount(ceremony: CeremonyView): number {
  return ceremony.bids.filter((bid) => bid.released).length;
}

/** Bids that are open, and those of which it is recorded why they are not. */
export function openedCount(ceremony: CeremonyView): { readonly opened: number; readonly failed: number } {
  return {
    opened: ceremony.bids.filter((bid) => bid.result === "opened").length,
    failed: ceremony.bids.filter((bid) => bid.failure !== null).length,
  };
}

/** Whether the bidders' window may be closed now; else what stands in the way. */
export function closing(ceremony: CeremonyView, now: number | null): "open" | "nothing" | "early" {
  const released = releasedCount(ceremony);
  if (released === 0) return "nothing";
  if (released === ceremony.bids.length || (now !== null && now > ceremony.until)) return "open";
  return "early";
}

/** Bids of which somebody still has to say why they were not opened. */
export function unaccounted(ceremony: CeremonyView, phase: string): SealedBidView[] {
  if (phase !== "CUSTODIANS_RELEASE") return [];
  return ceremony.bids.filter((bid) => bid.failure === null && (!bid.released || (bid.result !== "" && bid.result !== "opened")));
}

/** The reasons that fit what the record says of a bid; what it says itself comes first. */
export function reasonsFor(bid: SealedBidView): string[] {
  if (!bid.released) return ["not_released", "bidder_key_lost", "platform", "other"];
  const found = ["release_false", "dealer_fault", "container_broken"];
  return [...found.filter((one) => one === bid.result), ...found.filter((one) => one !== bid.result), "platform", "other"];
}

export type OwnBid = "unlisted" | "received" | "release" | "missed" | "done" | "opened" | "failed";

/** Where a bidder's own bid is in the opening, and so what its bidder is told to do. */
export function ownBid(stage: BidderStageView, ceremony: CeremonyView, bidder: string, now: number | null): OwnBid {
  const own = ceremony.bids.find((bid) => bid.bidder === bidder);
  if (own === undefined) return "unlisted";
  if (own.failure !== null) return "failed";
  if (stage.phase === "OPENED") return "opened";
  if (own.released) return "done";
  if (stage.phase !== "BIDDERS_RELEASE" || (now !== null && now > ceremony.until)) return "missed";
  return ceremony.waits === "" ? "release" : "received";
}

/** Scoring is closed, and no score is shown yet. */
export const SCORES_CLOSED: readonly string[] = ["SCORES_SEALED", "SCORES_OPENING"];

/** Whether a member's sealed scores are complete with the custodians, and not open yet. */
export function isHeld(stage: StageView, seat: string): boolean {
  const { escrow, phase } = stage;
  const own = escrow?.sheets.find((sheet) => sheet.seat === seat);
  if (escrow === null || own === undefined || !isComplete(escrow, own)) return false;
  return phase === "DETAILED" || SCORES_CLOSED.includes(phase);
}

/** Whether a member's line on who holds the sheet is due: until all are open, and later where custodians had to release. */
export function tellsHeld(stage: StageView, seat: string): boolean {
  if (stage.escrow === null) return false;
  const released = stage.escrow.sheets.some((sheet) => sheet.seat === seat && sheet.released.length > 0);
  return released || stage.phase === "DETAILED" || SCORES_CLOSED.includes(stage.phase);
}

export function isComplete(escrow: EscrowView, sheet: HeldSheetView): boolean {
  return sheet.acknowledged.length >= escrow.threshold;
}

/** Whether a place of the report need not be signed: its member dissented, or is deemed to agree. */
export function isExcused(view: View, seat: string): boolean {
  const { signing } = view;
  return signing !== null && (signing.dissents[seat] !== undefined || signing.deemed.includes(seat));
}

/** The place of a seat that is still to be signed; null where it has none, or nothing more to do. */
export function ownPlace(view: View): PaperView["places"][number] | null {
  const place = view.paper?.places.find((one) => one.seat === view.seat) ?? null;
  return place === null || place.signed !== "" || isExcused(view, view.seat) ? null : place;
}

/** A digest as the UKey program and every command line show it: all of it, hexadecimal. */
export function digestText(digest: string): string {
  return toHex(fromBase64(digest));
}

/** The first letters of a digest, by which people compare two by eye. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12);
}
