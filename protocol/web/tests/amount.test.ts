import { expect, test } from "vitest";
import { inWords, inYuan } from "../src/amount.ts";

test.each([
  ["4528.60", "万元", "肆仟伍佰贰拾捌万陆仟元整"],
  ["4698.00", "万元", "肆仟陆佰玖拾捌万元整"],
  ["4612.35", "万元", "肆仟陆佰壹拾贰万叁仟伍佰元整"],
  ["45286000.00", "元", "肆仟伍佰贰拾捌万陆仟元整"],
  ["10001.05", "元", "壹万零壹元零伍分"],
  ["100000000", "元", "壹亿元整"],
  ["100010000.50", "元", "壹亿零壹万元伍角整"],
  ["1020.30", "元", "壹仟零贰拾元叁角整"],
  ["0.07", "元", "柒分"],
  ["0.10", "元", "壹角整"],
  ["0", "元", "零元整"],
  ["100500", "元", "壹拾万零伍佰元整"],
  ["1200000.12", "万元", "壹佰贰拾亿零壹仟贰佰元整"],
])("%s %s is read %s", (price, unit, words) => {
  expect(inWords(price, unit)).toBe(words);
});

test("a price of another unit, or finer than a fen, has no words", () => {
  expect(inWords("12.5", "USD")).toBeNull();
  expect(inWords("0.001", "元")).toBeNull();
  expect(inWords("", "元")).toBeNull();
  expect(inWords("-1", "元")).toBeNull();
});

test("figures are grouped and have two places", () => {
  expect(inYuan("4528.60", "万元")).toBe("¥45,286,000.00");
  expect(inYuan("999.5", "元")).toBe("¥999.50");
  expect(inYuan("1", "hour")).toBeNull();
});
