/**
 * Composable: the draft of one stage, safe at every keystroke. Each change goes into this
 * browser's own store at once and to the venue's disk as soon as there is a line; a reload takes
 * up whichever of the two is newer.
 */

import { type Ref, onBeforeUnmount, ref, shallowRef, watch } from "vue";
import type { Draft, Stage } from "@tongchang/protocol/generated/messages.ts";
import type { AtDesk } from "@tongchang/protocol/kit/desk.ts";
import { DraftBook } from "@tongchang/protocol/link/draft_book.ts";
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
  let asked = false;
  let ended = false;
  let storing: Promise<void> = Promise.resolve();

  async function load(): Promise<void> {
    const here = await readOne<Draft>("drafts", book.key).catch(() => undefined);
    if (book.restore(here ?? null, false)) safety.value = { where: "browser", at: Date.now() };
    scores.value = book.scores;
    await compare();
    ready.value = true;
  }

  /** Asks the venue for its copy, once for each page; the newer of the two stays. */
  async function compare(): Promise<void> {
    if (asked || !at.state.connected) return;
    try {
      const there = await at.desk.getDraft(session, seat, stage);
      asked = true;
      const newer = book.restore(there, true);
      if (newer) scores.value = book.scores;
      if (book.safe && book.revision > 0) safety.value = { where: "venue", at: book.savedAt ?? Date.now() };
      if (!book.safe) plan(0);
    } catch (error) {
      if (!(error instanceof LineFault || error instanceof RefusedError)) throw error;
    }
  }

  function put(bidder: string, criterion: string, centi: number | null): void {
    book.put(bidder, criterion, centi);
    scores.value = book.scores;
    safety.value = { where: "saving" };
    storing = storing.then(keep);
    plan(GATHER_MS);
  }

  async function keep(): Promise<void> {
    try {
      await writeOne("drafts", book.key, book.draft());
      if (!at.state.connected && !book.safe) safety.value = { where: "browser", at: Date.now() };
    } catch {
      if (!at.state.connected && !book.safe) safety.value = { where: "failed" };
    }
  }

  function plan(afterMs: number): void {
    clearTimeout(timer);
    if (!ended) timer = setTimeout(() => void send(), afterMs);
  }

  async function send(): Promise<void> {
    if (book.safe || !at.state.connected) return;
    try {
      book.kept(await at.desk.putDraft(book.draft()));
      if (book.safe) safety.value = { where: "venue", at: book.savedAt ?? Date.now() };
      else plan(GATHER_MS);
    } catch (error) {
      if (!(error instanceof LineFault || error instanceof RefusedError)) throw error;
      safety.value = { where: "browser", at: Date.now() };
      plan(AGAIN_MS);
    }
  }

  watch(
    () => at.state.connected && at.state.standing === "following",
    (up) => {
      if (up) void compare().then(() => plan(0));
    },
  );
  onBeforeUnmount(() => {
    ended = true;
    clearTimeout(timer);
    if (!book.safe && at.state.connected) void at.desk.putDraft(book.draft()).catch(() => undefined);
  });
  void load();
  return { scores, safety, ready, put };
}
