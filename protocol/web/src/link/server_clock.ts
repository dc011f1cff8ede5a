/**
 * The coordinator's clock as a page knows it (SPEC 10.3), sans I/O: measured over the way there and back, and
 * counted on with a clock that nobody sets. A countdown never runs on the machine's own time of day.
 */

/** How much two clocks may run apart: 100 ppm, as cheap quartz does. */
const DRIFT = 0.0001;

interface Measured {
  /** Coordinator's ms less our own steady ms. */
  readonly offset: number;
  /** It can be wrong by this much, ms: half of the way there and back. */
  readonly error: number;
  /** When it was measured, steady ms. */
  readonly at: number;
}

export class ServerClock {
  private held: Measured | null = null;
  private readonly steady: () => number;

  /** `steady` never goes back and is set by nobody; `performance.now` in a browser. */
  constructor(steady: () => number = () => performance.now()) {
    this.steady = steady;
  }

  /** The coordinator's clock now, ms since 1970 UTC; null before the first measurement. */
  now(): number | null {
    return this.held === null ? null : this.steady() + this.held.offset;
  }

  /** By how much that can be wrong, ms; grows with the age of the measurement. */
  error(): number {
    return this.held === null ? Number.POSITIVE_INFINITY : this.errorOf(this.held);
  }

  /**
   * Asks for the clock and takes the answer as of the middle between asking and hearing.
   * Of two measurements that agree the surer one is kept; one that contradicts the other says that a
   * clock was set or this machine slept, and then the newer one holds.
   */
  async measure(ask: () => Promise<number>): Promise<void> {
    const asked = this.steady();
    const told = await ask();
    const heard = this.steady();
    const found: Measured = { offset: told - (asked + heard) / 2, error: (heard - asked) / 2, at: heard };
    const before = this.held;
    if (before !== null) {
      const agree = Math.abs(found.offset - before.offset) <= found.error + this.errorOf(before);
      if (agree && this.errorOf(before) <= found.error) return;
    }
    this.held = found;
  }

  private errorOf(one: Measured): number {
    return one.error + (this.steady() - one.at) * DRIFT;
  }
}

/** Time that is left, in the parts that a person reads. */
export interface Left {
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

/** Whole seconds that are left until a moment, the begun one counted; all zero from the moment on. */
export function timeLeft(until: number, now: number): Left {
  const all = Math.max(0, Math.ceil((until - now) / 1000));
  const parts = { seconds: all % 60, minutes: Math.floor(all / 60) % 60, hours: Math.floor(all / 3_600) % 24 };
  return { days: Math.floor(all / 86_400), ...parts };
}
