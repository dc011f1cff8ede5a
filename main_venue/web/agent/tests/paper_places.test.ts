import { expect, test } from "vitest";
import type { View } from "@tongchang/protocol/generated/messages.ts";
import { firstPlaces, namedPlaces, signsToo } from "../src/paper_places.ts";

const seat = (id: string, role: string, bound = true) => ({ seat: id, role, bound });
const view = {
  seats: [seat("M1", "expert"), seat("witness-hefei", "witness"), seat("witness-nanjing", "witness", false), seat("tenderee", "tenderee"), seat("agent", "agent")],
} as unknown as View;

test("witnesses who are here are given a place, the tenderee where a person says that it has to sign", () => {
  expect(signsToo(view).map((one) => one.seat)).toEqual(["tenderee", "witness-hefei", "witness-nanjing"]);
  expect(firstPlaces(view, {})).toEqual(["witness-hefei"]);
  expect(namedPlaces(firstPlaces(view, { tenderee: true }))).toBe("tenderee,witness-hefei");
});

test("nobody who has not signed in holds the report up, and nobody at all is said too", () => {
  expect(firstPlaces(view, { "witness-nanjing": true, "witness-hefei": false })).toEqual([]);
  expect(namedPlaces([])).toBe(",");
});
