/**
 * Composable: the other sessions at this node at which this browser holds a supervisor's seat, each followed by a
 * desk of its own, so that one page tells how all of them stand. Nothing is done there: that is each one's own tab.
 */

import { type ComputedRef, type EffectScope, type InjectionKey, type Ref, computed, effectScope, inject, onScopeDispose, provide, reactive, ref, shallowReactive, watch } from "vue";
import type { SessionNote } from "@tongchang/protocol/generated/messages.ts";
import type { AtDesk } from "@tongchang/protocol/kit/desk.ts";
import { askNode } from "@tongchang/protocol/kit/node.ts";
import { Desk } from "@tongchang/protocol/link/desk.ts";
import { type DeskState, type Who, freshState } from "@tongchang/protocol/link/desk_state.ts";
import { openLine } from "@tongchang/protocol/link/socket.ts";
import { heldSeats } from "@tongchang/protocol/seat_key.ts";
import { unseen } from "./alerts.ts";
import { type Book, keepBook } from "./watch_book.ts";

const LOOK_MS = 4_000;
/** So many sessions are followed beside the page's own; the others are told by their phase alone. */
export const FOLLOWED_MAX = 8;
const ENDED: ReadonlySet<string> = new Set(["ARCHIVED", "FAILED"]);
const OFFICE = "supervisor-";
const MOVES = ["pointerdown", "keydown"] as const;

export interface Followed extends AtDesk {
  readonly who: Who;
  readonly book: Book;
  readonly scope: EffectScope;
}

/** One session of the overview: as the node tells it, and as its desk does where one follows it. */
export interface Told {
  readonly note: SessionNote;
  /** The seat that this browser holds there; empty where it holds none. */
  readonly seat: string;
  readonly own: boolean;
  readonly state: DeskState | null;
  readonly book: Book | null;
}

export interface Sessions {
  readonly all: ComputedRef<readonly Told[]>;
  /** How many alerts of the other sessions nobody at this place has seen. */
  readonly waiting: ComputedRef<number>;
  /** Whether the node answered when it was last asked. */
  readonly answers: Ref<boolean>;
}

const KEY: InjectionKey<Sessions> = Symbol("sessions");

/** Which of the node's sessions are followed beside one's own: those that go on and of which a seat is held. */
export function wanted(notes: readonly SessionNote[], held: readonly Who[], own: string): Who[] {
  const seats = new Map(held.filter((one) => one.seat.startsWith(OFFICE)).map((one) => [one.session, one]));
  return notes
    .filter((note) => note.session !== own && !ENDED.has(note.phase))
    .flatMap((note) => seats.get(note.session) ?? [])
    .slice(0, FOLLOWED_MAX);
}

/** Opens the overview beside the page's own desk. Called once, in the page's root. */
export function openSessions(at: AtDesk, book: Book): Sessions {
  const notes = ref<readonly SessionNote[]>([]);
  const held = ref<readonly Who[]>([]);
  const answers = ref(true);
  const followed = shallowReactive(new Map<string, Followed>());
  let timer: ReturnType<typeof setTimeout> | undefined;

  function follow(who: Who): void {
    const scope = effectScope();
    scope.run(() => {
      const state = reactive(freshState()) as DeskState;
      const desk = new Desk(openLine(), state);
      followed.set(who.session, { who, desk, state, book: keepBook({ desk, state }), scope });
      void desk.resume(who);
    });
  }

  function leave(one: Followed): void {
    one.scope.stop();
    one.desk.close();
    followed.delete(one.who.session);
  }

  function settle(): void {
    const now = wanted(notes.value, held.value, at.state.who?.session ?? "");
    for (const one of [...followed.values()]) {
      if (!now.some((who) => who.session === one.who.session && who.seat === one.who.seat)) leave(one);
    }
    for (const who of now) if (!followed.has(who.session)) follow(who);
  }

  async function look(): Promise<void> {
    clearTimeout(timer);
    const [told, seats] = await Promise.all([askNode(), heldSeats().catch(() => [])]);
    answers.value = told !== null;
    if (told !== null) notes.value = told.sessions;
    held.value = seats;
    settle();
    timer = setTimeout(() => void look(), LOOK_MS);
  }

  /** Whoever is at work on this page is at this machine: none of the seats it follows is idle. */
  function touched(): void {
    for (const one of followed.values()) one.desk.attending.touched();
  }

  const all = computed(() =>
    notes.value
      .filter((note) => !ENDED.has(note.phase) || note.session === at.state.who?.session)
      .map((note): Told => {
        const own = note.session === at.state.who?.session;
        const one = followed.get(note.session);
        const seat = own ? (at.state.who?.seat ?? "") : (one?.who.seat ?? "");
        return { note, seat, own, state: own ? at.state : (one?.state ?? null), book: own ? book : (one?.book ?? null) };
      }),
  );
  const waiting = computed(() =>
    [...followed.values()].reduce((sum, one) => sum + unseen(one.state.view?.alerts ?? [], one.book.held.value).length, 0),
  );

  watch(() => at.state.who?.session, settle);
  void look();
  for (const one of MOVES) window.addEventListener(one, touched, { passive: true, capture: true });
  onScopeDispose(() => {
    clearTimeout(timer);
    for (const one of MOVES) window.removeEventListener(one, touched, { capture: true });
    for (const one of [...followed.values()]) leave(one);
  });
  const sessions: Sessions = { all, waiting, answers };
  provide(KEY, sessions);
  return sessions;
}

export function useSessions(): Sessions {
  const sessions = inject(KEY);
  if (sessions === undefined) throw new Error("no overview was opened above this part");
  return sessions;
}
