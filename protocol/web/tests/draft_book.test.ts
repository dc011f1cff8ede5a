import { expect, test } from "vitest";
import type { Draft } from "../src/generated/messages.ts";
import { DraftBook } from "../src/link/draft_book.ts";

const place = { session: "S", seat: "M5", stage: { lot: "01", envelope: "1", round: 1 } };

function venues(revision: number, scores: Draft["scores"]): Draft {
  return { ...place, revision, scores, texts: {} };
}

test("a draft is safe once the venue has confirmed its last cell", () => {
  const book = new DraftBook(place);
  expect([book.safe, book.begun]).toEqual([true, false]);
  book.put("b1", "A1", 750);
  expect([book.safe, book.begun]).toEqual([false, true]);
  const sent = book.sending();
  expect(sent.draft).toEqual(venues(1, { b1: { A1: 750 } }));
  book.kept({ revision: 1, at: 99 }, sent);
  expect([book.safe, book.savedAt]).toEqual([true, 99]);
  book.put("b1", "A1", null);
  expect(book.sending().draft).toEqual(venues(2, { b1: {} }));
});

test("what is written while a draft is on its way is not confirmed by it", () => {
  const book = new DraftBook(place);
  book.put("b1", "A1", 750);
  const sent = book.sending();
  book.put("b1", "A2", 500);
  book.kept({ revision: 1, at: 10 }, sent);
  expect(book.safe).toBe(false);
  const next = book.sending();
  expect(next.draft).toEqual(venues(2, { b1: { A1: 750, A2: 500 } }));
  book.kept({ revision: 2, at: 20 }, next);
  book.kept({ revision: 1, at: 30 }, sent);
  expect([book.safe, book.savedAt]).toEqual([true, 20]);
});

test("where another window saved first, this one's unconfirmed cells go on top of it", () => {
  const book = new DraftBook(place);
  book.put("b1", "A1", 750);
  book.kept({ revision: 1, at: 10 }, book.sending());
  book.put("b1", "A2", 500);
  book.put("b2", "A1", 100);
  book.takeVenues(venues(2, { b1: { A1: 700, A2: 300 }, b3: { A1: 50 } }));
  expect(book.sending().draft).toEqual(venues(3, { b1: { A1: 700, A2: 500 }, b2: { A1: 100 }, b3: { A1: 50 } }));
  expect(book.safe).toBe(false);
});

test("after a reload the browser's unconfirmed cells meet the venue's draft", () => {
  const before = new DraftBook(place);
  before.put("b1", "A1", 750);
  before.kept({ revision: 1, at: 10 }, before.sending());
  before.put("b1", "A2", 500);
  const after = new DraftBook(place);
  after.restore(structuredClone(before.snapshot()));
  expect([after.scores, after.safe]).toEqual([{ b1: { A1: 750, A2: 500 } }, false]);
  after.takeVenues(venues(1, { b1: { A1: 750 } }));
  expect(after.scores).toEqual({ b1: { A1: 750, A2: 500 } });
  after.takeVenues(venues(4, { b1: { A1: 800 } }));
  expect(after.scores).toEqual({ b1: { A1: 800, A2: 500 } });
});

test("a browser that kept nothing takes the venue's draft as it stands", () => {
  const book = new DraftBook(place);
  book.takeVenues(venues(6, { b1: { A1: 800 } }));
  expect([book.scores, book.safe, book.begun]).toEqual([{ b1: { A1: 800 } }, true, true]);
});

test("when another window writes, what is not confirmed is set aside and the venue's draft is shown whole", () => {
  const book = new DraftBook(place);
  book.put("b1", "A1", 750);
  book.kept({ revision: 3, at: 10 }, book.sending());
  book.put("b1", "A2", 500);
  book.put("b1", "A2", 550);
  book.put("b2", "A1", null);
  const sent = book.sending();
  const aside = book.setAside();
  expect(book.safe).toBe(true);
  book.kept({ revision: 4, at: 11 }, sent);
  book.takeVenues(venues(3, { b1: { A1: 700 } }));
  expect([book.scores, book.safe]).toEqual([{ b1: { A1: 700 } }, true]);
  expect(book.differing(aside).map(({ bidder, criterion, centi }) => [bidder, criterion, centi])).toEqual([["b1", "A2", 550]]);
  book.put("b1", "A2", 550);
  expect(book.differing(aside)).toEqual([]);
  expect(book.sending().draft).toEqual(venues(4, { b1: { A1: 700, A2: 550 } }));
});

test("a window's book says whose it is, so that another window finds it", () => {
  const book = new DraftBook(place);
  book.put("b1", "A1", 750);
  expect(book.snapshot("w1")).toMatchObject({ place, window: "w1", base: 0, rows: { b1: { A1: 750 } } });
});

test("a venue that has lost its disk gets every cell again", () => {
  const book = new DraftBook(place);
  book.put("b1", "A1", 750);
  book.kept({ revision: 5, at: 10 }, book.sending());
  book.takeVenues(venues(0, {}));
  expect([book.safe, book.sending().draft]).toEqual([false, venues(1, { b1: { A1: 750 } })]);
});

test("a change replaces the rows, so that a page sees it", () => {
  const book = new DraftBook(place);
  book.put("b1", "A1", 750);
  const before = book.scores;
  book.put("b2", "A1", 700);
  expect(book.scores).not.toBe(before);
  expect(before).toEqual({ b1: { A1: 750 } });
});

test("a venue that has an older disk gets back what was cleared since, as cleared", () => {
  const book = new DraftBook(place);
  book.put("b1", "A1", 750);
  book.put("b1", "A2", 300);
  book.kept({ revision: 5, at: 10 }, book.sending());
  book.put("b1", "A2", null);
  book.kept({ revision: 6, at: 11 }, book.sending());
  book.takeVenues(venues(5, { b1: { A1: 750, A2: 300 } }));
  expect(book.sending().draft).toEqual(venues(6, { b1: { A1: 750 } }));
});

test("of what several windows set aside, the latest writing of a cell is offered, whichever window is read first", () => {
  const writing = (centi: number, at: number) => ({ bidder: "b1", criterion: "A1", centi, number: 1, at });
  const book = new DraftBook(place);
  for (const aside of [[writing(500, 10), writing(700, 20)], [writing(700, 20), writing(500, 10)]]) {
    expect(book.differing(aside).map(({ centi }) => centi)).toEqual([700]);
  }
});

test("a book of texts keeps texts alone, and what is written goes on top of what another window saved", () => {
  const session = { ...place, stage: { lot: "", envelope: "", round: 0 } };
  const there = (revision: number, texts: Draft["texts"]): Draft => ({ ...session, revision, scores: {}, texts });
  const book = new DraftBook<string>(session, "texts");
  book.put("vote-b2", "reason", "缺少授权");
  expect(book.sending().draft).toEqual(there(1, { "vote-b2": { reason: "缺少授权" } }));
  book.takeVenues(there(3, { ask: { question: "工期" }, "vote-b2": { reason: "旧" } }));
  expect(book.scores).toEqual({ ask: { question: "工期" }, "vote-b2": { reason: "缺少授权" } });
  const after = new DraftBook<string>(session, "texts");
  after.restore(structuredClone(book.snapshot()));
  expect([after.scores, after.safe]).toEqual([book.scores, false]);
});
