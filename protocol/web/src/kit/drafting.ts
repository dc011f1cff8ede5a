/**
 * Composable: the draft of one stage, safe at every keystroke. Each change goes into this
 * browser's own store at once and to the venue's disk as soon as there is a line; a reload takes
 * up both. While another window of the seat writes, this one shows the venue's draft, and offers
 * what was typed here and not confirmed instead of sending or dropping it.
 */

import { type ComputedRef, type Ref, computed, onBeforeUnmount, ref, shallowRef, watch } from "vue";
import type { Draft, Refused, Stage } from "../generated/messages.ts";
import type { AtDesk } from "./desk.ts";
import { type Change, DraftBook, type Kind, type Rows, type Snapshot, type Value } from "../link/draft_book.ts";
import { LineFault, RefusedError } from "../link/socket.ts";
import { dropIfSame, dropOne, readAll, writeOne } from "../storage.ts";

const GATHER_MS = 250;
const AGAIN_MS = 3_000;
/** How often a window that only reads looks at the venue's draft. */
const READER_LOOKS_MS = 3_000;

export type Safety =
  | { readonly where: "nowhere" }
  | { readonly where: "saving" }
  | { readonly where: "browser"; readonly at: number }
  | { readonly where: "venue"; readonly at: number }
  | { readonly where: "failed" };

export interface Drafting<V extends Value = number> {
  readonly scores: Ref<Rows<V>>;
  readonly safety: Ref<Safety>;
  readonly ready: Ref<boolean>;
  /** Another window of this seat writes; nothing can be put here. */
  readonly reading: ComputedRef<boolean>;
  /** Cells that were typed in this browser, did not reach the venue, and differ from its draft. */
  readonly unsent: Ref<readonly Change<V>[]>;
  readonly put: (bidder: string, criterion: string, centi: V | null) => void;
  /** Enters the unsent cells on top of the draft. */
  readonly enterUnsent: () => void;
  readonly letUnsentGo: () => void;
}

/** The draft of a stage's scores. */
export function useDraft(at: AtDesk, session: string, seat: string, stage: Stage): Drafting {
  return useBook<number>(at, session, seat, stage, "scores");
}

/** One part of a draft: scores of a stage, or texts of the session. */
export function useBook<V extends Value>(at: AtDesk, session: string, seat: string, stage: Stage, kind: Kind): Drafting<V> {
  const book = new DraftBook<V>({ session, seat, stage }, kind);
  const page = crypto.randomUUID();
  const scores = shallowRef<Rows<V>>({});
  const safety = ref<Safety>({ where: "nowhere" });
  const ready = ref(false);
  const unsent = shallowRef<readonly Change<V>[]>([]);
  const reading = computed(() => at.state.pen !== null && !at.state.pen.mine);
  let aside: readonly Change<V>[] = [];
  let others: readonly Snapshot<V>[] = [];
  let stored = 0;
  let storable = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let met = false;
  let ended = false;
  let sending = false;
  let storing: Promise<void> = Promise.resolve();
  const looking = setInterval(() => {
    if (reading.value) void look();
  }, READER_LOOKS_MS);

  /** What this window kept, then what the venue has: cells not confirmed yet stay on top. */
  async function load(): Promise<void> {
    const kept = newest((await stores()).filter((one) => one.window === at.desk.writing.name));
    if (kept !== undefined) {
      book.restore(kept);
      aside = kept.aside;
      store();
      dropOther(kept);
    }
    await storing;
    tell();
    await at.desk.writing.want();
    if (reading.value) await yieldPen();
    else {
      await gatherOthers();
      await meet();
      // A line that came back in the meantime may have met the venue already, before the others were gathered.
      tell();
    }
    ready.value = true;
  }

  /** Where this page's unconfirmed cells lie in the browser's store. */
  function own(): string {
    return nameOf(book.key, page);
  }

  /** What pages of this browser keep of this draft, this one's own aside. */
  async function stores(): Promise<readonly Snapshot<V>[]> {
    const every = await readAll<Snapshot<V>>("drafts").catch(() => []);
    return every.filter((one) => one.page !== page && new DraftBook(one.place).key === book.key);
  }

  /** Asks the venue for its draft, once for each page. */
  async function meet(): Promise<void> {
    if (met || reading.value || !at.state.connected) return;
    const there = await venues();
    if (there === null) return;
    if (reading.value) return;
    met = true;
    book.takeVenues(there);
    prune();
    tell();
    plan(0);
  }

  /** The venue's draft as it stands, for a window that shows and does not write. */
  async function look(): Promise<void> {
    const there = at.state.connected ? await venues() : null;
    // The pen may have come back in the meantime; then what is written here since is no longer to be set aside.
    if (there === null || !reading.value) return;
    aside = [...aside, ...book.setAside()];
    book.takeVenues(there);
    prune();
    tell();
  }

  async function venues(): Promise<Draft | null> {
    try {
      return await at.desk.getDraft(session, seat, stage);
    } catch (error) {
      if (error instanceof LineFault || error instanceof RefusedError) return null;
      throw error;
    }
  }

  /** Another window writes now: what is not confirmed is set aside, to be offered. */
  async function yieldPen(): Promise<void> {
    clearTimeout(timer);
    met = false;
    aside = [...aside, ...book.setAside()];
    store();
    await look();
  }

  /** This window writes now: it goes on from the venue's draft, and offers what others here had not sent. */
  async function takePen(): Promise<void> {
    await gatherOthers();
    store();
    await meet();
    tell();
  }

  /** What the venue has by now was not lost; a later look must not offer it over what is written after it. */
  function prune(): void {
    aside = book.differing(aside);
    const settled = others.filter((one) => book.differing([...one.aside, ...one.changes]).length === 0);
    others = others.filter((one) => !settled.includes(one));
    for (const one of settled) dropOther(one);
    store();
  }

  /** What other windows of this browser, closed or open, have typed and not seen confirmed. */
  async function gatherOthers(): Promise<void> {
    const found = (await stores()).filter((one) => one.changes.length + one.aside.length > 0);
    others = found;
    aside = [...aside, ...found.flatMap((one) => [...one.aside, ...one.changes])];
  }

  function put(bidder: string, criterion: string, centi: V | null): void {
    if (reading.value) return;
    book.put(bidder, criterion, centi, Date.now());
    scores.value = book.scores;
    unsent.value = book.differing(aside);
    safety.value = { where: "saving" };
    store();
    plan(GATHER_MS);
  }

  function enterUnsent(): void {
    for (const one of unsent.value) put(one.bidder, one.criterion, one.centi);
    letUnsentGo();
  }

  function letUnsentGo(): void {
    aside = [];
    unsent.value = [];
    store();
    for (const one of others) dropOther(one);
    others = [];
  }

  /** After what was taken from it lies in this window's own store, and only if nothing was added to it since. */
  function dropOther(one: Snapshot<V>): void {
    storing = storing.then(() => dropIfSame("drafts", nameOf(book.key, one.page), one).catch(() => undefined));
  }

  /** Keeps in the browser what the venue has not confirmed; what it has is asked of it. */
  function store(): void {
    storing = storing.then(async () => {
      const upTo = book.count;
      try {
        if (book.safe && aside.length === 0) await dropOne("drafts", own());
        else await writeOne("drafts", own(), book.snapshot(at.desk.writing.name, aside, page));
        stored = upTo;
        storable = true;
      } catch {
        storable = false;
      }
      if (!at.state.connected && !book.safe) safety.value = here();
    });
  }

  /** How safe what the venue has not confirmed is here: in the browser only once all of it lies there. */
  function here(): Safety {
    if (!storable) return { where: "failed" };
    return stored === book.count ? { where: "browser", at: Date.now() } : { where: "saving" };
  }

  function plan(afterMs: number): void {
    clearTimeout(timer);
    if (!ended) timer = setTimeout(() => void send(), afterMs);
  }

  async function send(): Promise<void> {
    if (book.safe || sending || reading.value || !at.state.connected) return;
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
      if (!book.safe) safety.value = here();
    } finally {
      sending = false;
    }
  }

  /** Another window was first, or writes now. A sealed sheet takes no more drafts. */
  function turnedDown(refused: Refused): void {
    const newer = refused.code === "OutOfOrder" ? refused.detail["draft"] : undefined;
    if (newer !== undefined) {
      book.takeVenues(JSON.parse(newer) as Draft);
      store();
      tell();
      plan(0);
    } else if (refused.code === "ReadOnlyHere") void at.desk.writing.ask().then(() => plan(AGAIN_MS));
    else if (refused.code !== "AlreadySealed") plan(AGAIN_MS);
  }

  function tell(): void {
    scores.value = book.scores;
    unsent.value = book.differing(aside);
    if (book.begun && book.safe) safety.value = { where: "venue", at: book.savedAt ?? Date.now() };
    else if (book.begun) safety.value = at.state.connected ? { where: "saving" } : here();
  }

  watch(reading, (now) => void (now ? yieldPen() : takePen()));
  watch(
    () => at.state.connected && at.state.standing === "following",
    (up) => {
      if (up) void meet().then(() => plan(0));
    },
  );
  onBeforeUnmount(() => {
    ended = true;
    clearTimeout(timer);
    clearInterval(looking);
    if (!book.safe && !reading.value && at.state.connected) {
      void at.desk.putDraft(book.sending().draft).catch(() => undefined);
    }
  });
  void load();
  return { scores, safety, ready, reading, unsent, put, enterUnsent, letUnsentGo };
}

function nameOf(book: string, page: string): string {
  return `${book}@${page}`;
}

/** Of several pages that had one window's name, the one that was written in last. */
function newest<V extends Value>(found: readonly Snapshot<V>[]): Snapshot<V> | undefined {
  const last = (one: Snapshot<V>): number => [...one.changes, ...one.aside].reduce((high, change) => Math.max(high, change.at), 0);
  return [...found].sort((one, other) => last(other) - last(one))[0];
}
