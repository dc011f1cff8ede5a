/** Composable: one desk for the whole page, its state reactive, its seat remembered. */

import { type InjectionKey, inject, provide, reactive } from "vue";
import { Desk } from "../link/desk.ts";
import { type DeskState, type Who, freshState } from "../link/desk_state.ts";
import { type Line, openLine } from "../link/socket.ts";
import { type Ticket, takePlace, takeTicket } from "./ticket.ts";

/** In this tab, so that two tabs of one venue may hold two seats; beside it the page's last one, for a new tab. */
const REMEMBERED = "tongchang.seat";

export interface AtDesk {
  readonly desk: Desk;
  readonly state: DeskState;
  /** What the landing page's click has brought along; used once, where the browser holds no key of the seat. */
  ticket?: Ticket | null;
}

const KEY: InjectionKey<AtDesk> = Symbol("desk");

/** Opens the page's line to its node and takes up the seat of before. Called once, in the page's root. */
export function openDesk(line: Line = openLine()): AtDesk {
  const state = reactive(freshState()) as DeskState;
  const ticket = takeTicket();
  const place = ticket === null ? takePlace() : null;
  if (place !== null) remember(place);
  const at: AtDesk = { desk: new Desk(line, state, remember), state, ticket };
  provide(KEY, at);
  void at.desk.resume(ticket === null ? remembered() : { session: ticket.session, seat: ticket.seat });
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
  for (const [kept, name] of places()) {
    if (who === null) kept.removeItem(name);
    else kept.setItem(name, JSON.stringify(who));
  }
}

function places(): readonly (readonly [Storage, string])[] {
  return [
    [sessionStorage, REMEMBERED],
    [localStorage, REMEMBERED + location.pathname],
  ];
}

function remembered(): Who | null {
  const text = places().reduce<string | null>((found, [kept, name]) => found ?? kept.getItem(name), null);
  return text === null ? null : (JSON.parse(text) as Who);
}
