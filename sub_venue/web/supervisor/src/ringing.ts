/** Composable: a bell that rings while something is unseen, once it has been turned on. */

import { onScopeDispose, ref, watch } from "vue";

const REMEMBERED = "tongchang.bell";
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

export function useBell(waiting: () => number) {
  const on = ref(localStorage.getItem(REMEMBERED) === "on");
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
    localStorage.setItem(REMEMBERED, on.value ? "on" : "off");
  }

  watch([waiting, on], ring, { immediate: true });
  onScopeDispose(() => {
    clearTimeout(again);
    void context?.close();
  });
  return { on, rung, turn };
}
