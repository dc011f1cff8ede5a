import { expect, test } from "vitest";
import type { Line, View } from "../src/generated/messages.ts";
import { ACT_TERMS } from "../src/generated/words.ts";
import { KIT_EN, KIT_ZH } from "../src/kit/catalogue.ts";
import { fits, gapIn, kindOf, sentence } from "../src/kit/feed_lines.ts";
import { PROVINCES, province } from "../src/kit/provinces.ts";
import type { Speaking } from "../src/kit/speaking.ts";
import * as speech from "../src/kit/speech.ts";

function line(seq: number, type: string, more: Partial<Line> = {}): Line {
  return { seq, at: seq, leaf: "", type, who: "M5", lot: "", envelope: "", events: [], venue: "hangzhou", role: "expert", about: {}, ...more };
}

const venues = [{ venue: "hangzhou", zh: "杭州", en: "Hangzhou" }];
const view = { venues, stages: [{ bids: [{ bidder: "b1", code: "甲", name: null }] }] } as unknown as View;

function speaking(words: object, lang: speech.Lang): Speaking {
  const t = (key: string, particulars: Record<string, unknown> = {}) => {
    const found = key.split(".").slice(1).reduce<unknown>((under, name) => (under as Record<string, unknown>)?.[name], words);
    return String(found).replace(/\{(\w+)\}/g, (_, name: string) => String(particulars[name] ?? "?"));
  };
  return {
    t, term: (id: string) => speech.term(id, lang), act: (type: string) => speech.act(type, lang),
    venue: (of: View, id: string) => speech.venueName(of, id, lang),
  } as unknown as Speaking;
}

const zh = speaking(KIT_ZH, "zh");

test("a line is said in plain words, with who and what it is about", () => {
  expect(sentence(line(1, "SealSheet"), view, zh)).toBe("M5(杭州)封存了评分");
  expect(sentence(line(1, "TryOpening", { role: "venue", about: { seat: "M5", ok: "no" } }), view, zh)).toBe(
    "杭州会场试开启席位 M5 的评分:未能开启",
  );
  expect(sentence(line(1, "NoteRefusal", { role: "installation", about: { seat: "M5", act: "SealSheet", code: "WrongPhase" } }), view, zh)).toBe(
    "席位 M5 的操作“封存评分”被拒绝(WrongPhase)",
  );
  expect(sentence(line(1, "ReachMilestone", { about: { milestone: "scores_closed", owed: "zhejiang" } }), view, zh)).toBe(
    "协调系统记下里程碑“评分截止”,待补签:zhejiang",
  );
  expect(sentence(line(1, "ReadOut", { role: "tenderee", about: { bidder: "b1" } }), view, zh)).toBe("招标人唱标:甲");
  expect(sentence(line(1, "SignWitnessRecord", { role: "witness" }), view, zh)).toBe("杭州见证人员签署了见证记录");
  expect(sentence(line(1, "CallReplacement", { role: "agent", about: { seat: "M4" } }), view, zh)).toBe("招标代理按同一顺序为席位 M4 补抽下一位");
  expect(sentence(line(1, "ReplaceMember", { role: "agent", about: { seat: "M3", successor: "M3-2" } }), view, zh)).toBe(
    "招标代理更换席位 M3 的成员,由 M3-2 接替,原结论作废",
  );
  expect(sentence(line(1, "ExtendTime", { role: "agent", about: { minutes: "30" } }), view, zh)).toBe("招标代理将评标时间延长 30 分钟");
  expect(sentence(line(1, ""), view, zh)).toBe("(内容不公开)");
});

test("every act that there is has a sentence in both languages", () => {
  for (const words of [KIT_ZH, KIT_EN]) {
    for (const type of Object.keys(ACT_TERMS)) expect(words.feed.say, type).toHaveProperty(type);
  }
});

test("no act is said by its name alone where it has a sentence, and no particular is missing in it", () => {
  const about = { seat: "M4", successor: "M6", seats: "M4", bids: "5", bidder: "b1", rate: "K", k: "97", minutes: "30", act: "SealSheet", code: "x", ok: "yes", owed: "" };
  const en = speaking(KIT_EN, "en");
  for (const speaker of [zh, en]) {
    for (const type of Object.keys(ACT_TERMS)) {
      const told = sentence(line(1, type, { about: { ...about, milestone: "genesis", finding: "normal" } }), view, speaker);
      expect(told, type).not.toContain("?");
      expect(told, type).not.toBe(speaker.t("kit.feed.say.other", { who: "M5(杭州)", act: speaker.act(type) }));
    }
  }
});

test("lines are wanted by kind, venue and seat, and an act about a seat is that seat's too", () => {
  const none = { kind: "", venue: "", seat: "" };
  const tried = line(3, "TryOpening", { who: "nanjing", venue: "nanjing", role: "venue", about: { seat: "M3", ok: "no" } });
  const overrun = line(4, "RaiseOverrun", { who: "installation", venue: "", role: "installation", about: { seats: "M4, M5" } });
  expect([kindOf(tried), kindOf(overrun), kindOf(line(1, "OpenCheckIn"))]).toEqual(["unusual", "unusual", "flow"]);
  expect(fits(tried, none)).toBe(true);
  expect(fits(tried, { ...none, seat: "M3" })).toBe(true);
  expect(fits(overrun, { ...none, seat: "M5" })).toBe(true);
  expect(fits(overrun, { ...none, seat: "M3" })).toBe(false);
  expect(fits(line(1, "SealSheet"), { kind: "scores", venue: "nanjing", seat: "" })).toBe(false);
});

test("a number that is missing is found, at the end as well", () => {
  const held = [0, 1, 2].map((seq) => line(seq, "CheckIn"));
  expect(gapIn(held, 3)).toBeNull();
  expect(gapIn(held, 5)).toEqual({ from: 3, to: 4 });
  expect(gapIn([held[0]!, line(4, "CheckIn")], 5)).toEqual({ from: 1, to: 3 });
});

test("the provinces are GB/T 2260's, each on a tile of its own", () => {
  expect(PROVINCES).toHaveLength(34);
  for (const of of ["id", "code", "letters", "zh"] as const) {
    expect(new Set(PROVINCES.map((one) => one[of])).size).toBe(34);
  }
  expect(new Set(PROVINCES.map((one) => `${one.column}/${one.row}`)).size).toBe(34);
  expect([province("anhui")?.zh, province("34")?.letters, province("nowhere")]).toEqual(["安徽", "AH", undefined]);
});
