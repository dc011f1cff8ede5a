/** Composable: one act of this page, its receipt, and whether it is still on its way. */

import { type ComputedRef, computed, ref } from "vue";
import type { Answer, Refused, Stage } from "@tongchang/protocol/generated/messages.ts";
import { type AtDesk, useDesk } from "@tongchang/protocol/kit/desk.ts";
import type { Receipt } from "@tongchang/protocol/link/desk_state.ts";
import { LineFault, RefusedError } from "@tongchang/protocol/link/socket.ts";

export interface Acting {
  readonly receipt: ComputedRef<Receipt | null>;
  readonly going: ComputedRef<boolean>;
  readonly run: (how: (at: AtDesk) => Promise<Answer>) => Promise<Answer | null>;
}

/** Follows the newest act of a type; of a stage, where one is named. */
export function useAct(type: string, stage: () => Stage | null = () => null): Acting {
  const at = useDesk();
  const busy = ref(false);
  const fault = ref<Refused | null>(null);
  const receipt = computed<Receipt | null>(() => {
    const wanted = stage();
    const mine = at.state.receipts.filter(
      (one) =>
        one.type === type &&
        (wanted === null || (one.stage.lot === wanted.lot && one.stage.envelope === wanted.envelope && one.stage.round === wanted.round)),
    );
    return mine[mine.length - 1] ?? null;
  });
  const going = computed(
    () => busy.value || receipt.value?.status === "sending" || receipt.value?.status === "kept",
  );

  async function run(how: (desk: AtDesk) => Promise<Answer>): Promise<Answer | null> {
    busy.value = true;
    try {
      return await how(at);
    } catch (error) {
      if (error instanceof RefusedError) fault.value = error.refused;
      else if (!(error instanceof LineFault)) throw error;
      return null;
    } finally {
      busy.value = false;
    }
  }

  return { receipt, going, run };
}
