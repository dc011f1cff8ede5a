/**
 * Composable: the draft of one stage, safe at every keystroke. Each change goes into this
 * browser's own store at once and to the venue's disk as soon as there is a line; a reload takes
 * up both.
 */

import { type Ref, onBeforeUnmount, ref, shallowRef, watch } from "vue";
import type { Draft, Refused, Stage } from "@tongchang/protocol/generated/messages.ts";
import type { AtDesk } from "@tongchang/protocol/kit/desk.ts";
import { DraftBook, type Snapshot } from "@tongchang/protocol/link/draft_book.ts";
import { LineFault, RefusedError } from "@tongchang/protocol/link/socket.ts";
import type { Scores } from "@tongchang/protocol/sheet.ts";
import { readOne, writeOne } from "@tongchang/protocol/storage.ts";

const GATHER_MS = 250;
const AGAIN_MS = 3_000;

export type Safety =
  | { readonly where: "nowhere" }
  | { readonly where: "saving" }
  | { readonly where: "browser"; readonly at: number }
  | { readonly where: "venue"; readonly at: number }
  | { readonly where: "failed" };

export interface Drafting {
  readonly scores: Ref<Scores>;
  readonly safety: Ref<Safety>;
  readonly ready: Ref<boolean>;
  readonly put: (bidder: string, criterion: string, centi: number | null) => void;
}

export function useDraft(at: AtDesk, session: string, seat: string, stage: Stage): Drafting {
  const book = new DraftBook({ session, seat, stage });
  const scores = shallowRef<Scores>({});
  const safety = ref<Safety>({ where: "nowhere" });
  const ready = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let met = false;
  let ended = false;
  let sending = false;
  let storing: Promise<void> = Promise.resolve();

  /** What this browser kept, then what the venue has: cells not confirmed yet stay on top. */
  async function load(): Promise<void> {
    const kept = await readOne<Snapshot>("drafts", book.key).catch(() => undefined);
    if (kept !== undefined) book.restore(kept);
    tell();
    await meet();
    ready.value = true;
  }

  /** Asks the venue for its draft, once for each page. */
  async function meet(): Promise<void> {
    if (met || !at.state.connected) return;
    try {
      const there = await at.desk.getDraft(session, seat, stage);
      met = true;
      if (there !== null) book.takeVenues(there);
      tell();
      plan(0);
    } catch (error) {
      if (!(error instanceof LineFault || error instanceof RefusedError)) throw error;
    }
  }

  function put(bidder: string, criterion: string, centi: number | null): void {
    book.put(bidder, criterion, centi);
    scores.value = book.scores;
    safety.value = { where: "saving" };
    store();
    plan(GATHER_MS);
  }

  function store(): void {
    storing = storing.then(async () => {
      try {
        await writeOne("drafts", book.key, book.snapshot());
        if (!at.state.connected && !book.safe) safety.value = { where: "browser", at: Date.now() };
      } catch {
        if (!at.state.connected && !book.safe) safety.value = { where: "failed" };
      }
    });
  }

  function plan(afterMs: number): void {
    clearTimeout(timer);
    if (!ended) timer = setTimeout(() => void send(), afterMs);
  }

  async function send(): Promise<void> {
    if (book.safe || sending || !at.state.connected) return;
    const sent = book.sending();
    sending = true;
    try {
      book.kept(await at.desk.putDraft(sent.draft), sent);
      store();
      tell();
      plan(GATHER_MS);
    } catch (error) {
      if (error instanceof RefusedError) turnedDown(error.refused);
      else if (error instanceof LineFault) plan(AGAIN_MS);
      else throw error;
      if (!book.safe) safety.value = { where: "browser", at: Date.now() };
    } finally {
      sending = false;
    }
  }

  /** Another window was first: this one goes on from there. A sealed sheet takes no more drafts. */
  function turnedDown(refused: Refused): void {
    const newer = refused.code === "OutOfOrder" ? refused.detail["draft"] : undefined;
    if (newer !== undefined) {
      book.takeVenues(JSON.parse(newer) as Draft);
      store();
      tell();
      plan(0);
    } else if (refused.code !== "AlreadySealed") plan(AGAIN_MS);
  }

  function tell(): void {
    scores.value = book.scores;
    if (book.begun && book.safe) safety.value = { where: "venue", at: book.savedAt ?? Date.now() };
    else if (book.begun) safety.value = at.state.connected ? { where: "saving" } : { where: "browser", at: Date.now() };
  }

  watch(
    () => at.state.connected && at.state.standing === "following",
    (up) => {
      if (up) void meet().then(() => plan(0));
    },
  );
  onBeforeUnmount(() => {
    ended = true;
    clearTimeout(timer);
    if (!book.safe && at.state.connected) void at.desk.putDraft(book.sending().draft).catch(() => undefined);
  });
  void load();
  return { scores, safety, ready, put };
}
