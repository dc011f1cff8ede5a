import { expect, test } from "vitest";
import { OBSERVATION_TABLES } from "@tongchang/protocol/generated/observations.ts";
import { HELD_MAX, HELD_MS, Noting, itemOfKey, subjectOf } from "../src/noting.ts";

const items = OBSERVATION_TABLES["2"] ?? [];
const left = items.find((item) => item.code === "seat_left")!;
const ready = items.find((item) => item.code === "room_ready")!;

test("a note waits some seconds and is then due, once", () => {
  const noting = new Noting();
  noting.add(left, "M3", 1_000);
  expect(noting.take(1_000 + HELD_MS - 1)).toEqual([]);
  const [note] = noting.take(1_000 + HELD_MS);
  expect(note).toMatchObject({ item: "seat_left", finding: "irregular", subject: "M3", noted_at: 1_000 });
  expect(noting.take(1_000_000)).toEqual([]);
});

test("a note that is taken back never goes out", () => {
  const noting = new Noting();
  const { id } = noting.add(left, "", 0);
  noting.undo(id);
  expect(noting.take(HELD_MS)).toEqual([]);
});

test("a note waits as long as its remark is written, and goes out with it", () => {
  const noting = new Noting();
  const { id } = noting.add(left, "M3", 0);
  noting.write(id, "离席两分钟");
  expect(noting.take(10 * HELD_MS)).toEqual([]);
  noting.written(id, 10 * HELD_MS);
  expect(noting.take(11 * HELD_MS).map((one) => one.remark)).toEqual(["离席两分钟"]);
});

test("another finding gives the note its time again; sending at once does not wait", () => {
  const noting = new Noting();
  const { id } = noting.add(left, "M3", 0);
  noting.find(id, "handled", HELD_MS - 1);
  expect(noting.take(HELD_MS)).toEqual([]);
  noting.hurry(id, HELD_MS);
  expect(noting.take(HELD_MS).map((one) => one.finding)).toEqual(["handled"]);
});

test("of too many the oldest go out, in their order", () => {
  const noting = new Noting();
  for (let at = 0; at < HELD_MAX + 2; at += 1) noting.add(left, `M${at}`, at);
  expect(noting.take(10).map((one) => one.subject)).toEqual(["M0", "M1"]);
  expect(noting.waiting.length).toBe(HELD_MAX);
});

test("notes of before a reload are taken up, and new ones have ids of their own", () => {
  const before = new Noting();
  before.add(left, "M3", 0);
  const after = new Noting(before.waiting);
  expect(after.add(left, "M4", 1).id).not.toBe(before.waiting[0]?.id);
  expect(after.waiting.map((one) => one.subject)).toEqual(["M3", "M4"]);
});

test("a venue's item is about one's own venue unless somebody is chosen", () => {
  expect(subjectOf(ready, "", "nanjing")).toBe("nanjing");
  expect(subjectOf(ready, "hefei", "nanjing")).toBe("hefei");
  expect(subjectOf(left, "", "nanjing")).toBe("");
});

test("a letter notes its item, but not while something is typed or with another key held", () => {
  const press = (target: HTMLElement, more: KeyboardEventInit = {}) => {
    let found: string | null = null;
    target.addEventListener("keydown", (event) => (found = itemOfKey(items, event)?.code ?? null));
    target.dispatchEvent(new KeyboardEvent("keydown", { key: "j", ...more }));
    return found;
  };
  expect(press(document.createElement("main"))).toBe("seat_left");
  expect(press(document.createElement("input"))).toBeNull();
  expect(press(document.createElement("textarea"))).toBeNull();
  expect(press(document.createElement("main"), { ctrlKey: true })).toBeNull();
  expect(press(document.createElement("main"), { repeat: true })).toBeNull();
  const radio = document.createElement("input");
  radio.type = "radio";
  expect(press(radio)).toBe("seat_left");
});
