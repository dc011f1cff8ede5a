import { expect, test } from "vitest";
import type { Answer, Kept, Refused, Submit } from "../src/generated/messages.ts";
import { ASK_AGAIN_MS, Outbox, RESEND_MS, type Waiting } from "../src/link/outbox.ts";

const submit: Submit = { command: "{}", sig: "", disclosures: [], opening: null };
const kept = { command_id: "c1", node: "hangzhou" } as Kept;

function waiting(author_seq: number): Waiting {
  return { command_id: `c${author_seq}`, session: "S", seat: "M5", type: "CheckIn", author_seq, submit, kept: null, sent_at: null };
}

function answer(command_id: string, status: Answer["status"], code = ""): Answer {
  const refused: Refused | null = code === "" ? null : { code, zh: "", en: "", detail: {} };
  return { command_id, status, seq: status === "accepted" ? 7 : -1, at: 1, refused, kept: status === "kept" ? kept : null };
}

test("an unanswered command is sent again, the same, after a while", () => {
  const box = new Outbox([waiting(1)]);
  expect(box.due(0).map((one) => one.command_id)).toEqual(["c1"]);
  box.sent("c1", 0);
  expect(box.due(RESEND_MS - 1)).toEqual([]);
  expect(box.due(RESEND_MS)[0]?.submit).toBe(submit);
});

test("an author's second command waits until the first is at least kept", () => {
  const box = new Outbox([waiting(2), waiting(1)]);
  expect(box.due(0).map((one) => one.command_id)).toEqual(["c1"]);
  expect(box.answered(answer("c1", "kept"))).toBe(false);
  expect(box.due(0).map((one) => one.command_id)).toEqual(["c1", "c2"]);
});

test("a kept command is asked about until it has its number", () => {
  const box = new Outbox([waiting(1)]);
  box.sent("c1", 0);
  box.answered(answer("c1", "kept"));
  expect(box.find("c1")?.kept).toBe(kept);
  expect(box.due(ASK_AGAIN_MS - 1)).toEqual([]);
  expect(box.due(ASK_AGAIN_MS)).toHaveLength(1);
  expect(box.answered(answer("c1", "accepted"))).toBe(true);
  expect(box.all()).toEqual([]);
});

test("a refusal settles a command and lets the next one go", () => {
  const box = new Outbox([waiting(1), waiting(2)]);
  box.sent("c1", 0);
  expect(box.answered(answer("c1", "refused", "AlreadyCheckedIn"))).toBe(true);
  expect(box.due(1).map((one) => one.command_id)).toEqual(["c2"]);
});

test("a refusal of the moment does not settle anything", () => {
  const box = new Outbox([waiting(1)]);
  for (const code of ["NotDurable", "LineDown", "TooBusy", "Stopping"]) {
    expect(box.answered(answer("c1", "refused", code))).toBe(false);
  }
  expect(box.all()).toHaveLength(1);
});

test("an answer that comes twice, or for nothing, changes nothing", () => {
  const box = new Outbox([waiting(1)]);
  expect(box.answered(answer("c9", "accepted"))).toBe(false);
  expect(box.answered(answer("c1", "accepted"))).toBe(true);
  expect(box.answered(answer("c1", "accepted"))).toBe(false);
});

test("after a cut line everything on its way goes out at once, and nothing twice is added", () => {
  const box = new Outbox();
  box.add(waiting(1));
  box.add(waiting(1));
  box.sent("c1", 100);
  expect(box.due(101)).toEqual([]);
  box.reconnected();
  expect(box.due(101)).toHaveLength(1);
  expect(box.highest()).toBe(1);
});
