/** Composable: how far this seat's own node is with the bids that it opens, asked again while there is something to see. */

import { type Ref, onBeforeUnmount, onMounted, shallowRef } from "vue";
import { type BidRead, type Decrypting, type StageView, WIRE } from "../generated/messages.ts";
import { useDesk } from "../kit/desk.ts";

const AGAIN_MS = 500;
/** Containers only come in while bidders release; that needs no looking twice a second. */
const FETCHING_MS = 3_000;

export interface Progress {
  readonly bids: readonly BidRead[];
  readonly done: number;
  readonly total: number;
  /** How many are open to their end. */
  readonly whole: number;
}

/** The part of what a node says that is of one stage; null while no container of it lies there. */
export function progressOf(told: readonly BidRead[], stage: StageView): Progress | null {
  const bids = told.filter((one) => one.lot === stage.lot && one.envelope === stage.envelope);
  if (bids.length === 0) return null;
  const sum = (field: "done" | "size") => bids.reduce((total, one) => total + one[field], 0);
  return { bids, done: sum("done"), total: sum("size"), whole: bids.filter((one) => one.done >= one.size).length };
}

export function percent(done: number, total: number): number {
  return total === 0 ? 0 : Math.floor((100 * done) / total);
}

/** Of a session and stage, each as it now is; asked of the node from BIDDERS_RELEASE until the bids are open. */
export function useDecrypting(session: () => string, phase: () => string): Ref<readonly BidRead[]> {
  const { desk } = useDesk();
  const told = shallowRef<readonly BidRead[]>([]);
  let again: ReturnType<typeof setTimeout> | undefined;

  async function look(): Promise<void> {
    try {
      told.value = (await desk.ask<Decrypting>(WIRE.DECRYPTING, { session: session() })).bids;
    } catch {
      // The node is silent, or this seat is just moving: what was told before stands, and it is asked again.
    }
    again = setTimeout(() => void look(), phase() === "CUSTODIANS_RELEASE" ? AGAIN_MS : FETCHING_MS);
  }

  onMounted(() => void look());
  onBeforeUnmount(() => clearTimeout(again));
  return told;
}
