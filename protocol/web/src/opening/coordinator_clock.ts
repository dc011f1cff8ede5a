/** Composable: the coordinator's clock at a seat's desk, asked of the node that measures it (SPEC 10.2). */

import { onBeforeUnmount, onMounted } from "vue";
import { WIRE } from "../generated/messages.ts";
import { useDesk } from "../kit/desk.ts";
import { ServerClock } from "../link/server_clock.ts";

const AGAIN_MS = 30_000;

/** The clock as a function for `Countdown`; null until it was measured for the first time. */
export function useCoordinatorClock(): () => number | null {
  const { desk } = useDesk();
  const clock = new ServerClock();
  let again: ReturnType<typeof setTimeout> | undefined;

  async function keep(): Promise<void> {
    try {
      await clock.measure(async () => (await desk.ask<{ at: number }>(WIRE.CLOCK, undefined)).at);
    } catch {
      // The node is silent: what was measured before runs on, and it is asked again.
    }
    again = setTimeout(() => void keep(), AGAIN_MS);
  }

  onMounted(() => void keep());
  onBeforeUnmount(() => clearTimeout(again));
  return () => clock.now();
}
