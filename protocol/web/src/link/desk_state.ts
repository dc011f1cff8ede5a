/** What a page is shown of its desk: plain data, so that a page may make it reactive. */

import type { Answer, Head, Line, Pen, Refused, Stage, View } from "../generated/messages.ts";
import type { Inconsistent, SignedHead } from "../ledger/heads.ts";

export interface Who {
  readonly session: string;
  readonly seat: string;
}

/** How far one command is: on its way, kept at the venue, accepted with its `seq`, or refused. */
export interface Receipt {
  readonly session: string;
  readonly command_id: string;
  readonly type: string;
  readonly stage: Stage;
  readonly status: "sending" | Answer["status"];
  readonly seq: number;
  readonly at: number;
  readonly refused: Refused | null;
}

/**
 * `standing` is how far sign-in is, `connected` the page's line to its node, `online` the node's
 * line to the coordinator, `verified` the last head that this page computed itself.
 */
export interface DeskState {
  standing: "starting" | "signed_out" | "signing_in" | "enrolled" | "proving" | "following" | "idle";
  connected: boolean;
  online: boolean;
  who: Who | null;
  role: string;
  node: string;
  view: View | null;
  lines: readonly Line[];
  verified: Head | null;
  forkedAt: number | null;
  /** The newest signed head of the log that this page has verified, and who cosigned it when. */
  signed: SignedHead | null;
  /** A signed head that contradicts what this page holds: nothing is signed or sent any more. */
  inconsistent: Inconsistent | null;
  /** The node has handed on a head whose signatures do not hold. */
  headDoubted: boolean;
  /** The node has given a *kept* receipt that does not hold. */
  receiptDoubted: boolean;
  receipts: readonly Receipt[];
  refused: Refused | null;
  /** Which of the seat's windows writes; null before it was asked. */
  pen: Pen | null;
  /** While somebody who is idle is warned: how long until they are signed out, ms; else null. */
  idleLeft: number | null;
}

export function freshState(): DeskState {
  return {
    standing: "starting",
    connected: false,
    online: false,
    who: null,
    role: "",
    node: "",
    view: null,
    lines: [],
    verified: null,
    forkedAt: null,
    signed: null,
    inconsistent: null,
    headDoubted: false,
    receiptDoubted: false,
    receipts: [],
    refused: null,
    pen: null,
    idleLeft: null,
  };
}

/** The view of a desk that has a seat: also behind the lock of one that was idle, so that nothing on it is lost. */
export function seatedView(state: DeskState): View | null {
  return state.standing === "following" || state.standing === "idle" ? state.view : null;
}
