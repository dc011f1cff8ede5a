/**
 * Composable: what a person is writing for acts that are not signed yet, in the seat's draft book of the
 * session: it outlives a reload, a crash and a cut line, and another window of the seat takes it over.
 */

import { type ComputedRef, type InjectionKey, type Ref, computed, inject, provide } from "vue";
import { SESSION_STAGE } from "../command.ts";
import { ID_CHARS_MAX } from "../generated/limits.ts";
import type { AtDesk } from "../kit/desk.ts";
import { type Safety, useBook } from "../kit/drafting.ts";

export interface TextDrafts {
  readonly text: (act: string, field: string) => string;
  readonly put: (act: string, field: string, text: string) => void;
  /** The act is signed: nothing of what was written for it is wanted any more. */
  readonly done: (act: string) => void;
  readonly safety: Ref<Safety>;
  readonly ready: Ref<boolean>;
  readonly reading: ComputedRef<boolean>;
  /** How many fields were written in this browser, did not reach the venue, and differ from its draft. */
  readonly unsent: ComputedRef<number>;
  readonly enterUnsent: () => void;
  readonly letUnsentGo: () => void;
}

const KEY: InjectionKey<TextDrafts> = Symbol("texts");

/** Opens the session's texts for everything below; once for each page, where a seat is signed in. */
export function provideTexts(at: AtDesk): TextDrafts {
  const { session, seat } = at.state.who ?? { session: "", seat: "" };
  const book = useBook<string>(at, session, seat, SESSION_STAGE, "texts");
  const text = (act: string, field: string): string => book.scores.value[act]?.[field] ?? "";
  const put = (act: string, field: string, written: string): void => {
    if (written !== text(act, field)) book.put(act, field, written === "" ? null : written);
  };
  const drafts: TextDrafts = {
    text,
    put,
    done: (act) => {
      for (const field of Object.keys(book.scores.value[act] ?? {})) book.put(act, field, null);
    },
    safety: book.safety,
    ready: book.ready,
    reading: book.reading,
    unsent: computed(() => book.unsent.value.length),
    enterUnsent: book.enterUnsent,
    letUnsentGo: book.letUnsentGo,
  };
  provide(KEY, drafts);
  return drafts;
}

/** For tests of single parts. */
export function provideDrafts(drafts: TextDrafts): void {
  provide(KEY, drafts);
}

export function useTexts(): TextDrafts {
  const found = inject(KEY);
  if (found === undefined) throw new Error("no texts were opened above this part");
  return found;
}

/**
 * The name of an act's draft or of a field in it, of parts that are identifiers: an identifier itself. Where it
 * would be too long its end gives way to a number of all of it (FNV-1a, 32 bits).
 */
export function draftName(...parts: readonly (string | number)[]): string {
  const name = parts.filter((part) => part !== "").join(".");
  if (name.length <= ID_CHARS_MAX) return name;
  let sum = 0x811c9dc5;
  for (const letter of name) sum = Math.imul(sum ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return `${name.slice(0, ID_CHARS_MAX - 9)}.${sum.toString(16).padStart(8, "0")}`;
}
