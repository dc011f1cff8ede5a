/**
 * Composable: the seat's bookmarks and notes, kept at the venue as they are written.
 *
 * Another window of the seat may have been first: its notebook is taken, and this window's change is made on
 * top of it, so that neither loses anything.
 */

import { type ComputedRef, type Ref, computed, ref, shallowRef, watch } from "vue";
import { type Notebook, type NotebookKept, WIRE } from "../generated/messages.ts";
import type { AtDesk } from "../kit/desk.ts";
import { LineFault, RefusedError } from "../link/socket.ts";
import type { Spot } from "./document_choice.ts";

const GATHER_MS = 600;
const AGAIN_MS = 3_000;
export const NOTE_CHARS_MAX = 2_000;

type Change = (book: Notebook) => Notebook;

export interface Notes {
  readonly book: Ref<Notebook | null>;
  readonly safe: Ref<boolean>;
  readonly isMarked: ComputedRef<(spot: Spot) => boolean>;
  readonly noteAt: ComputedRef<(spot: Spot) => string>;
  readonly toggle: (spot: Spot) => void;
  readonly write: (spot: Spot, text: string) => void;
}

export function useNotebook(at: AtDesk): Notes {
  const book = shallowRef<Notebook | null>(null);
  const safe = ref(true);
  let pending: Change[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sending = false;

  async function load(): Promise<void> {
    const { who } = at.state;
    if (who === null || at.state.standing !== "following") return;
    try {
      const kept = await at.desk.ask<Notebook>(WIRE.NOTEBOOK_GET, { ...who });
      book.value = pending.reduce((now, change) => change(now), kept);
      if (pending.length > 0) plan(0);
    } catch (error) {
      if (!(error instanceof LineFault || error instanceof RefusedError)) throw error;
    }
  }

  function change(how: Change): void {
    if (book.value === null) return;
    pending.push(how);
    book.value = how(book.value);
    safe.value = false;
    plan(GATHER_MS);
  }

  function plan(afterMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void send(), afterMs);
  }

  async function send(): Promise<void> {
    if (book.value === null || sending || pending.length === 0) return;
    const sent = pending.length;
    const whole = { ...book.value, revision: book.value.revision + 1 };
    sending = true;
    try {
      const kept = await at.desk.ask<NotebookKept>(WIRE.NOTEBOOK_PUT, whole);
      pending = pending.slice(sent);
      if (book.value !== null) book.value = { ...book.value, revision: kept.revision };
      safe.value = pending.length === 0;
      if (pending.length > 0) plan(GATHER_MS);
    } catch (error) {
      if (!(error instanceof LineFault || error instanceof RefusedError)) throw error;
      const newer = error instanceof RefusedError && error.refused.code === "OutOfOrder" ? error.refused.detail["notebook"] : undefined;
      if (newer !== undefined) {
        book.value = pending.reduce((now, one) => one(now), JSON.parse(newer) as Notebook);
        plan(0);
      } else plan(AGAIN_MS);
    } finally {
      sending = false;
    }
  }

  watch(
    () => `${at.state.standing}|${at.state.who?.session}|${at.state.who?.seat}`,
    () => {
      book.value = null;
      void load();
    },
    { immediate: true },
  );

  const same = (one: Spot, other: Spot): boolean => one.document === other.document && one.page === other.page;
  return {
    book,
    safe,
    isMarked: computed(() => (spot) => book.value?.bookmarks.some((one) => same(one, spot)) === true),
    noteAt: computed(() => (spot) => book.value?.notes.find((one) => same(one, spot))?.text ?? ""),
    toggle: (spot) => {
      const { document, page } = spot;
      const marked = book.value?.bookmarks.some((one) => same(one, spot)) === true;
      change((now) => ({
        ...now,
        bookmarks: [...now.bookmarks.filter((one) => !same(one, spot)), ...(marked ? [] : [{ document, page }])],
      }));
    },
    write: (spot, text) => {
      const { document, page } = spot;
      const trimmed = text.slice(0, NOTE_CHARS_MAX);
      change((now) => ({
        ...now,
        notes: [...now.notes.filter((one) => !same(one, spot)), ...(trimmed.trim() === "" ? [] : [{ document, page, text: trimmed }])],
      }));
    },
  };
}
