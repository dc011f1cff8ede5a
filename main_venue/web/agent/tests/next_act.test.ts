import { expect, test } from "vitest";
import type { ActView, RateView, StageView, View } from "@tongchang/protocol/generated/messages.ts";
import { choice, undrawn } from "../src/next_act.ts";
import { ROAD } from "../src/next_act.ts";
import { ROAD_3, choice3 } from "../src/road.ts";
import { ZH } from "../src/words_zh.ts";

function act(type: string, code = "", lot = ""): ActView {
  return { type, lot, envelope: lot === "" ? "" : "1", round: lot === "" ? 0 : 1, target: "", code, zh: code, en: code };
}

const rate: RateView = { rate: "K", zh: "K 值", en: "K", candidates: ["97", "98"] };

function view(acts: ActView[], draws: Record<string, string> = {}): View {
  return { acts, stages: [{ lot: "01", envelope: "1", round: 1, rates: [rate], draws } as unknown as StageView] } as unknown as View;
}

test("what can be done now comes before what is blocked", () => {
  const { next, others } = choice(view([act("BeginReport", "GuardUnmet"), act("CloseScoring", "", "01")]));
  expect([next?.type, next?.blocked]).toEqual(["CloseScoring", false]);
  expect(others.map((one) => [one.type, one.blocked])).toEqual([["BeginReport", true]]);
});

test("among what is blocked the nearest stands out, with its reason", () => {
  const { next } = choice(view([act("BeginReport", "GuardUnmet"), act("CloseScoring", "GuardUnmet", "01")]));
  expect([next?.type, next?.act.zh]).toEqual(["CloseScoring", "GuardUnmet"]);
});

test("a draw is offered only while something is undrawn", () => {
  const acts = [act("OpenCheckIn"), act("DrawK", "", "01")];
  expect(choice(view(acts)).next?.type).toBe("DrawK");
  expect(choice(view(acts, { K: "98" })).next?.type).toBe("OpenCheckIn");
  expect(choice(view(acts, { K: "98" })).others).toEqual([]);
  expect(undrawn(null)).toEqual([]);
});

test("acts that are not the agent's road are not offered, and none may be", () => {
  expect(choice(view([act("BindSeat"), act("NoteRefusal")]))).toEqual({ next: null, others: [] });
});

test("every act of the road is explained", () => {
  expect(Object.keys(ZH.act.about)).toEqual([...ROAD]);
});

test("every act of version 3's road is explained, in one place", () => {
  const told = { ...ZH.act.about, ...ZH.act.about3 };
  expect(ROAD_3.filter((type) => !(type in told))).toEqual([]);
  expect(Object.keys(ZH.act.about3).filter((type) => !(ROAD_3 as readonly string[]).includes(type))).toEqual([]);
});

test("the acts of a draw are offered when they are awaited, and never beside an imported committee", () => {
  const awaited = (type: string) => ({ who: "agent", role: "agent" as const, act: type, lot: "", envelope: "" });
  const at = (type: string, acts: ActView[]) => ({ ...view(acts), seat: "agent", phase: "BOOKED", path: ["BOOKED"], awaited: [awaited(type)] }) as unknown as View;
  const acts = [act("FreezePool"), act("DrawVenues"), act("ImportCommittee")];
  expect(choice3(at("FreezePool", acts)).next?.type).toBe("FreezePool");
  const imported = choice3(at("ImportCommittee", acts));
  expect([imported.next?.type, ...imported.others.map((one) => one.type)]).toEqual(["ImportCommittee"]);
});
