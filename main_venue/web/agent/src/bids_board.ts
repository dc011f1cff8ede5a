/** How notice, bids handed in and rehearsal stand, asked of the node again from time to time (SPEC 23.3, 23.4). */

import { type Ref, onBeforeUnmount, onMounted, shallowRef, watch } from "vue";
import { type BidsDesk, type TenderShown, WIRE } from "@tongchang/protocol/generated/messages.ts";
import { useDesk } from "@tongchang/protocol/kit/desk.ts";

const AGAIN_MS = 30_000;
/** After the deadline the list is asked for soon, and again while it is just being fixed. */
const SOON_MS = 1_500;

export interface Board {
  readonly told: Ref<BidsDesk | null>;
  /** Ask now, because a moment has come. */
  readonly look: () => void;
}

/** Where receiving stands by the coordinator's clock; `silent` where it told nothing. */
export type Standing = "silent" | "none" | "ahead" | "open" | "closed";

export function standingOf(told: BidsDesk, now: number): Standing {
  if (told.trouble !== null) return "silent";
  if (told.tender === null) return "none";
  if (now < told.tender.opens_at) return "ahead";
  return now < told.tender.deadline && told.received === null ? "open" : "closed";
}

/** Parts with the number of their custodians, so that each set of custodians is shown once. */
export function custodiesOf(tender: TenderShown): { readonly parts: TenderShown["parts"]; readonly groups: TenderShown["custodies"][number] }[] {
  return tender.custodies.map((groups, at) => ({ groups, parts: tender.parts.filter((part) => part.custody === at) }));
}

/** The first sixteen characters of a fingerprint in fours, as it is read aloud; the whole of it stands beside. */
export function spelled(hex: string): string {
  return (hex.slice(0, 16).match(/.{4}/g) ?? []).join(" ");
}

/** Bytes of a digest as hexadecimal. */
export function hexOf(base64: string): string {
  return Array.from(atob(base64), (one) => one.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

export function useBoard(session: () => string): Board {
  const { desk } = useDesk();
  const told = shallowRef<BidsDesk | null>(null);
  let again: ReturnType<typeof setTimeout> | undefined;
  let left = false;

  async function ask(): Promise<void> {
    clearTimeout(again);
    const wanted = session();
    let soon = false;
    try {
      const found = await desk.ask<BidsDesk>(WIRE.BIDS_DESK, { session: wanted });
      if (wanted === session()) told.value = found;
      soon = found.tender !== null && found.received === null && found.at >= found.tender.deadline;
    } catch {
      // The node is silent, or this seat is just moving: what was told before stands, and it is asked again.
    }
    if (!left) again = setTimeout(() => void ask(), soon ? SOON_MS : AGAIN_MS);
  }

  watch(session, () => {
    told.value = null;
    void ask();
  });
  onMounted(() => void ask());
  onBeforeUnmount(() => {
    left = true;
    clearTimeout(again);
  });
  return { told, look: () => void ask() };
}
