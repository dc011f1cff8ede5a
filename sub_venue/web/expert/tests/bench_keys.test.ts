import { expect, test } from "vitest";
import { BENCH_KEYS, benchAct, bounded, movedShare } from "../src/bench_keys.ts";

const press = (key: string, shift = false, other = false) => benchAct({ key, shift, other });

test("function keys and PageUp and PageDown are the bench's, with Control or Alt they are the browser's", () => {
  expect([press("F2"), press("PageDown"), press("PageDown", true), press("F1")]).toEqual(["side", "screen_on", "page_on", "help"]);
  expect([press("PageDown", false, true), press("F5"), press("a"), press("F2", true)]).toEqual([null, null, null, null]);
});

test("no key stands twice in the help", () => {
  expect(new Set(BENCH_KEYS.map(([key]) => key)).size).toBe(BENCH_KEYS.length);
});

test("the splitter moves within bounds, and Enter halves", () => {
  expect([movedShare(50, "ArrowLeft"), movedShare(26, "ArrowLeft"), movedShare(74, "ArrowRight")]).toEqual([48, 25, 75]);
  expect([movedShare(30, "Home"), movedShare(30, "End"), movedShare(30, "Enter"), movedShare(30, "Tab")]).toEqual([25, 75, 50, null]);
  expect([bounded(3), bounded(99), bounded(49.6)]).toEqual([25, 75, 50]);
});
