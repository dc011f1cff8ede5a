import { mount } from "@vue/test-utils";
import { expect, test, vi } from "vitest";
import type { AlertView, VenueView, View } from "@tongchang/protocol/generated/messages.ts";
import FeedLines from "@tongchang/protocol/kit/FeedLines.vue";
import TileMap from "@tongchang/protocol/kit/TileMap.vue";
import { language } from "@tongchang/protocol/kit/language.ts";
import { bySeverity, inGroup, ordered, unseen } from "../src/alerts.ts";
import { countsOver, markOf, places, present } from "../src/places.ts";
import { FOLLOWED_MAX, wanted } from "../src/sessions.ts";
import { EN } from "../src/words_en.ts";
import { ZH } from "../src/words_zh.ts";

function alert(id: string, more: Partial<AlertView>): AlertView {
  return {
    id, group: "evaluation", kind: "ScoringOverrun", severity: "warning", since: 1, seq: 1, until: 0, lot: "", envelope: "",
    seats: [], venues: [], detail: {}, ...more,
  };
}

function venue(name: string, province: string, more: Partial<VenueView> = {}): VenueView {
  return {
    venue: name, province, role: "sub", node_key: "", zh: name, en: name, line: "up", line_since: 0,
    counts: [{ role: "expert", seats: 2, bound: 2, checked_in: 1, sealed: 0, signed: 0 }], ...more,
  };
}

test("what goes on comes first, the worst of it before the newest; what has ended comes last", () => {
  const alerts = [
    alert("ended", { until: 9, since: 8, severity: "alarm" }),
    alert("old", { since: 2 }),
    alert("new", { since: 5 }),
    alert("alarm", { severity: "alarm", since: 1 }),
    alert("note", { severity: "notice", since: 7 }),
  ];
  expect(ordered(alerts).map((one) => one.id)).toEqual(["alarm", "new", "old", "note", "ended"]);
  expect(inGroup(alerts, "opening")).toEqual([]);
});

test("what waits to be seen goes on, is more than a notice, and was not seen since it began", () => {
  const alerts = [
    alert("silent", { since: 2 }),
    alert("again", { since: 7 }),
    alert("ended", { since: 3, until: 4 }),
    alert("note", { severity: "notice" }),
  ];
  const seen = (one: string, since: number) => ({ alert: one, since, by: "supervisor-nanjing", at: 9, note: "" });
  const waiting = (...noted: ReturnType<typeof seen>[]) =>
    unseen(alerts, { session: "s-1", seen: noted, turns: [] }).map((one) => one.id);
  expect(waiting()).toEqual(["silent", "again"]);
  expect(waiting(seen("silent", 2), seen("again", 5))).toEqual(["again"]);
  expect(unseen(alerts, null)).toEqual([]);
});

test("provinces begin with the main venue's, and a silent line outweighs everything", () => {
  const view = { venues: [venue("nanjing", "jiangsu"), venue("suzhou", "jiangsu"), venue("hefei", "anhui", { role: "main" })] } as unknown as View;
  const [anhui, jiangsu] = places(view);
  expect([anhui?.province, jiangsu?.venues.length]).toEqual(["anhui", 2]);
  expect(present(jiangsu!.venues[0]!)).toEqual({ here: 1, seats: 2 });
  expect(markOf(jiangsu!, [])).toBe("good");
  expect(markOf(jiangsu!, [alert("a", { venues: ["suzhou"] })])).toBe("warn");
  expect(markOf(jiangsu!, [alert("a", { venues: ["suzhou"], until: 5 })])).toBe("good");
  expect(markOf({ province: "x", venues: [venue("a", "x", { line: "unknown" })] }, [])).toBe("plain");
  expect(markOf({ province: "x", venues: [venue("a", "x", { line: "down" })] }, [])).toBe("bad");
});

test("every kind of alert says what, what it means and what may be done, in both languages", () => {
  for (const words of [ZH, EN]) {
    for (const one of Object.values(words.alert)) expect(Object.keys(one)).toEqual(["name", "what", "means", "may"]);
  }
});

test("tiles that are lit are buttons that can be read and reached by arrow; the others are silent", async () => {
  const lit = [
    { province: "anhui", mark: "good" as const, text: "1/1", says: "合肥" },
    { province: "zhejiang", mark: "bad" as const, text: "0/1", says: "杭州" },
  ];
  const made = mount(TileMap, { attachTo: document.body, global: { plugins: [language(ZH, EN)] }, props: { lit, title: "各省" } });
  const buttons = made.findAll("button");
  expect(buttons.map((one) => one.text().replace(/\s+/g, " "))).toEqual(["安徽● 1/1合肥", "浙江■ 0/1杭州"]);
  expect(made.findAll("li[aria-hidden=true]")).toHaveLength(32);
  buttons[0]!.element.focus();
  await buttons[0]!.trigger("keydown", { key: "ArrowRight" });
  expect(document.activeElement).toBe(buttons[1]!.element);
  await buttons[1]!.trigger("click");
  expect(made.emitted("update:modelValue")).toEqual([["zhejiang"]]);
  made.unmount();
});

test("a gap and a fork are said loudly, and hashes are shown on demand", async () => {
  const line = (seq: number) => ({
    seq, at: seq, leaf: "AAECAwQFBgcICQ==", type: "SealSheet", who: "M5", lot: "", envelope: "", events: [], venue: "hangzhou",
    role: "expert", about: {},
  });
  const view = { regime: "TENDER", as_of: { size: 5 }, venues: [venue("hangzhou", "zhejiang")], stages: [] } as unknown as View;
  const made = mount(FeedLines, {
    global: { plugins: [language(ZH, EN)] },
    props: { lines: [line(0), line(1)], view, forkedAt: 1, filters: true },
  });
  expect(made.get("[data-testid=feed-gap]").text()).toContain("缺少第 2 至 4 条");
  expect(made.get("[data-testid=feed-forked]").text()).toContain("第 1 条出现两个版本");
  expect(made.text()).not.toContain("0001020304050607");
  await made.get("[data-testid=hashes]").trigger("click");
  expect(made.text()).toContain("0001020304050607");
});

test("an entry is jumped to whatever was filtered, and one that is not there is said with what there is", async () => {
  const lines = Array.from({ length: 40 }, (_, seq) => ({
    seq, at: seq, leaf: "AAECAwQFBgcICQ==", type: seq === 2 ? "CheckIn" : "SealSheet", who: "M5", lot: "", envelope: "", events: [],
    venue: "hangzhou", role: "expert", about: {},
  }));
  const view = { regime: "TENDER", as_of: { size: 40 }, venues: [venue("hangzhou", "zhejiang")], stages: [] } as unknown as View;
  Element.prototype.scrollIntoView ??= () => undefined;
  const made = mount(FeedLines, {
    attachTo: document.body, global: { plugins: [language(ZH, EN)] }, props: { lines, view, filters: true, asked: null },
  });
  await made.get("select[name=kind]").setValue("scores");
  expect(made.find("tr[data-seq='2']").exists()).toBe(false);
  await made.setProps({ asked: { seq: 2 } });
  await vi.waitFor(() => expect(document.activeElement?.getAttribute("data-seq")).toBe("2"));
  expect((made.get("select[name=kind]").element as HTMLSelectElement).value).toBe("");
  expect(made.get("[data-testid=jumped]").text()).toContain("已跳到第 2 条");
  await made.get("input[name=jump]").setValue("40");
  await made.get("form.jump").trigger("submit");
  expect(made.get("[data-testid=jumped]").text()).toContain("没有第 40 条。请输入 0 至 39 之间的序号。");
  await made.get("input[name=jump]").setValue("39");
  await made.get("form.jump").trigger("submit");
  await vi.waitFor(() => expect(document.activeElement?.getAttribute("data-seq")).toBe("39"));
  made.unmount();
});

test("an overview follows what goes on and of which a supervisor's seat is held, and no more than it can", () => {
  const notes = [
    { session: "a", size: 1, phase: "CHECKIN" }, { session: "b", size: 1, phase: "ARCHIVED" }, { session: "c", size: 1, phase: "SIGNING" },
    { session: "d", size: 1, phase: "BOOKED" },
  ];
  const held = [
    { session: "a", seat: "supervisor-nanjing" }, { session: "b", seat: "supervisor-nanjing" }, { session: "c", seat: "M3" },
    { session: "d", seat: "supervisor-nanjing" },
  ];
  expect(wanted(notes, held, "d")).toEqual([{ session: "a", seat: "supervisor-nanjing" }]);
  const many = Array.from({ length: FOLLOWED_MAX + 3 }, (_, i) => ({ session: `s-${i}`, size: 1, phase: "CHECKIN" }));
  expect(wanted(many, many.map(({ session }) => ({ session, seat: "supervisor-x" })), "")).toHaveLength(FOLLOWED_MAX);
});

test("what waits is counted by severity, the worst first; progress is counted over venues and stages", () => {
  expect(bySeverity([alert("a", {}), alert("b", { severity: "alarm" }), alert("c", {})])).toEqual([
    { severity: "alarm", count: 1 }, { severity: "warning", count: 2 },
  ]);
  const stages = [{ sealed_count: 2, sealed_expected: 5 }, { sealed_count: 0, sealed_expected: 5 }];
  const view = { venues: [venue("a", "x"), venue("b", "y")], stages } as unknown as View;
  expect(countsOver(view)).toEqual({ checkedIn: { done: 2, of: 4 }, sealed: { done: 2, of: 10 }, signed: { done: 0, of: 4 } });
});
