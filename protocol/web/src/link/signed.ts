/**
 * The signed heads of the session that a desk follows: asked for, verified here, and shown as the live light.
 *
 * Owns the asking and what a person is told. The node hands heads on as they came; what they are worth is worked
 * out by `ledger/heads.ts` against the leaves that this page holds itself. A head that contradicts them stops
 * this page for the session: nothing is signed or sent any more, and both heads are kept in the browser.
 */

import { type HeadTold, type ReceiptTold, type Refused, WIRE } from "../generated/messages.ts";
import { Heads, type Inconsistent } from "../ledger/heads.ts";
import { NoteFault } from "../ledger/note.ts";
import { verifyReceipt } from "../ledger/receipt.ts";
import type { SeatKey } from "../seat_key.ts";
import type { DeskState } from "./desk_state.ts";
import type { Bytes } from "../bytes.ts";
import { type Line, LineFault, RefusedError } from "./socket.ts";

/** How often the node is asked while the newest head is older than the record, or somebody owes a line. */
export const LOOK_MS = 3_000;
const KEPT = "tongchang.two-histories.";

/** What is needed of a page's state, and of the leaves that it holds. */
export type HeadState = Pick<DeskState, "connected" | "who" | "forkedAt" | "signed" | "inconsistent" | "headDoubted"> & {
  readonly standing: string;
};

export interface Leaves {
  readonly cursor: number;
  readonly leaves: readonly Bytes[];
}

export class Signed {
  private heads = new Heads();
  private of: Leaves | null = null;
  private looking = false;
  private readonly ticking: ReturnType<typeof setInterval>;
  private readonly line: Pick<Line, "ask">;
  private readonly state: HeadState;
  private readonly feed: () => Leaves;

  constructor(line: Pick<Line, "ask">, state: HeadState, feed: () => Leaves) {
    this.line = line;
    this.state = state;
    this.feed = feed;
    this.ticking = setInterval(() => void this.look(), LOOK_MS);
  }

  /** Why nothing may be signed or sent now; null while nothing contradicts. */
  get stopped(): Refused | null {
    const { inconsistent, forkedAt } = this.state;
    if (inconsistent === null && forkedAt === null) return null;
    return {
      code: "TwoHistories",
      zh: "本页收到了两个互相矛盾的评标记录,已停止签名和送出。请立即停止操作,保存本页的证据并交给监督人员,等候处理。",
      en: "This page was shown two records that contradict each other, and signs and sends nothing any more. Stop at once, save the evidence on this page, hand it to a supervisor and wait.",
      detail: {},
    };
  }

  /** Asks the node for the newest head where there may be one, and weighs it; one at a time. */
  async look(): Promise<void> {
    const session = this.state.who?.session;
    if (this.looking || session === undefined || !this.wants()) return;
    this.looking = true;
    try {
      const told = (await this.line.ask(WIRE.HEAD, { session })) as HeadTold;
      if (told.checkpoint !== "" && session === this.state.who?.session) await this.weigh(told, session);
    } catch (error) {
      // Silence and refusals leave the light as it was; a note without a good signature is no head at all.
      if (error instanceof NoteFault) this.state.headDoubted = true;
      else if (!(error instanceof RefusedError || error instanceof LineFault)) throw error;
    } finally {
      this.looking = false;
    }
  }

  /** The receipt of one of the page's own accepted acts, verified here; null while no head covers it. */
  async receipt(session: string, seq: number, key: SeatKey): Promise<string | null> {
    const told = (await this.line.ask(WIRE.RECEIPT, { session, seq })) as ReceiptTold;
    const { trusted } = this.heads;
    if (told.receipt === "" || trusted === null) return null;
    const proved = await verifyReceipt(told.receipt, trusted, key.text);
    if (proved.entry.seq !== seq || proved.entry.session !== session) throw new NoteFault("the receipt of another act");
    return told.receipt;
  }

  /** Begins anew, by another policy for instance; what was found contradictory stays so. */
  again(): void {
    this.of = null;
    Object.assign(this.state, { signed: null, headDoubted: false });
    void this.look();
  }

  close(): void {
    clearInterval(this.ticking);
  }

  private wants(): boolean {
    if (!this.state.connected || this.state.standing !== "following" || this.state.inconsistent !== null) return false;
    const last = this.of === this.feed() ? this.heads.last : null;
    return last === null || last.size !== this.feed().cursor || last.cosigned.some((one) => one.time === null);
  }

  private async weigh(told: HeadTold, session: string): Promise<void> {
    const feed = this.feed();
    if (this.of !== feed) {
      this.of = feed;
      this.heads = new Heads();
      this.state.inconsistent = remembered(session);
      if (this.state.inconsistent !== null) return;
    }
    await this.heads.take(told.checkpoint, told.policy, feed.leaves);
    if (feed !== this.feed()) return;
    const { last, inconsistent } = this.heads;
    if (inconsistent !== null) localStorage.setItem(KEPT + session, JSON.stringify(inconsistent));
    Object.assign(this.state, { signed: last, inconsistent, headDoubted: false });
  }
}

function remembered(session: string): Inconsistent | null {
  const text = localStorage.getItem(KEPT + session);
  return text === null ? null : (JSON.parse(text) as Inconsistent);
}
