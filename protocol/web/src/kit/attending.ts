/** Composable: tells the desk when a person moves something on this page. Called once, in the page's frame. */

import { onBeforeUnmount, onMounted } from "vue";
import { useDesk } from "./desk.ts";

const MOVES = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

export function useAttending(): void {
  const { desk } = useDesk();
  const touched = (): void => desk.attending.touched();
  onMounted(() => {
    for (const one of MOVES) window.addEventListener(one, touched, { passive: true, capture: true });
  });
  onBeforeUnmount(() => {
    for (const one of MOVES) window.removeEventListener(one, touched, { capture: true });
  });
}
