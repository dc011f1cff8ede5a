// @vitest-environment happy-dom
import { flushPromises, mount } from "@vue/test-utils";
import { expect, test, vi } from "vitest";
import { type Component, defineComponent, h } from "vue";
import type { StageView, View } from "../src/generated/messages.ts";
import ClarificationThread from "../src/evaluation/ClarificationThread.vue";
import ReviewTable from "../src/evaluation/ReviewTable.vue";
import SigningState from "../src/evaluation/SigningState.vue";
import SuspensionNotice from "../src/evaluation/SuspensionNotice.vue";
import VotePanel from "../src/evaluation/VotePanel.vue";
import ArithmeticSteps from "../src/evaluation/ArithmeticSteps.vue";
import {
  bidName, counted, dissenting, explainedPrice, groundOf, gravest, markCounts, sitting, toClose, toPropose, unmarkedBy, votesFor,
} from "../src/evaluation/review.ts";
import { draftName } from "../src/evaluation/text_drafts.ts";
import { provideDesk } from "../src/kit/desk.ts";
import { language } from "../src/kit/language.ts";
import type { Desk } from "../src/link/desk.ts";
import { freshState } from "../src/link/desk_state.ts";
import GIVEN from "../../../tests/protocol/golden/evaluation-views.json";

const views = GIVEN as unknown as Record<string, View>;
const plugins = [language({}, {})];

/** A part at a desk whose node tells this time (ms) as the coordinator's. */
function desked(part: Component, props: object, coordinator = 0) {
  const desk = { ask: async () => ({ at: coordinator }) } as unknown as Desk;
  const around = defineComponent({
    setup() {
      provideDesk({ desk, state: freshState() });
      return () => h(part, props);
    },
  });
  return mount(around, { global: { plugins } });
}

function at(moment: string): { view: View; stage: StageView } {
  const view = views[moment]!;
  return { view, stage: view.stages[0]! };
}

test("a member is told what is still to be marked, and the gravest that anybody found", () => {
  const { stage } = at("marking");
  const review = stage.review!;
  expect(unmarkedBy(review, "M1")).toHaveLength(15);
  expect(unmarkedBy(review, "M2").filter((one) => one.bidder === "b1")).toEqual([]);
  expect(markCounts(review, { bidder: "b1", item: "responsiveness" })).toEqual({ pass: 0, minor: 2, material: 0 });
  expect(gravest(review, { bidder: "b2", item: "form" })).toBe("material");
  expect(gravest(review, { bidder: "b3", item: "form" })).toBeNull();
  expect(bidName(stage, "b1")).toBe(stage.bids![0]!.code);
});

test("whoever found a material deviation is the one to propose, until a vote is opened", () => {
  expect(toPropose(at("marking").stage.review!, "M4")).toEqual([{ bidder: "b2", item: "form", ground: "51-1" }]);
  expect(toPropose(at("marking").stage.review!, "M1")).toEqual([]);
  expect(toPropose(at("voting").stage.review!, "M4")).toEqual([]);
});

test("votes wait for those who have not voted, and tell what is certain", () => {
  const { view, stage } = at("voting");
  const seats = sitting(view).map((seat) => seat.seat);
  const [vote] = stage.review!.votes;
  expect(votesFor(stage.review!, "M1")).toHaveLength(1);
  expect(votesFor(stage.review!, "M2")).toEqual([]);
  expect(counted(vote!, seats)).toEqual({ yes: 2, no: 1, abstain: 0, missing: ["M1", "M5"], size: 5, certain: null });
  const after = at("voted").stage.review!.votes[0]!;
  expect(counted({ ...after, closed: false }, seats).certain).toBe("rejected");
  expect(counted({ ...after, ballots: { M1: { choice: "no", reason: "" }, M2: { choice: "no", reason: "" }, M3: { choice: "abstain", reason: "" } } }, seats).certain).toBe("kept");
});

test("a closed vote keeps who differed", () => {
  const { vote } = { vote: { ...at("voted").stage.review!.votes[0]!, closed: true, rejected: true } };
  expect(dissenting(vote)).toEqual(["M2", "M5"]);
  expect(dissenting({ ...vote, rejected: false })).toEqual(["M1", "M3", "M4"]);
});

test("an answered question is to be closed, and a price counts as explained only once it is", () => {
  const review = at("asked").stage.review!;
  expect(toClose(review).map((one) => one.number)).toEqual([1]);
  expect(explainedPrice(review, "b3")).toBe(false);
  expect(groundOf("TENDER", "51-5-cost").explain).toBe(true);
  expect(groundOf("TENDER", "27").zh).toContain("缺乏竞争");
  expect(groundOf("GOV_PROC", "51-1").zh).toBe("51-1");
});

test("the table shows every item of every bid, and who found what of the one that is picked", async () => {
  const shown = mount(ReviewTable, { props: at("marking"), global: { plugins } });
  expect(shown.findAll("button[data-cell]")).toHaveLength(15);
  await shown.get('button[data-cell="b2/form"]').trigger("click");
  expect(shown.get("[data-testid=found]").text()).toContain("M4 重大偏差");
  expect(shown.get("[data-testid=found]").text()).toContain("M4:form 不符");
  expect(shown.emitted("pick")).toEqual([[{ bidder: "b2", item: "form" }]]);
});

test("a vote stands with every ballot, its reasons, and the dissent", () => {
  const given = at("few");
  const vote = given.stage.review!.votes.find((one) => one.closed)!;
  const shown = desked(VotePanel, { ...given, vote });
  expect(shown.get("[data-testid=vote-result]").text()).toBe("已否决");
  expect(shown.findAll("tbody tr")).toHaveLength(5);
  const open = at("voting");
  const going = desked(VotePanel, { ...open, vote: open.stage.review!.votes[0]! });
  expect(going.text()).toContain("赞成 2 · 反对 1 · 弃权 0 · 未表决 2");
  expect(going.get("tr[data-seat=M2]").text()).toContain("反对否决");
});

test("questions stand newest first, with what they wait for", () => {
  const shown = desked(ClarificationThread, at("asked"));
  expect(shown.findAll("article").map((one) => one.attributes("data-number"))).toEqual(["2", "1"]);
  expect(shown.findAll("[data-testid=ask-standing]").map((one) => one.text())).toEqual(["等待投标人答复", "已答复,待委员会结束"]);
  expect(shown.text()).toContain("工期按日历天计");
});

test("a suspension tells both clocks and whom it waits for", () => {
  const shown = desked(SuspensionNotice, at("suspended"));
  expect(shown.get("[data-testid=reconfirm-waiting]").text()).toContain("M1、M2、M3、M4、M5");
  expect(shown.text()).toContain("协调系统时钟");
  expect(shown.text()).toContain("请留在席位上");
});

test("a countdown runs on the coordinator's clock, wherever this machine's own stands", async () => {
  vi.useFakeTimers({ now: 0, toFake: ["Date"] });
  const { view, stage } = at("suspended");
  const { at: since, limit_ms: limit } = view.suspension!;
  const going = desked(SuspensionNotice, { view, stage }, since + limit - 61_000);
  await flushPromises();
  await vi.waitFor(() => expect(going.get(".clock").text()).toBe("00:01:01"));
  expect(going.find("[role=alert]").exists()).toBe(false);
  const over = desked(SuspensionNotice, { view, stage }, since + limit + 1);
  await vi.waitFor(() => expect(over.find("[role=alert]").exists()).toBe(true));
  for (const one of [going, over]) one.unmount();
  vi.useRealTimers();
});

test("who dissents and who refuses stands beside the report", () => {
  const shown = mount(SigningState, { props: { view: views["signing"]! }, global: { plugins } });
  expect(shown.get("[data-dissent=M4]").text()).toContain("理由见附页");
  expect(shown.text()).toContain("拒绝签字:M5");
});

test("each step of an arithmetic check is agreed with or not", async () => {
  const correction = {
    schedule: { read_out: "5000", total: "5000", words: "伍仟壹佰元整", yuan_per_unit: "1", places: 2, lines: [] },
    proposals: [
      { step: "words", line: "", before: "5000", after: "5100", working: "大写 伍仟壹佰元整" },
      { step: "unit_price", line: "1", before: "4100", after: "4200", working: "12 × 350 = 4200" },
    ],
    corrected: "5200",
  } as const;
  const shown = mount(ArithmeticSteps, { props: { correction, agreed: [false, false] }, global: { plugins } });
  await shown.findAll("input[type=checkbox]")[1]!.setValue(true);
  expect(shown.emitted("agree")).toEqual([[1, true]]);
  expect(shown.text()).toContain("以大写金额为准");
  expect(mount(ArithmeticSteps, { props: { correction }, global: { plugins } }).findAll("input")).toHaveLength(0);
});

test("a draft's name is an identifier, also of long parts", () => {
  expect(draftName("mark", "01", 1, "b1")).toBe("mark.01.1.b1");
  const long = draftName("mark", "x".repeat(64), "y".repeat(64));
  expect(long).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
  expect(long).not.toBe(draftName("mark", "x".repeat(64), "z".repeat(64)));
});
