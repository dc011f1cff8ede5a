/** What a page makes of what it measured of its own seat (SPEC 10.7), sans I/O. */

import type { PreFlight, VoiceView } from "../generated/messages.ts";

export type Checked = PreFlight["line"];
export type Part = keyof PreFlight;

export const PARTS: readonly Part[] = ["line", "clock", "certificate", "camera", "microphone", "speaker"];
/** What is only needed where pictures and sound go through the system. */
export const DEVICES: ReadonlySet<Part> = new Set<Part>(["camera", "microphone", "speaker"]);

export const LINE_ASKS = 5;
export const LINE_WEAK_MS = 300;
export const CLOCK_WEAK_MS = 500;
/** Below this mean brightness, of 255, nobody is to be seen: a lid is on, or the room is dark. */
export const DARK = 24;
/** Above this root mean square of the sound, of 1, somebody speaks. */
export const SPOKEN = 0.01;
/** A certificate or delegation that ends before an evaluation is over. */
export const VOICE_WEAK_MS = 4 * 3_600_000;

/** One measurement of the line and of the clock, over the way there and back. */
export interface Trip {
  readonly took: number;
  /** The coordinator's clock less this machine's own time of day. */
  readonly ahead: number;
}

export interface LineFound {
  readonly state: Checked;
  /** The median of the ways there and back, ms, and how far they lie apart. */
  readonly median: number;
  readonly jitter: number;
}

/** Of several ways there and back, some of them unanswered; `online` is the node's own line. */
export function lineOf(trips: readonly Trip[], online: boolean): LineFound {
  const took = trips.map((trip) => trip.took).sort((a, b) => a - b);
  const median = took[Math.floor(took.length / 2)] ?? 0;
  const jitter = took.length === 0 ? 0 : (took.at(-1) ?? 0) - (took[0] ?? 0);
  if (took.length === 0) return { state: "bad", median, jitter };
  const whole = took.length === LINE_ASKS && online && median < LINE_WEAK_MS;
  return { state: whole ? "good" : "weak", median, jitter };
}

/** The clock as of the shortest way; `within` is how far that can be wrong. Null where nothing was measured. */
export function clockOf(trips: readonly Trip[]): { state: Checked; ahead: number; within: number } | null {
  const best = trips.reduce<Trip | null>((found, trip) => (found === null || trip.took < found.took ? trip : found), null);
  if (best === null) return null;
  const within = best.took / 2;
  // Only what is certain is told: a slow line makes no clock wrong.
  const off = Math.abs(best.ahead) - within > CLOCK_WEAK_MS;
  return { state: off ? "weak" : "good", ahead: best.ahead, within };
}

/** Whether the seat's key speaks for its person; under rules without delegations it need not. */
export function certificateOf(voice: VoiceView | null, now: number | null): Checked {
  if (voice === null) return "good";
  if (voice.stands === "none") return "weak";
  if (voice.stands !== "given") return "bad";
  return now !== null && voice.until - now < VOICE_WEAK_MS ? "weak" : "good";
}

/** Mean brightness of a picture's pixels, of 255 (ITU-R BT.601). */
export function brightness(pixels: Uint8ClampedArray): number {
  let sum = 0;
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    sum += 0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0);
  }
  return pixels.length < 4 ? 0 : sum / Math.floor(pixels.length / 4);
}

/** Root mean square of sound samples, of 1. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const one of samples) sum += one * one;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/** The worst of what was tried; `untried` while something that is wanted is. */
export function whole(found: PreFlight, wanted: readonly Part[]): Checked {
  const states = wanted.map((part) => found[part]);
  for (const state of ["bad", "weak", "untried"] as const) if (states.includes(state)) return state;
  return "good";
}

export function untried(): PreFlight {
  return { line: "untried", clock: "untried", certificate: "untried", camera: "untried", microphone: "untried", speaker: "untried" };
}
