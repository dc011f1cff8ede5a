/** Composable: how the lines of the session's venues are, asked for while somebody looks (SPEC 10.9). */

import { onScopeDispose, ref, shallowRef } from "vue";
import { type VenueLine, type VenueLines, WIRE } from "../generated/messages.ts";
import { useDesk } from "./desk.ts";

const ASK_MS = 5_000;
/** From here on a line is slow, uneven or losing: a person is seen and heard late, or in pieces. */
export const SLOW_MS = 300;
export const UNEVEN_MS = 100;
export const LOSING_PERCENT = 3;

/** `good`, `weak` (something is over its bound), `down`, or `unknown`. */
export type Light = "good" | "weak" | "down" | "unknown";

export function lightOf(one: VenueLine | undefined): Light {
  if (one === undefined || one.line === "unknown") return "unknown";
  if (one.line === "down") return "down";
  const { round_trip_ms: trip, jitter_ms: jitter, lost_percent: lost } = one.measured;
  return trip >= SLOW_MS || jitter >= UNEVEN_MS || lost >= LOSING_PERCENT ? "weak" : "good";
}

export function useLines() {
  const { desk, state } = useDesk();
  const venues = shallowRef<readonly VenueLine[]>([]);
  const numbers = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(): Promise<void> {
    if (state.standing === "following" && state.connected) {
      const found = await desk.ask<VenueLines>(WIRE.LINES, undefined).catch(() => null);
      // A node of before knows no such question.
      venues.value = found?.venues ?? [];
    } else venues.value = [];
    timer = setTimeout(() => void ask(), ASK_MS);
  }

  void ask();
  onScopeDispose(() => clearTimeout(timer));
  return { venues, numbers, of: (venue: string) => venues.value.find((one) => one.venue === venue) };
}
