/** Composable: the coordinator's clock at a seat's desk, asked of the node that measures it (SPEC 10.2). */

import { onBeforeUnmount, onMounted } from "vue";
import { WIRE } from "../generated/messages.ts";
import { useDesk } from "../kit/desk.ts";
import type { Desk } from "../link/desk.ts";
import { ServerClock } from "../link/server_clock.ts";

const AGAIN_MS = 30_000;

/** One clock for a desk, so that two countdowns of a page never differ; asked for while anybody looks at it. */
class Kept {
  readonly clock = new ServerClock();
  private readonly desk: Desk;
  private users = 0;
  private again: ReturnType<typeof setTimeout> | undefined;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  use(): void {
    this.users += 1;
    if (this.users === 1) void this.keep();
  }

  leave(): void {
    this.users -= 1;
    if (this.users === 0) clearTimeout(this.again);
  }

  private async keep(): Promise<void> {
    try {
      await this.clock.measure(async () => (await this.desk.ask<{ at: number }>(WIRE.CLOCK, undefined)).at);
    } catch {
      // The node is silent: what was measured before runs on, and it is asked again.
    }
    clearTimeout(this.again);
    if (this.users > 0) this.again = setTimeout(() => void this.keep(), AGAIN_MS);
  }
}

const kept = new WeakMap<Desk, Kept>();

/** The clock as a function for `Countdown`; null until it was measured for the first time. */
export function useCoordinatorClock(): () => number | null {
  const { desk } = useDesk();
  const own = kept.get(desk) ?? new Kept(desk);
  kept.set(desk, own);
  onMounted(() => own.use());
  onBeforeUnmount(() => own.leave());
  return () => own.clock.now();
}
