/** Waiting a moment and asking again, where a refusal says no more than "not just now". */

import { PASSING } from "./outbox.ts";
import { type Line, RefusedError } from "./socket.ts";

export const TICK_MS = 500;

/** How long a refusal of the moment is met by asking again, before the person is told. */
export const PATIENCE_MS = 10_000;

export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, TICK_MS));
}

/** Asks again while the refusal is one of the moment: a line that is just coming up, a full hand. */
export async function askPatiently(line: Line, event: string, payload: unknown): Promise<unknown> {
  for (let waited = 0; ; waited += TICK_MS) {
    try {
      return await line.ask(event, payload);
    } catch (error) {
      const passing = error instanceof RefusedError && PASSING.has(error.refused.code);
      if (!passing || waited >= PATIENCE_MS) throw error;
      await pause();
    }
  }
}
