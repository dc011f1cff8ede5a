/** Composable: what waits to be sent, kept over a reload, and sent when it is due. */

import { type ComputedRef, type Ref, computed, onBeforeUnmount, onMounted, ref, shallowRef } from "vue";
import { SESSION_STAGE } from "@tongchang/protocol/command.ts";
import type { Disclosure, Refused } from "@tongchang/protocol/generated/messages.ts";
import type { Item } from "@tongchang/protocol/generated/observations.ts";
import { disclose } from "@tongchang/protocol/hidden.ts";
import { useDesk } from "@tongchang/protocol/kit/desk.ts";
import { LineFault } from "@tongchang/protocol/link/socket.ts";
import { type Note, Noting } from "./noting.ts";
import { ownVenue } from "./progress.ts";
import { mediaOffset } from "./recording.ts";

const TICK_MS = 250;

export interface Board {
  readonly waiting: Ref<readonly Note[]>;
  /** Notes that were signed and are not answered yet, the oldest first. */
  readonly going: Ref<readonly Note[]>;
  readonly refused: Ref<Refused | null>;
  readonly now: Ref<number>;
  readonly idle: ComputedRef<boolean>;
  readonly add: (item: Item, subject: string, entry?: number) => Note;
  readonly change: (how: (noting: Noting, now: number) => void) => void;
}

export function useBoard(): Board {
  const { desk, state } = useDesk();
  const key = `tongchang.notes.${state.who?.session ?? ""}.${state.who?.seat ?? ""}`;
  const noting = new Noting(kept(key));
  const waiting = shallowRef(noting.waiting);
  const going = shallowRef<readonly Note[]>([]);
  const refused = ref<Refused | null>(null);
  const now = ref(Date.now());
  let signing = false;
  let ticking: ReturnType<typeof setInterval> | undefined;

  function shown(): void {
    waiting.value = noting.waiting;
    sessionStorage.setItem(key, JSON.stringify(noting.waiting));
  }

  function change(how: (one: Noting, at: number) => void): void {
    how(noting, Date.now());
    shown();
  }

  function add(item: Item, subject: string, entry = 0): Note {
    const note = noting.add(item, subject, Date.now(), entry);
    shown();
    return note;
  }

  /** Signs what is due, one after the other, so that the record has them as they were noted. */
  async function send(): Promise<void> {
    now.value = Date.now();
    if (signing) return;
    const due = noting.take(now.value);
    if (due.length === 0) return;
    signing = true;
    shown();
    going.value = [...going.value, ...due];
    for (const note of due) {
      const remark = note.remark.trim();
      void sendOne(note, remark === "" ? [] : [await disclose("remark", remark)]);
    }
    signing = false;
  }

  /** Counted when the note goes out, so that a segment that was told meanwhile is known. */
  function offsetAt(noted_at: number): number {
    const view = state.view;
    return view === null ? 0 : mediaOffset(view.recordings, ownVenue(view), noted_at);
  }

  async function sendOne(note: Note, hidden: readonly Disclosure[]): Promise<void> {
    try {
      const { item, finding, subject, entry, noted_at } = note;
      const content = { item, finding, subject, entry, noted_at, media_offset_ms: offsetAt(noted_at), remark: hidden[0]?.digest ?? "" };
      const answer = await desk.act("NoteObservation", content, SESSION_STAGE, { disclosures: hidden });
      if (answer.refused !== null) refused.value = answer.refused;
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
    } finally {
      going.value = going.value.filter((one) => one !== note);
    }
  }

  onMounted(() => {
    ticking = setInterval(() => void send(), TICK_MS);
  });
  onBeforeUnmount(() => clearInterval(ticking));
  return { waiting, going, refused, now, idle: computed(() => waiting.value.length + going.value.length === 0), add, change };
}

function kept(key: string): readonly Note[] {
  const text = sessionStorage.getItem(key);
  return text === null ? [] : (JSON.parse(text) as readonly Note[]);
}
