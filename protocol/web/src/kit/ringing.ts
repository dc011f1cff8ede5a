/** Composable: a bell that rings while something is unseen, unless it is off. */

import { onScopeDispose, ref, watch } from "vue";

const AGAIN_MS = 8_000;
const HIGH_HZ = 880;
const LOW_HZ = 660;

/** Two soft strokes. */
async function stroke(context: AudioContext): Promise<void> {
  await context.resume();
  for (const [at, pitch] of [[0, HIGH_HZ], [0.35, LOW_HZ]] as const) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const begins = context.currentTime + at;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, begins);
    volume.gain.linearRampToValueAtTime(0.3, begins + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, begins + 0.3);
    tone.connect(volume).connect(context.destination);
    tone.start(begins);
    tone.stop(begins + 0.32);
  }
}

/** `remembered` names where the browser keeps whether it is on; `first` is how it is until somebody has said. */
export function useBell(waiting: () => number, remembered = "tongchang.bell", first: "on" | "off" = "off") {
  const on = ref((localStorage.getItem(remembered) ?? first) === "on");
  /** How often it has rung; a screen shows nothing of it. */
  const rung = ref(0);
  let context: AudioContext | null = null;
  let again: ReturnType<typeof setTimeout> | undefined;

  function ring(): void {
    clearTimeout(again);
    if (!on.value || waiting() === 0) return;
    again = setTimeout(ring, AGAIN_MS);
    // A browser lets no page sound before somebody has touched it: then it rings at a later turn.
    if (!navigator.userActivation.hasBeenActive) return;
    context ??= new AudioContext();
    rung.value += 1;
    void stroke(context).catch(() => undefined);
  }

  function turn(): void {
    on.value = !on.value;
    localStorage.setItem(remembered, on.value ? "on" : "off");
  }

  watch([waiting, on], ring, { immediate: true });
  onScopeDispose(() => {
    clearTimeout(again);
    void context?.close();
  });
  return { on, rung, turn };
}
