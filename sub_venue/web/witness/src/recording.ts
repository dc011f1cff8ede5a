/** Where in a venue's recording a moment lies (SPEC 31.3). Knows no clock of its own. */

import { RECORDED_SEGMENT_MS_MAX } from "@tongchang/protocol/generated/limits.ts";
import type { RecordingView } from "@tongchang/protocol/generated/messages.ts";

/**
 * How far into a venue's recording a moment is, ms; 0 where none runs. It began with the first segment of any of
 * the venue's sources. The newest segment is told once it is whole, so one may be under way that nobody has told of.
 */
export function mediaOffset(recordings: readonly RecordingView[], venue: string, at: number): number {
  const own = recordings.filter((one) => one.venue === venue);
  if (own.length === 0) return 0;
  const began = Math.min(...own.map((one) => one.began_at));
  const ended = Math.max(...own.map((one) => one.ended_at));
  return at > began && at <= ended + RECORDED_SEGMENT_MS_MAX ? at - began : 0;
}

/** An offset as people read it: hours only where there are any. */
export function offsetText(offset_ms: number): string {
  const whole = Math.floor(offset_ms / 1000);
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (count: number): string => String(count).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
}
