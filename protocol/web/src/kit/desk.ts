/** Composable: one desk for the whole page, its state reactive, its seat remembered. */

import { type InjectionKey, inject, provide, reactive } from "vue";
import { Desk } from "../link/desk.ts";
import { type DeskState, type Who, freshState } from "../link/desk_state.ts";
import { type Line, openLine } from "../link/socket.ts";

const REMEMBERED = "tongchang.seat";

export interface AtDesk {
  readonly desk: Desk;
  readonly state: DeskState;
}

const KEY: InjectionKey<AtDesk> = Symbol("desk");

/** Opens the page's line to its node and takes up the seat of before. Called once, in the page's root. */
export function openDesk(line: Line = openLine()): AtDesk {
  const state = reactive(freshState()) as DeskState;
  const at: AtDesk = { desk: new Desk(line, state, remember), state };
  provide(KEY, at);
  void at.desk.resume(remembered());
  return at;
}

export function useDesk(): AtDesk {
  const at = inject(KEY);
  if (at === undefined) throw new Error("no desk was opened above this part");
  return at;
}

/** For tests of single parts: a desk made elsewhere. */
export function provideDesk(at: AtDesk): void {
  provide(KEY, at);
}

function remember(who: Who | null): void {
  if (who === null) localStorage.removeItem(REMEMBERED);
  else localStorage.setItem(REMEMBERED, JSON.stringify(who));
}

function remembered(): Who | null {
  const text = localStorage.getItem(REMEMBERED);
  return text === null ? null : (JSON.parse(text) as Who);
}
