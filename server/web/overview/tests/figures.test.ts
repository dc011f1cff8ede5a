import { expect, test } from "vitest";
import { bytesText, durationText } from "../src/figures.ts";

test("bytes are told with three digits at most, and nothing as a dash", () => {
  expect([0, 17, 1_536, 200 * 1_024, 5_368_709_120].map(bytesText)).toEqual(["—", "17 B", "1.5 KiB", "200 KiB", "5.0 GiB"]);
});

test("times are told in their two largest parts", () => {
  expect([0, 999, 61_000, 93_784_000, -5].map((ms) => durationText(ms, "en"))).toEqual(["0 s", "0 s", "1 min 1 s", "1 d 2 h", "0 s"]);
  expect([0, 61_000, 93_784_000].map((ms) => durationText(ms, "zh"))).toEqual(["0 秒", "1 分 1 秒", "1 天 2 小时"]);
});
