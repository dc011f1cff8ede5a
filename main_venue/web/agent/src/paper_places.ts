/** Whose places the report has besides the members' (SPEC 29.6): what the agent may choose among, and how it is named. */

import type { SeatView, View } from "@tongchang/protocol/generated/messages.ts";

/** The seats that may be given a place, the tenderee's first. */
export function signsToo(view: View): SeatView[] {
  const of = (role: string) => view.seats.filter((seat) => seat.role === role);
  return [...of("tenderee"), ...of("witness")];
}

/** Who is given one: of those who are signed in every witness, and the tenderee where a person says so. */
export function firstPlaces(view: View, changed: Readonly<Record<string, boolean>>): string[] {
  return signsToo(view)
    .filter((seat) => seat.bound && (changed[seat.seat] ?? seat.role === "witness"))
    .map((seat) => seat.seat);
}

/** How the node is told (SPEC 29.7): seats parted by commas; a comma alone for nobody. */
export function namedPlaces(seats: readonly string[]): string {
  return seats.join(",") || ",";
}
