/** The session's venues by province, as tiles and as counts. */

import type { AlertView, SeatCounts, VenueView, View } from "@tongchang/protocol/generated/messages.ts";
import type { LitTile } from "@tongchang/protocol/kit/TileMap.vue";
import { goingOn } from "./alerts.ts";

export interface Place {
  readonly province: string;
  readonly venues: readonly VenueView[];
}

/** Provinces in the order of the session's venues, the main venue's first. */
export function places(view: View): Place[] {
  const found = new Map<string, VenueView[]>();
  const main = [...view.venues].sort((a, b) => Number(b.role === "main") - Number(a.role === "main"));
  for (const venue of main) found.set(venue.province, [...(found.get(venue.province) ?? []), venue]);
  return [...found].map(([province, venues]) => ({ province, venues }));
}

/** How many of the committee's seats of a venue have checked in, of how many. */
export function present(venue: VenueView): { here: number; seats: number } {
  const experts = venue.counts.find((one) => one.role === "expert");
  return { here: experts?.checked_in ?? 0, seats: experts?.seats ?? 0 };
}

export interface Count {
  readonly done: number;
  readonly of: number;
}

/** How far the committee of a session is, over all venues and stages: counts, never values. */
export function countsOver(view: View): { checkedIn: Count; sealed: Count; signed: Count } {
  const experts = view.venues.flatMap((venue) => venue.counts).filter((one) => one.role === "expert");
  const sum = (of: "seats" | "checked_in" | "signed") => experts.reduce((total, one) => total + one[of], 0);
  const over = (of: "sealed_count" | "sealed_expected") => view.stages.reduce((total, one) => total + one[of], 0);
  return {
    checkedIn: { done: sum("checked_in"), of: sum("seats") },
    sealed: { done: over("sealed_count"), of: over("sealed_expected") },
    signed: { done: sum("signed"), of: sum("seats") },
  };
}

/** A silent line is the worst; then any alert that goes on; then all is well, as far as is known. */
export function markOf(place: Place, alerts: readonly AlertView[]): LitTile["mark"] {
  if (place.venues.some((venue) => venue.line === "down")) return "bad";
  const here = place.venues.map((venue) => venue.venue);
  if (goingOn(alerts).some((one) => one.venues.some((venue) => here.includes(venue)))) return "warn";
  return place.venues.every((venue) => venue.line === "up") ? "good" : "plain";
}

const ORDER = ["agent", "tenderee", "expert", "witness", "supervisor", "keeper"];

export function countsOf(venue: VenueView): SeatCounts[] {
  return [...venue.counts].sort((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role));
}
