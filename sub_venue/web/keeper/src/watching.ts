/** Composable: the node's state, asked for every two seconds while the page is seated; the last one stays. */

import { onBeforeUnmount, onMounted, ref } from "vue";
import type { VenueState } from "@tongchang/protocol/generated/messages.ts";
import { LineFault, RefusedError } from "@tongchang/protocol/link/socket.ts";
import { useDesk } from "@tongchang/protocol/kit/desk.ts";

const ASK_MS = 2_000;

export function useVenueState() {
  const { desk, state } = useDesk();
  const venue = ref<VenueState | null>(null);
  /** The node did not answer the last time it was asked. */
  const silent = ref(false);
  let asking: ReturnType<typeof setInterval> | undefined;
  let under_way = false;

  async function ask(): Promise<void> {
    if (under_way || state.standing !== "following") return;
    if (!state.connected) {
      silent.value = true;
      return;
    }
    under_way = true;
    try {
      venue.value = await desk.venueState();
      silent.value = false;
    } catch (error) {
      if (!(error instanceof LineFault || error instanceof RefusedError)) throw error;
      silent.value = true;
    } finally {
      under_way = false;
    }
  }

  onMounted(() => {
    void ask();
    asking = setInterval(() => void ask(), ASK_MS);
  });
  onBeforeUnmount(() => clearInterval(asking));
  return { venue, silent };
}
