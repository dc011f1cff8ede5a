import { expect, test } from "vitest";
import type { DocumentNote, Shelf } from "../src/generated/messages.ts";
import { answerTo, counterpart, grouped } from "../src/documents/document_choice.ts";

function note(document: string, shelf: Shelf, code: string, answers: Record<string, number> = {}, title: string = shelf): DocumentNote {
  return {
    document, shelf, lot: "01", envelope: "1", code, title,
    answers: Object.entries(answers).map(([criterion, page]) => ({ criterion, page })),
  };
}

const documents = [
  note("t", "tender", ""),
  note("p1", "bid", "甲", { B1: 3 }, "资格"),
  note("d1", "blind", "甲", { A1: 2, A2: 5 }),
  note("e1", "evidence", "甲", { B1: 1 }),
  note("d2", "blind", "乙", { A1: 3 }),
];

test("a cell leads to the page that answers it, anonymous papers before those with names", () => {
  expect(answerTo(documents, "甲", "A2", null)).toEqual({ document: "d1", page: 5 });
  expect(answerTo(documents, "甲", "B1", null)).toEqual({ document: "e1", page: 1 });
});

test("where nothing says so, the bid's document of the kind that is open now is shown", () => {
  expect(answerTo(documents, "甲", "C", documents[1]!)).toEqual({ document: "p1", page: 1 });
  expect(answerTo(documents, "乙", "B1", null)).toEqual({ document: "d2", page: 1 });
  expect(answerTo(documents, "丙", "A1", null)).toBeNull();
});

test("beside a bid stands the same document of another at the same criterion", () => {
  expect(counterpart(documents, "乙", "A1", documents[2]!)).toEqual({ document: "d2", page: 3 });
  expect(counterpart(documents, "乙", "B1", documents[3]!)).toEqual({ document: "d2", page: 1 });
});

test("documents are chosen from bid by bid, the tender's own first", () => {
  expect(grouped(documents).map((one) => [one.code, one.documents.map((each) => each.document)])).toEqual([
    ["", ["t"]], ["甲", ["d1", "e1", "p1"]], ["乙", ["d2"]],
  ]);
});
