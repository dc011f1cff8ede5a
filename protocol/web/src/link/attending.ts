/**
 * Whether somebody is at this desk, told to its node, and how long is left before the node signs them out.
 *
 * Owns no limit: the node's clock and bounds count (SPEC 19.2). What a person does with mouse or keys is told
 * now and then; as the end comes near the node is asked, since work in another window counts as well.
 */

import { type Attended, WIRE } from "../generated/messages.ts";
import type { DeskState } from "./desk_state.ts";
import { type Line, LineFault, RefusedError } from "./socket.ts";

/** How often a person who is at work is told to the node, at most. */
export const TELL_MS = 30_000;
const LOOK_MS = 1_000;

/** How the node says that nobody was at work here for too long. */
export const IDLE = "SignInIdle";

export class Attending {
  private endsAt = Infinity;
  private warnMs = 0;
  private toldAt = -Infinity;
  private asking = false;
  private readonly ticking: ReturnType<typeof setInterval>;
  private readonly line: Line;
  private readonly state: DeskState;

  constructor(line: Line, state: DeskState) {
    this.line = line;
    this.state = state;
    this.ticking = setInterval(() => this.look(), LOOK_MS);
  }

  /** The key was proved: how long is left now. */
  proved(): void {
    void this.ask(false);
  }

  /** A person has moved something: told at once while they are being warned, else now and then. */
  touched(): void {
    const due = performance.now() - this.toldAt >= TELL_MS;
    if (this.isSeated() && (due || this.state.idleLeft !== null)) void this.ask(true);
  }

  close(): void {
    clearInterval(this.ticking);
  }

  private look(): void {
    if (!this.isSeated()) this.state.idleLeft = null;
    else if (this.endsAt - performance.now() <= this.warnMs) void this.ask(false);
  }

  private async ask(atWork: boolean): Promise<void> {
    if (this.asking || !this.state.connected) return;
    this.asking = true;
    try {
      const { left_ms, warn_ms } = (await this.line.ask(WIRE.HERE, { at_work: atWork })) as Attended;
      this.endsAt = performance.now() + left_ms;
      this.warnMs = warn_ms;
      if (atWork) this.toldAt = performance.now();
      this.state.idleLeft = this.isSeated() && left_ms <= warn_ms ? left_ms : null;
    } catch (error) {
      // Silence: asked again. A refusal is told to the page by the node itself.
      if (!(error instanceof LineFault || error instanceof RefusedError)) throw error;
    } finally {
      this.asking = false;
    }
  }

  private isSeated(): boolean {
    return this.state.standing === "following" || this.state.standing === "enrolled";
  }
}
