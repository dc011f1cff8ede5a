/** Which document answers what an expert looks at; pure, read off the list that the node gave. */

import type { DocumentNote, Shelf } from "../generated/messages.ts";

export interface Spot {
  readonly document: string;
  readonly page: number;
}

export interface Group {
  /** The bid's code, empty for the tender's own. */
  readonly code: string;
  readonly documents: readonly DocumentNote[];
}

/** What is looked at first where several documents answer: names last. */
const ORDER: readonly Shelf[] = ["blind", "evidence", "bid", "tender"];

/**
 * Where a bid answers a criterion. Where nothing says so: that bid's document of the kind that is open now, from
 * its beginning; else its first one; null where the bid has none that may be read.
 */
export function answerTo(
  documents: readonly DocumentNote[],
  code: string,
  criterion: string,
  open: DocumentNote | null,
): Spot | null {
  const own = byShelf(documents.filter((one) => one.code === code));
  for (const one of own) {
    const found = one.answers.find((answer) => answer.criterion === criterion);
    if (found !== undefined) return { document: one.document, page: found.page };
  }
  const like = own.find((one) => one.shelf === open?.shelf && one.title === open.title) ?? own[0];
  return like === undefined ? null : { document: like.document, page: 1 };
}

/** The same place of another bid: its document of the same kind, at the page that answers the same criterion. */
export function counterpart(
  documents: readonly DocumentNote[],
  code: string,
  criterion: string,
  open: DocumentNote | null,
): Spot | null {
  const like = documents.find((one) => one.code === code && one.shelf === open?.shelf && one.title === open.title);
  if (like === undefined) return answerTo(documents, code, criterion, open);
  const page = like.answers.find((answer) => answer.criterion === criterion)?.page ?? 1;
  return { document: like.document, page };
}

/** The documents as they are chosen from: the tender's own first, then bid by bid. */
export function grouped(documents: readonly DocumentNote[]): Group[] {
  const codes = [...new Set(documents.map((one) => one.code))].sort((a, b) => Number(a !== "") - Number(b !== ""));
  return codes.map((code) => ({ code, documents: byShelf(documents.filter((one) => one.code === code)) }));
}

function byShelf(documents: readonly DocumentNote[]): DocumentNote[] {
  return [...documents].sort((a, b) => ORDER.indexOf(a.shelf) - ORDER.indexOf(b.shelf));
}
