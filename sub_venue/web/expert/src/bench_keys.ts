/** Keys of the workbench: pure, so that every key can be tried without a page. Function keys only, and PageUp/Down. */

export type BenchAct =
  | "help"
  | "side"
  | "find"
  | "layout"
  | "compare"
  | "mark"
  | "screen_on"
  | "screen_back"
  | "page_on"
  | "page_back";

export interface BenchKey {
  readonly key: string;
  readonly shift: boolean;
  readonly other: boolean;
}

/** Every key with what it does, in the order in which the help shows them. */
export const BENCH_KEYS: readonly (readonly [string, BenchAct])[] = [
  ["F2", "side"],
  ["PageDown", "screen_on"],
  ["PageUp", "screen_back"],
  ["Shift+PageDown", "page_on"],
  ["Shift+PageUp", "page_back"],
  ["F3", "find"],
  ["F4", "layout"],
  ["F8", "compare"],
  ["F9", "mark"],
  ["F1", "help"],
];

/** What a key does on the bench, or null where it is somebody else's; with Control or Alt it always is. */
export function benchAct(pressed: BenchKey): BenchAct | null {
  if (pressed.other) return null;
  const name = pressed.shift ? `Shift+${pressed.key}` : pressed.key;
  return BENCH_KEYS.find(([key]) => key === name)?.[1] ?? null;
}

export type Layout = "both" | "document" | "sheet";

const SHARE_MIN = 25;
const SHARE_MAX = 75;
export const SHARE_DEFAULT = 50;

/** The document's share of the width (per cent) after a key on the splitter; null where it is not the splitter's. */
export function movedShare(share: number, key: string): number | null {
  switch (key) {
    case "ArrowLeft":
      return bounded(share - 2);
    case "ArrowRight":
      return bounded(share + 2);
    case "Home":
      return SHARE_MIN;
    case "End":
      return SHARE_MAX;
    case "Enter":
      return SHARE_DEFAULT;
    default:
      return null;
  }
}

export function bounded(share: number): number {
  return Math.max(SHARE_MIN, Math.min(SHARE_MAX, Math.round(share)));
}
