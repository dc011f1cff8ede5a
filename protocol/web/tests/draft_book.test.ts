import { expect, test } from "vitest";
import type { Draft } from "../src/generated/messages.ts";
import { DraftBook } from "../src/link/draft_book.ts";

const place = { session: "S", seat: "M5", stage: { lot: "01", envelope: "1", round: 1 } };

function stored(revision: number, centi: number): Draft {
  return { ...place, revision, scores: { b1: { A1: centi } } };
}

test("a draft is safe once the venue has confirmed its last change", () => {
  const book = new DraftBook(place);
  book.put("b1", "A1", 750);
  expect([book.safe, book.revision]).toEqual([false, 1]);
  book.kept({ revision: 1, at: 99 });
  expect([book.safe, book.savedAt]).toEqual([true, 99]);
  book.put("b1", "A1", null);
  expect(book.safe).toBe(false);
  expect(book.draft()).toEqual({ ...place, revision: 2, scores: { b1: {} } });
});

test("a late confirmation of an earlier change takes nothing back", () => {
  const book = new DraftBook(place);
  book.put("b1", "A1", 750);
  book.put("b1", "A1", 700);
  book.kept({ revision: 2, at: 20 });
  book.kept({ revision: 1, at: 30 });
  expect([book.safe, book.savedAt]).toEqual([true, 20]);
});

test("of the browser's and the venue's draft the newer one is taken up", () => {
  const book = new DraftBook(place);
  expect(book.restore(stored(4, 700), false)).toBe(true);
  expect(book.safe).toBe(false);
  expect(book.restore(stored(3, 100), true)).toBe(false);
  expect(book.scores).toEqual({ b1: { A1: 700 } });
  expect(book.restore(stored(6, 800), true)).toBe(true);
  expect([book.scores["b1"]?.["A1"], book.safe]).toEqual([800, true]);
  expect(book.restore(null, true)).toBe(false);
});

test("a change replaces the rows, so that a page sees it", () => {
  const book = new DraftBook(place);
  book.put("b1", "A1", 750);
  const before = book.scores;
  book.put("b2", "A1", 700);
  expect(book.scores).not.toBe(before);
  expect(before).toEqual({ b1: { A1: 750 } });
});
