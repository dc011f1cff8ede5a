/** Composable: the book of this place's supervisors, asked for every few seconds and added to (SPEC 10.8). */

import { type InjectionKey, type Ref, inject, onScopeDispose, provide, ref, shallowRef, watch } from "vue";
import { type AlertView, type Refused, WIRE, type WatchBook } from "@tongchang/protocol/generated/messages.ts";
import type { AtDesk } from "@tongchang/protocol/kit/desk.ts";
import { LineFault, RefusedError } from "@tongchang/protocol/link/socket.ts";

const ASK_MS = 4_000;

export interface Book {
  readonly held: Readonly<Ref<WatchBook | null>>;
  /** Why the last thing written was not kept. */
  readonly refused: Readonly<Ref<Refused | null>>;
  readonly silent: Readonly<Ref<boolean>>;
  /** Both tell whether it is kept now. */
  see(alert: AlertView, note: string): Promise<boolean>;
  handOver(text: string): Promise<boolean>;
}

const KEY: InjectionKey<Book> = Symbol("watch book");

/** Keeps the book of the session that the page follows. Called once, in the page's root. */
export function openBook(at: AtDesk): Book {
  const book = keepBook(at);
  provide(KEY, book);
  return book;
}

/** Keeps the book of the session that a desk follows, until the scope it is called in ends. */
export function keepBook({ desk, state }: AtDesk): Book {
  const held = shallowRef<WatchBook | null>(null);
  const refused = ref<Refused | null>(null);
  const silent = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function session(): string | undefined {
    return state.standing === "following" && state.connected ? state.who?.session : undefined;
  }

  function take(found: WatchBook): void {
    if (JSON.stringify(found) !== JSON.stringify(held.value)) held.value = found;
  }

  async function ask(): Promise<void> {
    clearTimeout(timer);
    const wanted = session();
    if (wanted !== undefined) {
      const found = await desk.ask<WatchBook>(WIRE.WATCH_BOOK, { session: wanted }).catch(() => null);
      if (found !== null && wanted === session()) take(found);
    }
    timer = setTimeout(() => void ask(), ASK_MS);
  }

  async function write(event: string, content: object): Promise<boolean> {
    refused.value = null;
    silent.value = false;
    try {
      take(await desk.ask<WatchBook>(event, { session: state.who?.session ?? "", ...content }));
      return true;
    } catch (error) {
      if (error instanceof RefusedError) refused.value = error.refused;
      else if (error instanceof LineFault) silent.value = true;
      else throw error;
      return false;
    }
  }

  watch(session, (now) => {
    if (now !== undefined && held.value?.session !== now) held.value = null;
    void ask();
  }, { immediate: true });
  onScopeDispose(() => clearTimeout(timer));
  return {
    held,
    refused,
    silent,
    see: (alert, note) => write(WIRE.ALERT_SEEN, { alert: alert.id, since: alert.since, note }),
    handOver: (text) => write(WIRE.HAND_OVER, { text }),
  };
}

export function useBook(): Book {
  const book = inject(KEY);
  if (book === undefined) throw new Error("no book was opened above this part");
  return book;
}
