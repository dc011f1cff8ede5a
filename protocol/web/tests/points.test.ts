import { expect, test } from "vitest";
import { readPoints, writeCenti, writePoints } from "../src/points.ts";

const item = { max_centi: 800, step_centi: 50 };

test.each([
  ["7.5", 750], ["7.50", 750], ["8", 800], ["0", 0], [" 3.5 ", 350], [".5", 50], ["7.", 700], ["007", 700],
  ["\uff17\uff0e\uff15", 750], ["7\u30025", 750], ["-0", 0], ["7.500000000000000000000", 750],
])("%s is read exactly", (typed, centi) => {
  expect(readPoints(typed, item)).toEqual({ centi });
});

test.each([
  ["", "form"], ["abc", "form"], ["7,5", "form"], ["1e1", "form"], ["+7", "form"], ["7.5.1", "form"], ["七", "form"],
  ["7.501", "places"], ["0.001", "places"],
  ["8.5", "range"], ["-0.5", "range"], ["999999999", "range"],
  ["7.25", "step"], ["0.1", "step"],
])("%s is refused for its %s", (typed, fault) => {
  expect(readPoints(typed, item)).toEqual({ fault });
});

test("steps of a hundredth are exact where floats are not", () => {
  const fine = { max_centi: 10_000, step_centi: 1 };
  for (let centi = 0; centi <= 10_000; centi += 1) {
    expect(readPoints(writeCenti(centi), fine)).toEqual({ centi });
    expect(readPoints(writePoints(centi), fine)).toEqual({ centi });
  }
});

test("points are written without needless zeros, and with two decimals for columns", () => {
  expect([3450, 400, 7, -1571, 0].map(writePoints)).toEqual(["34.5", "4", "0.07", "-15.71", "0"]);
  expect([3450, 400, 7, -1571, 0].map(writeCenti)).toEqual(["34.50", "4.00", "0.07", "-15.71", "0.00"]);
});
