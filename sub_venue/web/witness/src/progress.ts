/** How far every seat of every venue is, and for what it is awaited; read off the view alone. */

import type { SeatView, StageView, View } from "@tongchang/protocol/generated/messages.ts";

export type Mark = "yes" | "no" | "none";

/** One seat: what is done (`none` where it has nothing to do there) and the acts that are awaited of it. */
export interface SeatProgress {
  readonly seat: SeatView;
  readonly bound: Mark;
  readonly checked: Mark;
  readonly sealed: Mark;
  readonly signed: Mark;
  readonly awaited: readonly string[];
}

export interface VenueProgress {
  readonly venue: string;
  readonly main: boolean;
  readonly own: boolean;
  readonly behind: number;
  readonly seats: readonly SeatProgress[];
}

/** Every venue, one's own first, with its members first and its staff after them. */
export function progressOf(view: View): readonly VenueProgress[] {
  const own = ownVenue(view);
  const venues = view.venues.map((venue) => {
    const here = view.seats.filter((seat) => seat.venue === venue.venue && !seat.reserve);
    const seats = [...here].sort((one, other) => Number(other.role === "expert") - Number(one.role === "expert"));
    const rows = seats.map((seat) => ofSeat(view, seat));
    const behind = rows.filter((row) => row.awaited.length > 0).length;
    return { venue: venue.venue, main: venue.role === "main", own: venue.venue === own, behind, seats: rows };
  });
  return venues.sort((one, other) => Number(other.own) - Number(one.own));
}

export function ownVenue(view: View): string {
  return view.seats.find((seat) => seat.seat === view.seat)?.venue ?? "";
}

function ofSeat(view: View, seat: SeatView): SeatProgress {
  const member = seat.role === "expert";
  const scoring = view.stages.filter((stage) => stage.sheets !== null);
  const mark = (done: boolean): Mark => (done ? "yes" : "no");
  return {
    seat,
    bound: mark(seat.bound),
    checked: member ? mark(seat.checked_in) : "none",
    sealed: member && scoring.length > 0 ? mark(scoring.every((stage) => isSealed(stage, seat.seat))) : "none",
    signed: member && ["SIGNING", "SUBMITTED", "ARCHIVED"].includes(view.phase) ? mark(seat.signed) : "none",
    awaited: [...view.awaited, ...view.outstanding].filter((one) => one.who === seat.seat).map((one) => one.act),
  };
}

function isSealed(stage: StageView, seat: string): boolean {
  return stage.sheets?.some((sheet) => sheet.seat === seat && sheet.sealed) === true;
}
