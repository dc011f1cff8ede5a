/** Composable: one act of this page, its receipt, and whether it is still on its way. */

import { type ComputedRef, computed, ref } from "vue";
import type { Refused, Stage } from "../generated/messages.ts";
import { type AtDesk, useDesk } from "./desk.ts";
import type { Receipt } from "../link/desk_state.ts";
import { LineFault, RefusedError } from "../link/socket.ts";

export interface Acting {
  readonly receipt: ComputedRef<Receipt | null>;
  readonly going: ComputedRef<boolean>;
  /** A refusal or silence from before the act was signed, from preparing it for instance. */
  readonly trouble: ComputedRef<Refused | null>;
  readonly silent: ComputedRef<boolean>;
  readonly run: <T>(how: (at: AtDesk) => Promise<T>) => Promise<T | null>;
}

/** Follows the newest act of a type; of a stage, where one is named. */
export function useAct(type: string, stage: () => Stage | null = () => null): Acting {
  const at = useDesk();
  const busy = ref(false);
  const trouble = ref<Refused | null>(null);
  const silent = ref(false);
  const receipt = computed<Receipt | null>(() => {
    const wanted = stage();
    const mine = at.state.receipts.filter(
      (one) =>
        one.type === type &&
        (one.session === at.state.who?.session || type === "BookSession") &&
        (wanted === null || (one.stage.lot === wanted.lot && one.stage.envelope === wanted.envelope && one.stage.round === wanted.round)),
    );
    return mine[mine.length - 1] ?? null;
  });
  /** Also while it is accepted but not yet in the view, so that nothing is done twice by a second click. */
  const going = computed(() => {
    const { value: mine } = receipt;
    if (busy.value || mine?.status === "sending" || mine?.status === "kept") return true;
    return mine?.status === "accepted" && mine.seq >= (at.state.view?.as_of.size ?? 0);
  });

  async function run<T>(how: (desk: AtDesk) => Promise<T>): Promise<T | null> {
    busy.value = true;
    trouble.value = null;
    silent.value = false;
    try {
      return await how(at);
    } catch (error) {
      if (error instanceof RefusedError) trouble.value = error.refused;
      else if (error instanceof LineFault) silent.value = true;
      else throw error;
      return null;
    } finally {
      busy.value = false;
    }
  }

  return { receipt, going, trouble: computed(() => trouble.value), silent: computed(() => silent.value), run };
}
