/**
 * Commands on their way, sans I/O: what to send when, until each is answered.
 *
 * A command is sent with the same id and the same bytes until the node answers `accepted` or
 * `refused`; a repeat gets the first answer, so that sending twice does nothing twice. An
 * author's commands go out in their order: the next one leaves when the one before is at least
 * *kept*, because then the venue's journal holds their order.
 */

import type { Answer, Kept, Submit } from "../generated/messages.ts";
import { IDLE } from "./attending.ts";

/** How long an unanswered sending is waited for before it is repeated. */
export const RESEND_MS = 4_000;

/** How often a kept command is asked about until it has its `seq`. */
export const ASK_AGAIN_MS = 2_000;

/** Refusals of the moment: the act was not taken, and is tried again as it is. */
export const PASSING: ReadonlySet<string> = new Set(["NotDurable", "LineDown", "TooBusy", "Stopping"]);

export interface Waiting {
  readonly command_id: string;
  readonly session: string;
  readonly seat: string;
  readonly type: string;
  readonly author_seq: number;
  readonly submit: Submit;
  readonly kept: Kept | null;
  /** When it was last sent, by this machine's clock (ms); null before the first time. */
  readonly sent_at: number | null;
}

export class Outbox {
  private waiting: readonly Waiting[];

  constructor(waiting: readonly Waiting[] = []) {
    this.waiting = inOrder(waiting);
  }

  /** All that is not answered yet, in the author's order. */
  all(): readonly Waiting[] {
    return this.waiting;
  }

  find(commandId: string): Waiting | undefined {
    return this.waiting.find((one) => one.command_id === commandId);
  }

  add(one: Waiting): void {
    if (this.find(one.command_id) === undefined) this.waiting = inOrder([...this.waiting, one]);
  }

  /** What to send now. A caller that sends one says so with `sent`. */
  due(nowMs: number): readonly Waiting[] {
    const found: Waiting[] = [];
    for (const one of this.waiting) {
      const pause = one.kept === null ? RESEND_MS : ASK_AGAIN_MS;
      if (one.sent_at === null || nowMs - one.sent_at >= pause) found.push(one);
      if (one.kept === null) break;
    }
    return found;
  }

  sent(commandId: string, nowMs: number): void {
    this.change(commandId, (one) => ({ ...one, sent_at: nowMs }));
  }

  /** The line was cut: whatever was on its way is sent again at once. */
  reconnected(): void {
    this.waiting = this.waiting.map((one) => ({ ...one, sent_at: null }));
  }

  /** Takes an answer; true when it settles the command, which then leaves the outbox. */
  answered(answer: Answer): boolean {
    if (answer.status === "kept") {
      this.change(answer.command_id, (one) => ({ ...one, kept: answer.kept ?? one.kept }));
      return false;
    }
    if (answer.refused !== null && (PASSING.has(answer.refused.code) || answer.refused.code === IDLE)) return false;
    const before = this.waiting.length;
    this.waiting = this.waiting.filter((one) => one.command_id !== answer.command_id);
    return this.waiting.length < before;
  }

  /** The highest number an author has given out and not seen answered. */
  highest(): number {
    return this.waiting.reduce((high, one) => Math.max(high, one.author_seq), 0);
  }

  private change(commandId: string, how: (one: Waiting) => Waiting): void {
    this.waiting = this.waiting.map((one) => (one.command_id === commandId ? how(one) : one));
  }
}

function inOrder(waiting: readonly Waiting[]): readonly Waiting[] {
  return [...waiting].sort((one, other) => one.author_seq - other.author_seq);
}
