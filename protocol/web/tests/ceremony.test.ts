// @vitest-environment happy-dom
/** The openings' desks, on the views of one opening at each of its steps, as the projection of the record gives them. */
import { flushPromises, mount } from "@vue/test-utils";
import { expect, test, vi } from "vitest";
import { defineComponent, h, reactive } from "vue";
import type { BidRead, BidderView, EscrowView, StageView, View } from "../src/generated/messages.ts";
import LineLost from "../src/kit/LineLost.vue";
import { language } from "../src/kit/language.ts";
import PhaseBar from "../src/kit/PhaseBar.vue";
import { stepOf, stepsOf } from "../src/kit/progress.ts";
import { provideDesk } from "../src/kit/desk.ts";
import type { Desk } from "../src/link/desk.ts";
import { freshState } from "../src/link/desk_state.ts";
import CeremonyCard from "../src/opening/CeremonyCard.vue";
import DecryptingBars from "../src/opening/DecryptingBars.vue";
import { percent } from "../src/opening/decrypting.ts";
import EscrowCard from "../src/opening/EscrowCard.vue";
import OwnSheetHeld from "../src/opening/OwnSheetHeld.vue";
import PaperCard from "../src/opening/PaperCard.vue";
import { closing, digestText, isHeld, openings, ownBid, ownPlace, reasonsFor, tellsHeld, unaccounted } from "../src/opening/ceremony.ts";
import { RELEASING_EN, RELEASING_STAGES, RELEASING_ZH } from "../src/opening/releasing.ts";
import { CEREMONY_EN, CEREMONY_ZH } from "../src/opening/words.ts";
import GIVEN from "../../../tests/protocol/golden/desks-4.json";

type Step = "booked" | "appointed" | "roll_call" | "releasing" | "closed" | "custody" | "reported" | "accounted" | "opened";
const views = GIVEN as unknown as Record<Step, { readonly agent: View; readonly tenderee: View; readonly expert: View; readonly bidder: BidderView }>;
const STEPS: readonly Step[] = ["appointed", "roll_call", "releasing", "closed", "custody", "reported", "accounted", "opened"];
function spoken(lang: "zh" | "en") {
  localStorage.setItem("tongchang.language", lang);
  return language({}, {});
}

const plugin = spoken("zh");

function at(step: Step): { readonly view: View; readonly stage: StageView } {
  const view = views[step].tenderee;
  return { view, stage: view.stages[0]! };
}

function card(step: Step, own = "", lang: "zh" | "en" = "zh") {
  const { view, stage } = at(step);
  return mount(CeremonyCard, {
    props: { desk: "tenderee" as const, ceremony: stage.ceremony!, phase: stage.phase, regime: view.regime, of: stage, clock: () => view.as_of.at, own },
    global: { plugins: [lang === "zh" ? plugin : spoken("en")] },
  });
}

function keys(words: object, before = ""): string[] {
  return Object.entries(words).flatMap(([key, value]) => (typeof value === "string" ? [before + key] : keys(value as object, `${before}${key}.`)));
}

test("both languages say everything, and with the same particulars", () => {
  expect(keys(CEREMONY_EN)).toEqual(keys(CEREMONY_ZH));
  const said = (words: object, path: string) => path.split(".").reduce<unknown>((found, key) => (found as Record<string, unknown>)[key], words) as string;
  for (const path of keys(CEREMONY_ZH)) {
    const marks = (text: string) => new Set(text.match(/\{\w+\}/g) ?? []);
    expect(marks(said(CEREMONY_EN, path)), path).toEqual(marks(said(CEREMONY_ZH, path)));
  }
});

test("at each step one sentence says what is released, to whom, and what that makes possible, in both languages", () => {
  const found: Record<string, string> = {};
  for (const lang of ["zh", "en"] as const) {
    for (const step of STEPS) {
      const text = card(step, "", lang).get("[data-testid=releasing]").text();
      expect(text, `${step} ${lang}`).not.toMatch(/kit\.|\{|undefined/);
      found[`${step} ${lang}`] = text;
    }
  }
  expect(found["releasing zh"]).toContain("hefei、nanjing");
  expect(found["releasing zh"]).toContain("不可撤回");
  expect(found["closed en"]).toContain("3 released bids");
  expect(found["opened zh"]).toContain("未打开的 1 份");
});

test("each desk at each stage has one sentence of its own, in both languages", () => {
  for (const [words, end, between] of [[RELEASING_ZH, "。", /[。!?.]./u], [RELEASING_EN, ".", /[.!?] /u]] as const) {
    const all = RELEASING_STAGES.flatMap((stage) => Object.entries(words[stage]));
    expect(new Set(all.map(([, said]) => said)).size).toBe(all.length);
    expect(all.length).toBe(RELEASING_STAGES.length * 6);
    for (const [, said] of all) {
      expect(said.endsWith(end), said).toBe(true);
      expect(said, "one sentence").not.toMatch(between);
    }
    const to = (stage: "BIDDERS_RELEASE" | "CUSTODIANS_RELEASE") => Object.values(words[stage]).every((said) => said.includes("{venues}"));
    expect(to("BIDDERS_RELEASE") && to("CUSTODIANS_RELEASE"), "to whom").toBe(true);
  }
});

test("while bidders release there is a countdown, and each bid says whether its bidder has", () => {
  const shown = card("releasing", "bidder-001");
  expect(shown.get("[data-testid=countdown]").attributes("data-until")).toBe(String(at("releasing").stage.ceremony!.until));
  const released = shown.findAll("[data-bid]").map((row) => row.attributes("data-released"));
  expect(released).toEqual(["true", "false", "false", "false"]);
  expect(shown.get("tr.own").text()).toContain("已解密");
  expect(card("closed").find("[data-testid=countdown]").exists()).toBe(false);
  expect(card("closed").get("[data-bid=bid-004]").text()).toContain("未解密");
});

test("whoever reads before the list is there is told why, and what will fill it", () => {
  expect(card("roll_call").text()).toContain("此前无人知道有几份、是谁");
  expect(card("roll_call").get("[data-testid=short]").text()).toContain("centres +2");
  expect(card("appointed").find("[data-testid=short]").exists()).toBe(false);
});

test("a milestone that is waited for is named", () => {
  const { view, stage } = at("releasing");
  const props = { desk: "tenderee" as const, ceremony: { ...stage.ceremony!, waits: "bids_received" as const }, phase: stage.phase, regime: view.regime, of: stage, clock: () => 0 };
  expect(mount(CeremonyCard, { props, global: { plugins: [plugin] } }).get("[data-testid=waits]").text()).toContain("接收投标文件");
});

test("what the venues found is alike or stops everything", () => {
  expect(card("reported").text()).toContain("已报告的会场结果一致");
  const { view, stage } = at("reported");
  const props = { desk: "tenderee" as const, ceremony: { ...stage.ceremony!, alike: false }, phase: stage.phase, regime: view.regime, of: stage, clock: () => 0 };
  const alert = mount(CeremonyCard, { props, global: { plugins: [plugin] } }).get("[role=alert]");
  expect(alert.text()).toContain("不一致");
});

test("why a bid failed stands beside it, in words", () => {
  expect(card("opened").get("[data-bid=bid-004]").text()).toContain("视为撤销(投标人原因):未在规定时间内解密");
});

test("the window closes when its time is over or all are in, and not with nothing released", () => {
  const found = at("releasing").stage.ceremony!;
  expect(closing(found, found.until)).toBe("early");
  expect(closing(found, null)).toBe("early");
  expect(closing(found, found.until + 1)).toBe("open");
  const all = { ...found, bids: found.bids.map((bid) => ({ ...bid, released: true })) };
  expect(closing(all, 0)).toBe("open");
  const none = { ...found, bids: found.bids.map((bid) => ({ ...bid, released: false })) };
  expect(closing(none, found.until + 1)).toBe("nothing");
});

test("the tenderee is asked for exactly the bids that were not opened, with reasons that the record allows", () => {
  const { stage } = at("reported");
  const [late] = unaccounted(stage.ceremony!, stage.phase);
  expect(unaccounted(stage.ceremony!, stage.phase).map((bid) => bid.bid)).toEqual(["bid-004"]);
  expect(reasonsFor(late!)).toEqual(["not_released", "bidder_key_lost", "platform", "other"]);
  expect(reasonsFor({ ...late!, released: true, result: "dealer_fault" })).toEqual(["dealer_fault", "release_false", "container_broken", "platform", "other"]);
  expect(unaccounted(at("accounted").stage.ceremony!, "CUSTODIANS_RELEASE")).toEqual([]);
});

test("a bidder is told the one thing to do with its own bid", () => {
  const of = (step: Step, bidder: string, late = false) => {
    const stage = views[step].bidder.stages[0]!;
    const ceremony = stage.ceremony!;
    return ownBid(stage, ceremony, bidder, late ? ceremony.until + 1 : ceremony.until - 1);
  };
  expect(of("releasing", "bidder-001")).toBe("done");
  expect(of("releasing", "bidder-002")).toBe("release");
  expect(of("releasing", "bidder-002", true)).toBe("missed");
  expect(of("closed", "bidder-004")).toBe("missed");
  expect(of("opened", "bidder-001")).toBe("opened");
  expect(of("opened", "bidder-004")).toBe("failed");
  expect(of("releasing", "bidder-009")).toBe("unlisted");
});

/** The bars at a desk whose node answers with these bids. */
async function bars(step: Step, bids: readonly BidRead[]) {
  const { view, stage } = at(step);
  const desk = { ask: async () => ({ session: view.session, bids }) } as unknown as Desk;
  const Around = defineComponent({
    setup() {
      provideDesk({ desk, state: freshState() });
      return () => h(DecryptingBars, { view, stage });
    },
  });
  const shown = mount(Around, { global: { plugins: [plugin] } });
  await flushPromises();
  return shown;
}

test("while a venue decrypts there is a bar for each released bid and one for all; what stays closed has none", async () => {
  const read = (bid: string, done: number): BidRead => ({ lot: "01", envelope: "1", bid, size: 1_000, done });
  const going = await bars("custody", [read("bid-001", 1_000), read("bid-002", 250), read("bid-003", 0), read("bid-004", 0)]);
  const values = going.findAll("progress").map((one) => (one.element as HTMLProgressElement).getAttribute("value"));
  expect(values).toEqual(["41", "100", "25", "0"]);
  expect(going.get("[role=status]").text()).toContain("1 / 3");
  expect(going.find("[data-decrypting=bid-004]").exists()).toBe(false);
  going.unmount();
  const whole = await bars("reported", [read("bid-001", 1_000), read("bid-002", 1_000), read("bid-003", 1_000)]);
  expect(whole.get("[data-testid=decrypting]").attributes("data-whole")).toBe("true");
  expect(whole.text()).toContain("公布之前不向任何人显示");
  whole.unmount();
  const fetching = await bars("releasing", [read("bid-001", 0)]);
  expect(fetching.text()).toContain("1 / 4");
  expect(fetching.find("progress").exists()).toBe(false);
  fetching.unmount();
  expect(percent(0, 0)).toBe(0);
  expect(percent(999, 1_000)).toBe(99);
});

test("the road has the opening's steps where bids are opened here, and stands at the right one", () => {
  expect(stepsOf(views.booked.agent)).not.toContain("BIDDERS_RELEASE");
  expect(stepsOf(views.releasing.agent).slice(1, 7)).toEqual(["DRAWN", "OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE", "OPENED", "CHECKIN"]);
  const stands = STEPS.map((step) => stepOf(views[step].agent));
  expect(stands).toEqual(["DRAWN", "OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE", "CUSTODIANS_RELEASE", "CUSTODIANS_RELEASE", "CUSTODIANS_RELEASE", "OPENED"]);
  const bar = mount(PhaseBar, { props: { view: views.releasing.agent }, global: { plugins: [plugin] } });
  expect(bar.get("[data-testid=now]").text()).toBe("投标人解密");
  expect(bar.get("[data-testid=awaited]").text()).toBe("投标人 投标人解密");
  const roll = mount(PhaseBar, { props: { view: views.roll_call.agent }, global: { plugins: [plugin] } });
  expect(roll.get("[data-testid=awaited]").text()).toContain("centre-1、centre-2、centre-3");
});

test("the openings to be shown are those from the appointment to the signed record", () => {
  expect(openings(views.booked.agent)).toEqual([]);
  expect(openings(views.appointed.agent)).toHaveLength(1);
  const later = { ...views.opened.agent, stages: views.opened.agent.stages.map((stage) => ({ ...stage, phase: "PRELIM" })) };
  expect(openings(later)).toEqual([]);
});

const ESCROW: EscrowView = {
  group: "centres", custodians: 5, threshold: 3,
  sheets: [
    { seat: "M1", given: true, acknowledged: ["c1", "c2", "c3"], released: [] },
    { seat: "M2", given: true, acknowledged: ["c1"], released: [] },
    { seat: "M3", given: false, acknowledged: [], released: [] },
  ],
};

function scoring(seat: string): { readonly view: View; readonly stage: StageView } {
  const view = { ...views.opened.expert, seat };
  const sheets = ["M1", "M2", "M3"].map((one) => ({ seat: one, sealed: true, tried: "", opened: false, scores: null }));
  return { view, stage: { ...view.stages[0]!, phase: "DETAILED", escrow: ESCROW, sheets } };
}

test("after sealing a member reads by how many custodians the sheet is held, and whether it is complete", () => {
  const said = (seat: string) => mount(OwnSheetHeld, { props: scoring(seat), global: { plugins: [plugin] } }).get("[data-testid=own-held]");
  expect(said("M1").text()).toContain("由 3 / 5 家托管方保存,已完整");
  expect(said("M2").attributes("data-held")).toBe("partial");
  expect(said("M3").text()).toContain("线路恢复后自动完成");
  expect(mount(OwnSheetHeld, { props: scoring("M9"), global: { plugins: [plugin] } }).find("p").exists()).toBe(false);
  const table = mount(EscrowCard, { props: scoring("M1"), global: { plugins: [plugin] } });
  expect(table.findAll("[data-held]").map((row) => row.attributes("data-held"))).toEqual(["3", "1", "0"]);
});

test("while a venue is silent it is told what custodians do, and afterwards that they did, in both languages", () => {
  const sheets = ESCROW.sheets.map((one) => ({ ...one, given: true, acknowledged: ["c1", "c2", "c3"], released: one.seat === "M1" ? ["c1", "c2"] : [] }));
  const tried = ["M1", "M2", "M3"].map((one) => ({ seat: one, sealed: true, tried: one === "M2" ? "ok" : "", opened: false, scores: null }));
  const given = (phase: string, seat: string) => ({ view: { ...views.opened.expert, seat }, stage: { ...scoring(seat).stage, phase, escrow: { ...ESCROW, sheets }, sheets: tried } });
  const said = (phase: string, seat: string, lang: "zh" | "en" = "zh") =>
    mount(OwnSheetHeld, { props: given(phase, seat), global: { plugins: [lang === "zh" ? plugin : spoken("en")] } }).get("p");
  expect(said("SCORES_SEALED", "M2").attributes("data-held")).toBe("complete");
  expect(said("SCORES_SEALED", "M1").text()).toContain("2 家托管方已按规则交出密钥份额(须 3 家)");
  expect(said("SUMMARY", "M1").attributes("data-held")).toBe("released");
  expect(said("SUMMARY", "M1", "en").text()).toContain("another venue opened it together with the others");
  expect([tellsHeld(given("SUMMARY", "M1").stage, "M1"), tellsHeld(given("SUMMARY", "M2").stage, "M2")]).toEqual([true, false]);
  expect([isHeld(given("SCORES_OPENING", "M1").stage, "M1"), isHeld(given("SUMMARY", "M1").stage, "M1")]).toEqual([true, false]);
  const table = (phase: string) => mount(EscrowCard, { props: given(phase, "M1"), global: { plugins: [spoken("zh")] } });
  const chips = (phase: string) => table(phase).findAll("tbody .chip").map((one) => one.text());
  expect(table("SCORES_SEALED").get("[data-testid=escrow-opening]").text()).toContain("约 30 秒没有回应的");
  expect(chips("SCORES_SEALED")).toEqual(["托管方已交出 2 家", "可以打开", "等待会场试开启"]);
  expect(chips("SUMMARY")).toEqual(["会场未能开启,由 2 家托管方交出份额打开", "完整", "完整"]);
});

/** The alert of a page whose line to its venue is cut. */
async function cut(view: View, lang: "zh" | "en") {
  vi.useFakeTimers();
  const state = reactive({ ...freshState(), view, connected: true });
  const around = defineComponent({
    setup() {
      provideDesk({ desk: {} as Desk, state });
      return () => h(LineLost);
    },
  });
  const shown = mount(around, { global: { plugins: [spoken(lang)] } });
  state.connected = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(shown.find("[data-testid=line-lost]").exists()).toBe(false);
  await vi.advanceTimersByTimeAsync(1_500);
  const text = shown.get("[data-testid=line-lost]").text();
  state.connected = true;
  await vi.advanceTimersByTimeAsync(1);
  expect(shown.find("[data-testid=line-lost]").exists()).toBe(false);
  shown.unmount();
  vi.useRealTimers();
  return text;
}

test("a page that has lost its venue says so, and what becomes of the work, in both languages", async () => {
  const { view, stage } = scoring("M1");
  const sealed = { ...view, role: "expert" as const, stages: [stage] };
  expect(await cut(sealed, "zh")).toContain("您封存的评分由托管方保存");
  expect(await cut(sealed, "en")).toContain("open with the others even without this venue");
  expect(await cut({ ...sealed, seat: "M2" }, "zh")).toContain("正在填写的内容留在本机浏览器");
  const other = await cut({ ...sealed, role: "tenderee", seat: "tenderee" }, "zh");
  expect(other).toContain("页面正在自动重连");
  expect(other).not.toContain("正在填写");
});

test("the report's places say who has signed, and a seat is told what is left to it", () => {
  const paper = {
    prepared: "cHJlcGFyZWQ=", document: "",
    places: [
      { seat: "M1", role: "member", signed: "" as const },
      { seat: "M2", role: "member", signed: "beside" as const },
      { seat: "witness", role: "witness", signed: "within" as const },
    ],
  };
  const view: View = { ...views.opened.expert, seat: "M1", phase: "SIGNING", paper };
  const shown = mount(PaperCard, { props: { view }, global: { plugins: [plugin] } });
  expect(shown.text()).toContain("已签 2 / 3");
  expect(shown.find("[data-testid=own-place]").exists()).toBe(true);
  expect(ownPlace({ ...view, seat: "M2" })).toBeNull();
  // As the UKey program shows it, so that a person can compare the two.
  expect(digestText(paper.prepared)).toBe("7072657061726564");
  expect(shown.text()).toContain("备签报告摘要 707265706172");
  const empty = mount(PaperCard, { props: { view: { ...view, paper: null } }, global: { plugins: [plugin] } });
  expect(empty.get("[data-testid=paper-empty]").text()).toContain("代理机构备签报告后");
});
