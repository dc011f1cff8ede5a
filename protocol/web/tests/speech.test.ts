import { expect, test } from "vitest";
import { ACT_TERMS } from "../src/generated/words.ts";
import { KIT_EN, KIT_ZH } from "../src/kit/catalogue.ts";
import { act, clock, list, phase, refusal, term } from "../src/kit/speech.ts";

test("words follow the regime", () => {
  expect(term("tenderee", "zh", "TENDER")).toBe("招标人");
  expect(term("tenderee", "zh", "GOV_PROC")).toBe("采购人");
  expect(term("bidder", "en", "GOV_PROC")).toBe("supplier");
});

test("a refusal's identifiers are put into words of the reader's language", () => {
  const refused = { code: "WrongPhase", zh: "", en: "", detail: { phase: "CHECKIN", type: "SealSheet", wanted: "DETAILED" } };
  expect(refusal(refused, "zh")).toBe("当前阶段为“签到”,不能执行“封存评分”。请等待或由招标代理推进到:详细评审。");
  expect(refusal(refused, "en")).toContain("“Seal sheet” cannot be done now");
});

test("a refusal that this page does not know is shown as it travelled", () => {
  const refused = { code: "Newer", zh: "新的", en: "new", detail: {} };
  expect([refusal(refused, "zh"), refusal(refused, "en")]).toEqual(["新的", "new"]);
});

test("who may do an act is said under the session's regime", () => {
  const refused = { code: "NotAllowed", zh: "", en: "", detail: { role: "expert", type: "LockRoster", allowed: "agent, tenderee" } };
  expect(refusal(refused, "zh", "GOV_PROC")).toBe("“评标专家”不能执行“锁定评标委员会”。请由 招标代理、采购人 办理。");
});

test("every act, phase and list has words", () => {
  expect(Object.keys(ACT_TERMS)).toContain("SealSheet");
  expect([act("SealSheet", "zh"), act("DrawK", "en"), phase("DETAILED", "zh")]).toEqual(["封存评分", "Draw K", "详细评审"]);
  expect([list(["甲", "乙"], "zh"), list(["A", "B"], "en")]).toEqual(["甲、乙", "A, B"]);
  expect(clock(new Date(2026, 0, 1, 9, 5, 7).getTime())).toBe("09:05:07");
});

test("the shared parts say everything in both languages", () => {
  const names = (words: object, under = ""): string[] =>
    Object.entries(words).flatMap(([name, one]) =>
      typeof one === "string" ? [under + name] : names(one as object, `${under}${name}.`),
    );
  expect(names(KIT_EN)).toEqual(names(KIT_ZH));
});
