/// <reference types="vite/client" />
import { expect, test } from "vitest";
import { KIT_EN, KIT_ZH } from "@tongchang/protocol/kit/catalogue.ts";
import { keysUsed, lookUp } from "../../../../protocol/web/tests/keys_used.ts";
import { EN } from "../src/words_en.ts";
import { ZH } from "../src/words_zh.ts";

const sources: Record<string, string> = {
  ...import.meta.glob<string>("../src/*.{vue,ts}", { query: "?raw", import: "default", eager: true }),
  ...import.meta.glob<string>("../src/review/*.{vue,ts}", { query: "?raw", import: "default", eager: true }),
  ...import.meta.glob<string>("../../../../protocol/web/src/evaluation/*.{vue,ts}", { query: "?raw", import: "default", eager: true }),
  ...import.meta.glob<string>("../../../../protocol/web/src/documents/*.{vue,ts}", { query: "?raw", import: "default", eager: true }),
  ...import.meta.glob<string>("../../../../protocol/web/src/kit/*.{vue,ts}", { query: "?raw", import: "default", eager: true }),
};

test("every text that the page asks for stands in both catalogues", () => {
  const { whole, begun } = keysUsed(sources);
  expect(whole.length).toBeGreaterThan(40);
  for (const words of [{ kit: KIT_ZH, ...ZH }, { kit: KIT_EN, ...EN }]) {
    expect(whole.filter((key) => typeof lookUp(words, key) !== "string")).toEqual([]);
    expect(begun.filter((key) => typeof lookUp(words, key) !== "object")).toEqual([]);
  }
});

test("the page says everything in both languages", () => {
  const names = (words: object, under = ""): string[] =>
    Object.entries(words).flatMap(([name, one]) =>
      typeof one === "string" ? [under + name] : names(one as object, `${under}${name}.`),
    );
  expect(names(EN)).toEqual(names(ZH));
});
