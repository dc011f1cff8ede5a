/** Whom a venue's witness or keeper still has to look at; read off the view alone. */

import type { SeatView, View } from "../generated/messages.ts";

/** Phases in which members come through the door: at check-in, and successors later. */
const AT_THE_DOOR: ReadonlySet<string> = new Set(["CHECKIN", "COMMITTEE_READY"]);

/** Members of the viewer's own venue who are not identified yet; an imported committee needs no such step. */
export function atTheDoor(view: View): readonly string[] {
  const { committee } = view;
  if (committee === null || !committee.drawn || !AT_THE_DOOR.has(view.phase)) return [];
  const done = new Set([...committee.identified, ...Object.keys(committee.recused), ...Object.keys(committee.replaced)]);
  return members(view)
    .filter((one) => !one.checked_in && !done.has(one.seat))
    .map((one) => one.seat);
}

/** Members of the viewer's own venue who are to be looked at again before a suspended evaluation goes on. */
export function toLookAt(view: View): readonly string[] {
  const here = new Set(members(view).map((one) => one.seat));
  return (view.suspension?.waiting ?? []).filter((seat) => here.has(seat));
}

function members(view: View): readonly SeatView[] {
  const own = view.seats.find((one) => one.seat === view.seat)?.venue;
  return view.seats.filter((one) => one.role === "expert" && !one.reserve && one.venue === own);
}
