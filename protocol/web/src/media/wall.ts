/** Which sources stand on a wall of so many tiles: the pinned ones first, then the rest page by page. Pure. */

import type { Shown } from "./line.ts";

export const SIZES = [1, 4, 9, 16] as const;
export type Size = (typeof SIZES)[number];
/** From so many tiles on the small pictures do. */
export const THUMBS_FROM = 9;

/** What has a picture; voices have none and are heard elsewhere. */
function isSeen(one: Shown): boolean {
  return one.device !== "talk" && one.device !== "call";
}

export interface Wall {
  readonly tiles: readonly Shown[];
  readonly page: number;
  readonly pages: number;
  /** How many pictures there are, shown or not. */
  readonly all: number;
}

/** The tiles of a page; a page beyond the last is the last. Only what is sent now has a tile, or is pinned. */
export function wallOf(shown: readonly Shown[], size: Size, pinned: readonly string[], page: number): Wall {
  const first = pinned.flatMap((source) => shown.filter((one) => one.source === source)).slice(0, size);
  const rest = shown.filter((one) => one.live && isSeen(one) && !first.includes(one));
  const room = size - first.length;
  const pages = room === 0 ? 1 : Math.max(1, Math.ceil(rest.length / room));
  const at = Math.min(page, pages - 1);
  return { tiles: [...first, ...rest.slice(at * room, (at + 1) * room)], page: at, pages, all: first.length + rest.length };
}
