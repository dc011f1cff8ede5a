import { expect, test } from "vitest";
import type { CommitteeView, SeatView, SuspensionView, View } from "../src/generated/messages.ts";
import { atTheDoor, toLookAt } from "../src/turns/door.ts";

function seat(name: string, venue: string, more: Partial<SeatView> = {}): SeatView {
  return { seat: name, role: "expert", venue, reserve: false, checked_in: false, ...more } as SeatView;
}

const SEATS = [
  seat("keeper-hefei", "hefei", { role: "keeper" }),
  seat("M1", "hefei"), seat("M2", "hefei"), seat("M3", "hefei", { checked_in: true }), seat("M4", "hefei"), seat("M9", "hefei", { reserve: true }),
  seat("M5", "nanjing"),
];

function view(phase: string, committee: Partial<CommitteeView>, waiting: string[] | null = null): View {
  const full = { drawn: true, identified: [], recused: {}, replaced: {}, ...committee };
  const suspension = waiting === null ? null : ({ waiting } as unknown as SuspensionView);
  return { seat: "keeper-hefei", phase, seats: SEATS, committee: full, suspension } as unknown as View;
}

test("an officer looks at the members of the own venue who have not been looked at", () => {
  expect(atTheDoor(view("CHECKIN", { identified: ["M1"] }))).toEqual(["M2", "M4"]);
  expect(atTheDoor(view("COMMITTEE_READY", { recused: { M2: "kin" }, replaced: { M1: "M4" } }))).toEqual(["M4"]);
});

test("nobody is at the door of an imported committee, nor before check-in", () => {
  expect(atTheDoor(view("CHECKIN", { drawn: false }))).toEqual([]);
  expect(atTheDoor(view("DRAWN", {}))).toEqual([]);
  expect(atTheDoor({ ...view("CHECKIN", {}), committee: null })).toEqual([]);
});

test("of a suspended evaluation an officer looks again at the own venue's members alone", () => {
  expect(toLookAt(view("SUSPENDED", {}, ["M5", "M2"]))).toEqual(["M2"]);
  expect(toLookAt(view("CHECKIN", {}))).toEqual([]);
});
