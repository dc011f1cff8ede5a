import { expect, test } from "vitest";
import { isShare } from "../src/share.ts";

test.each(["0", "30", "12.5", "99.99", "100"])("%s is a share", (text) => {
  expect(isShare(text)).toBe(true);
});

test.each(["", "-1", "101", "100.5", "030", "1.234", "3e1", "30%", "12."])("%j is no share", (text) => {
  expect(isShare(text)).toBe(false);
});
