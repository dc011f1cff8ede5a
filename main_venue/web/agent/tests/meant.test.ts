import { expect, test } from "vitest";
import type { CommitteeView, DrawView, SeatView, View } from "@tongchang/protocol/generated/messages.ts";
import type { AtDesk } from "@tongchang/protocol/kit/desk.ts";
import { callable, enter } from "../src/meant.ts";
import { formOf } from "../src/road.ts";

const TAKEN = ["M2", "M3", "M3-2"];

function seat(name: string, checkedIn = false): SeatView {
  return { seat: name, role: "expert", kind: "expert", reserve: false, checked_in: checkedIn } as SeatView;
}

function view(phase: string, seed: string, seats: SeatView[] = [], committee: Partial<CommitteeView> = {}): View {
  const draw = { seats: TAKEN, seed } as unknown as DrawView;
  return { phase, draw, seats, committee: { recused: {}, replaced: {}, ...committee }, awaited: [], seat: "agent" } as unknown as View;
}

test("before the draw is public any drawn seat may be called for, and nobody knows who that is", () => {
  expect(callable(view("DRAWN", ""))).toEqual(TAKEN);
  expect(callable({ ...view("DRAWN", ""), draw: null })).toEqual([]);
});

test("at the door whoever recused comes first, and who has checked in is called no more", () => {
  const seats = [seat("M1"), seat("M2"), seat("M3", true), seat("M3-2", true)];
  expect(callable(view("CHECKIN", "AA==", seats, { recused: { "M3-2": "kin" } }))).toEqual(["M3-2", "M2"]);
});

test("after the lock a recused member is replaced, not called; a successor who has not come may be", () => {
  const seats = [seat("M2", true), seat("M3", true), seat("M3-2")];
  expect(callable(view("COMMITTEE_READY", "AA==", seats, { recused: { M2: "kin" }, replaced: { M3: "M3-2" } }))).toEqual(["M3-2"]);
});

test("a committee that is to be drawn again is a form of its own", () => {
  const awaited = [{ who: "agent", role: "agent" as const, act: "RedrawCommittee", lot: "", envelope: "" }];
  expect(formOf({ ...view("COMMITTEE_VOID", "AA=="), awaited } as View)?.act).toBe("RedrawCommittee");
});

test("the page sends who leaves; whoever follows comes from the node", async () => {
  const asked: unknown[] = [];
  const stage = { lot: "", envelope: "", round: 0 };
  const person = { field: "person", digest: "AA==" };
  const desk = {
    prepare: (...what: unknown[]) => (asked.push(what), Promise.resolve({ content: '{"seat":"M3"}', stage, disclosures: [person] })),
    act: (...what: unknown[]) => (asked.push(what), Promise.resolve({ status: "accepted" })),
  };
  await enter({ desk } as unknown as AtDesk, "ReplaceMember", { seat: "M3", reason: "ill", successor: "", name: "" });
  expect(asked).toEqual([
    ["ReplaceMember", stage, '{"name":"","reason":"ill","seat":"M3","successor":""}'],
    ["ReplaceMember", { seat: "M3" }, stage, { disclosures: [person] }],
  ]);
});
