/** What a seat reads off its talk-room: whether it may speak, whose hand is up, who calls. Pure (SPEC 30.7 to 30.9). */

import type { HelpCall, Intercom, TalkRoom } from "../generated/messages.ts";

export type Standing = "closed" | "may" | "muted" | "quiet";

/** Whether a member may speak now, and why not. */
export function standingOf(room: TalkRoom, seat: string): Standing {
  if (!room.open) return "closed";
  if (room.speaks.includes(seat)) return "may";
  return room.muted.includes(seat) ? "muted" : "quiet";
}

/** A seat's place among the raised hands, from 1; 0 where its hand is down. */
export function handOf(room: TalkRoom, seat: string): number {
  return room.hands.indexOf(seat) + 1;
}

/** The calls that wait for somebody, the oldest first. */
export function waitingCalls(room: TalkRoom): readonly HelpCall[] {
  return room.calls.filter((one) => one.answered_by === "").toSorted((a, b) => a.at - b.at);
}

/** A seat's own call, answered or not. */
export function ownCall(room: TalkRoom, seat: string): HelpCall | null {
  return room.calls.find((one) => one.seat === seat) ?? null;
}

/** The line on which a seat is: the one that it opened, else one to its place. */
export function lineOf(room: TalkRoom, seat: string, venue: string): Intercom | null {
  return room.intercoms.find((one) => one.seat === seat) ?? room.intercoms.find((one) => one.venue === venue) ?? null;
}
