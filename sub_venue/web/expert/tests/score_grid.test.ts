import { mount } from "@vue/test-utils";
import { beforeEach, expect, test } from "vitest";
import { nextTick, reactive } from "vue";
import type { BidView, CriterionView } from "@tongchang/protocol/generated/messages.ts";
import { language } from "@tongchang/protocol/kit/language.ts";
import type { Scores } from "@tongchang/protocol/sheet.ts";
import ScoreGrid from "../src/ScoreGrid.vue";
import { EN } from "../src/words_en.ts";
import { ZH } from "../src/words_zh.ts";

function item(criterion: string, group: string, max_centi: number, step_centi: number): CriterionView {
  return {
    criterion, group, zh: `${criterion} 项`, en: criterion, group_zh: `${group} 部分`, group_en: group,
    rule_zh: "", rule_en: "", kind: group === "B" ? "objective" : "subjective", blind: group === "A", max_centi, step_centi,
  };
}

const criteria = [item("A1", "A", 800, 50), item("A2", "A", 600, 50), item("B1", "B", 400, 200)];
const bids = ["b1", "b2"].map((bidder, index) => ({ bidder, code: "甲乙"[index], valid: true }) as BidView);

let scores: Scores;
let put: [string, string, number | null][];

function grid() {
  const made = mount(ScoreGrid, {
    attachTo: document.body,
    global: { plugins: [language(ZH, EN)] },
    props: {
      bids, criteria, scores, caption: "评分表",
      onPut: (bidder: string, criterion: string, centi: number | null) => {
        put.push([bidder, criterion, centi]);
        const row = { ...scores[bidder] };
        if (centi === null) delete row[criterion];
        else row[criterion] = centi;
        scores[bidder] = row;
      },
    },
  });
  const field = (bidder: string, criterion: string) =>
    made.get<HTMLInputElement>(`input[data-bidder="${bidder}"][data-criterion="${criterion}"]`);
  return { made, field };
}

beforeEach(() => {
  document.body.innerHTML = "";
  scores = reactive<Scores>({});
  put = [];
});

test("typed points go out as whole hundredths and the sums follow", async () => {
  const { made, field } = grid();
  await field("b1", "A1").setValue("7.5");
  await field("b1", "B1").setValue("4");
  expect(put).toEqual([["b1", "A1", 750], ["b1", "B1", 400]]);
  expect(made.get('[data-total="b1"]').text()).toBe("11.5");
  expect(made.get('[data-total="b2"]').text()).toBe("0");
});

test("what is out of range is refused while it is typed, and counts as blank", async () => {
  const { made, field } = grid();
  await field("b1", "A1").setValue("8");
  await field("b1", "A1").setValue("85");
  expect(put).toEqual([["b1", "A1", 800], ["b1", "A1", null]]);
  expect(field("b1", "A1").attributes("aria-invalid")).toBe("true");
  expect(made.text()).toContain("“85”超出 0 至 8 分");
  await field("b1", "A1").setValue("8.0");
  expect(field("b1", "A1").attributes("aria-invalid")).toBe("false");
  expect(put.at(-1)).toEqual(["b1", "A1", 800]);
});

test("what is off the step is refused when the cell is to be left, and the caret stays", async () => {
  const { made, field } = grid();
  field("b1", "A1").element.focus();
  await field("b1", "A1").setValue("7.25");
  expect(made.text()).not.toContain("步长 0.5 的整数倍");
  await field("b1", "A1").trigger("keydown", { key: "Enter" });
  expect(made.text()).toContain("“7.25”不是步长 0.5 的整数倍");
  expect(document.activeElement).toBe(field("b1", "A1").element);
  expect(scores["b1"]?.["A1"]).toBeUndefined();
});

test("news of others take nothing of what is being typed", async () => {
  const { made, field } = grid();
  await field("b1", "A1").setValue("85");
  await field("b2", "A1").setValue("7.");
  await made.setProps({ bids: bids.map((bid) => ({ ...bid })), criteria: criteria.map((one) => ({ ...one })) });
  expect(made.text()).toContain("“85”超出 0 至 8 分");
  expect([field("b1", "A1").element.value, field("b2", "A1").element.value]).toEqual(["85", "7."]);
});

test("Enter goes down, an arrow across, and a link leads to a blank cell", async () => {
  const { made, field } = grid();
  field("b1", "A1").element.focus();
  await field("b1", "A1").setValue("7.5");
  await field("b1", "A1").trigger("keydown", { key: "Enter" });
  expect(document.activeElement).toBe(field("b1", "A2").element);
  field("b1", "A2").element.select();
  await field("b1", "A2").trigger("keydown", { key: "ArrowRight" });
  expect(document.activeElement).toBe(field("b2", "A2").element);
  (made.vm as unknown as { focusCell: (cell: object) => void }).focusCell({ bidder: "b2", criterion: "B1" });
  expect(document.activeElement).toBe(field("b2", "B1").element);
});

test("Escape gives the settled points back", async () => {
  const { field } = grid();
  await field("b1", "A1").setValue("7");
  await field("b1", "A1").trigger("blur");
  await field("b1", "A1").trigger("focus");
  await field("b1", "A1").setValue("x");
  await field("b1", "A1").trigger("keydown", { key: "Escape" });
  await nextTick();
  expect(field("b1", "A1").attributes("aria-invalid")).toBe("false");
  expect(field("b1", "A1").element.value).toBe("7");
  expect(put.at(-1)).toEqual(["b1", "A1", 700]);
});

test("the grid says what each field is, and which items are objective or blind", () => {
  const { made, field } = grid();
  expect(made.get("table").attributes("role")).toBe("grid");
  expect(field("b2", "A2").attributes("aria-label")).toBe("乙,A2 项,满分 6,步长 0.5");
  expect(made.text()).toContain("客观分");
  expect(made.text()).toContain("暗标");
});

test("a window that only reads shows the points and takes no change", async () => {
  scores["b1"] = { A1: 750 };
  const { made, field } = grid();
  await made.setProps({ reading: true });
  expect(field("b1", "A1").attributes("readonly")).toBeDefined();
  await field("b1", "A1").setValue("6");
  await field("b1", "A1").trigger("keydown", { key: "Escape" });
  expect(put).toEqual([]);
  await field("b1", "A1").trigger("keydown", { key: "Enter" });
  expect(document.activeElement).toBe(field("b1", "A2").element);
  await made.setProps({ reading: false });
  expect(field("b1", "A1").element.value).toBe("7.5");
  await field("b1", "A1").setValue("6");
  expect(put).toEqual([["b1", "A1", 600]]);
});
