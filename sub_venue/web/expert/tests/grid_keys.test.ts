import { expect, test } from "vitest";
import { type Pressed, moved } from "../src/grid_keys.ts";

const plain: Omit<Pressed, "key"> = { shift: false, ctrl: false, atStart: true, atEnd: true };
const press = (key: string, more: Partial<Pressed> = {}): Pressed => ({ ...plain, key, ...more });
const [ROWS, COLUMNS] = [10, 5];

test.each([
  ["ArrowDown", 3, 2, 4, 2], ["ArrowUp", 3, 2, 2, 2], ["ArrowLeft", 3, 2, 3, 1], ["ArrowRight", 3, 2, 3, 3],
  ["ArrowUp", 0, 2, 0, 2], ["ArrowDown", 9, 2, 9, 2], ["ArrowLeft", 3, 0, 3, 0], ["ArrowRight", 3, 4, 3, 4],
  ["Enter", 3, 2, 4, 2], ["Enter", 9, 2, 0, 3], ["Enter", 9, 4, 9, 4],
])("%s from %i,%i leads to %i,%i", (key, row, column, toRow, toColumn) => {
  expect(moved({ row, column }, press(key), ROWS, COLUMNS)).toEqual({ row: toRow, column: toColumn });
});

test("shift and Enter goes back the way Enter came", () => {
  expect(moved({ row: 0, column: 3 }, press("Enter", { shift: true }), ROWS, COLUMNS)).toEqual({ row: 9, column: 2 });
  expect(moved({ row: 0, column: 0 }, press("Enter", { shift: true }), ROWS, COLUMNS)).toEqual({ row: 0, column: 0 });
});

test("left and right belong to the typing until the caret is at the edge", () => {
  expect(moved({ row: 1, column: 1 }, press("ArrowLeft", { atStart: false }), ROWS, COLUMNS)).toBeNull();
  expect(moved({ row: 1, column: 1 }, press("ArrowRight", { atEnd: false }), ROWS, COLUMNS)).toBeNull();
});

test("with control Home and End lead to the corners; Tab and digits are the browser's", () => {
  expect(moved({ row: 1, column: 1 }, press("Home", { ctrl: true }), ROWS, COLUMNS)).toEqual({ row: 0, column: 0 });
  expect(moved({ row: 1, column: 1 }, press("End", { ctrl: true }), ROWS, COLUMNS)).toEqual({ row: 9, column: 4 });
  expect(["Home", "Tab", "7"].map((key) => moved({ row: 1, column: 1 }, press(key), ROWS, COLUMNS))).toEqual([null, null, null]);
});
