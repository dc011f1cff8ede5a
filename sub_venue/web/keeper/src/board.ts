/** The status board: each part of the node in one word, as the worst of its troubles says. */

import type { Trouble, VenueState } from "@tongchang/protocol/generated/messages.ts";

export type Part = "line" | "acts" | "disk" | "clock" | "power" | "seats" | "cameras";
export type Mark = "good" | "warn" | "bad" | "unknown";

export const PARTS: readonly Part[] = ["line", "acts", "disk", "clock", "power", "seats", "cameras"];

const OF: Readonly<Record<Trouble["code"], Part>> = {
  LineDown: "line", LineSlow: "line", CopyBehind: "line", CopyStopped: "line", ActsWaiting: "acts",
  DiskRefuses: "disk", DiskLow: "disk", ClockOff: "clock", OnBattery: "power", SeatSilent: "seats", SeatClosed: "seats",
  NtpOff: "clock", NtpSilent: "clock", CamerasSilent: "cameras", CameraDown: "cameras", CameraDenied: "cameras",
  CameraRefused: "cameras", CameraForeign: "cameras", CameraKeyframes: "cameras", CameraOfExpert: "cameras",
};

export function partOf(trouble: Trouble): Part {
  return OF[trouble.code];
}

/** The parts that this node has; a venue without cameras of its own has no tile of them. */
export function partsOf(state: VenueState): readonly Part[] {
  const has = state.cameras.length > 0 || state.cameras_silent_since > 0;
  return has ? PARTS : PARTS.filter((one) => one !== "cameras");
}

/** How a part stands: bad with an alarm, warn with a warning, unknown where the node cannot tell. */
export function markOf(state: VenueState, part: Part): Mark {
  const mine = state.troubles.filter((one) => partOf(one) === part);
  if (mine.some((one) => one.severity === "alarm")) return "bad";
  if (mine.length > 0) return "warn";
  if (part === "clock" && state.clock.measured_at === 0) return "unknown";
  if (part === "power" && state.power.source === "unknown") return "unknown";
  return "good";
}

/** The whole venue in one mark. */
export function worst(state: VenueState): Mark {
  if (state.troubles.some((one) => one.severity === "alarm")) return "bad";
  return state.troubles.length > 0 ? "warn" : "good";
}

/** What the summary says, and its mark: while somebody waits for help nothing is well (SPEC 30.8). */
export function whole(state: VenueState, silent: boolean, waiting: number): { says: Mark | "silent" | "help"; mark: Mark } {
  if (silent) return { says: "silent", mark: "bad" };
  const mark = worst(state);
  return mark !== "bad" && waiting > 0 ? { says: "help", mark: "bad" } : { says: mark, mark };
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** Bytes as people say them: 12.3 GB. */
export function bytes(count: number): string {
  let left = count;
  let unit = 0;
  while (left >= 1000 && unit < UNITS.length - 1) {
    left /= 1000;
    unit += 1;
  }
  return `${unit === 0 || left >= 100 ? Math.round(left) : left.toFixed(1)} ${UNITS[unit]}`;
}

/** A length of time as hours, minutes and seconds: 2:05:09. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
