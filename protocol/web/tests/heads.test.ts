/// <reference types="vite/client" />
/** The golden heads, as a page verifies them: the same judgements and the same proofs as in Python. */
import { expect, test } from "vitest";
import golden from "../../../tests/protocol/golden/heads-1.json";
import record from "../../../tests/protocol/golden/record-1.jsonl?raw";
import { type Bytes, concat, utf8 } from "../src/bytes.ts";
import { decode } from "../src/canonical.ts";
import { sha256 } from "../src/digest.ts";
import { Heads, type Inconsistent, type SignedHead } from "../src/ledger/heads.ts";
import { NoteFault } from "../src/ledger/note.ts";
import { awaits, readPolicy } from "../src/ledger/policy.ts";
import { verifyReceipt } from "../src/ledger/receipt.ts";

const lines = record.split("\n");
const { entries: count } = decode(lines[0] ?? "") as { entries: number };

async function leaves(size = count): Promise<Bytes[]> {
  return Promise.all(lines.slice(1, 1 + size).map((text) => sha256(concat(Uint8Array.of(0), utf8(text)))));
}

test("a head that fits is verified, with those who cosigned it; an older one changes nothing", async () => {
  const heads = new Heads();
  const held = await leaves();
  const seen = (await heads.take(golden.head_all, golden.policy, held)) as SignedHead;
  expect(seen.size).toBe(count);
  expect(seen.quorum).toBe(true);
  expect(seen.cosigned.map((one) => one.time)).toEqual([1_795_000_000, 1_795_000_001, 1_795_000_002, null]);
  expect(await heads.take(golden.head_30, golden.policy, held)).toEqual(seen);
});

test("a head above the lines waits for them", async () => {
  const heads = new Heads();
  expect(await heads.take(golden.head_all, golden.policy, await leaves(30))).toBeNull();
  expect(((await heads.take(golden.head_all, golden.policy, await leaves())) as SignedHead).size).toBe(count);
});

test.each(["equal", "smaller", "larger"] as const)("a %s head of another history is kept with its proof, for good", async (shown) => {
  const heads = new Heads();
  const held = await leaves();
  await heads.take(golden.head_30, golden.policy, held);
  const found = (await heads.take(golden.inconsistent[shown], golden.policy, held)) as Inconsistent;
  expect(found.proof).toBe(golden.proofs[shown]);
  expect(found.before).not.toBe("");
  expect(await heads.take(golden.head_all, golden.policy, held)).toBe(found);
  expect(heads.inconsistent).toBe(found);
});

test("a head whose lines do not hold is none, and no other policy is taken", async () => {
  const heads = new Heads();
  const held = await leaves();
  await expect(heads.take(golden.head_30.replace("\n30\n", "\n31\n"), golden.policy, held)).rejects.toThrow(NoteFault);
  const [body = "", under = ""] = golden.head_30.split("\n\n");
  await expect(heads.take(`${body}\n\n${under.split("\n").slice(1).join("\n")}`, golden.policy, held)).rejects.toThrow(NoteFault);
  await expect(heads.take(golden.head_30, golden.policy.replace("quorum live", "quorum none"), held)).rejects.toThrow(NoteFault);
  expect(heads.last).toBeNull();
});

test("the receipt of one's own act holds; of another key's, another entry's or another head's it does not", async () => {
  const policy = await readPolicy(golden.policy);
  const proved = await verifyReceipt(golden.receipt, policy, golden.receipt_key);
  expect(proved.entry.seq).toBe(golden.receipt_seq);
  expect(proved.head.quorum).toBe(true);
  const other = (decode(lines[1] ?? "") as { command: { author_key: string } }).command.author_key;
  await expect(verifyReceipt(golden.receipt, policy, other === golden.receipt_key ? "ed25519:x" : other)).rejects.toThrow(NoteFault);
  await expect(verifyReceipt(golden.receipt.replace("\nindex 20\n", "\nindex 21\n"), policy, golden.receipt_key)).rejects.toThrow(NoteFault);
  const [top = "", ...head] = golden.receipt.split("\n\n");
  await expect(verifyReceipt([top, ...head].join("\n\n").replace(`\n${count}\n`, "\n30\n"), policy, golden.receipt_key)).rejects.toThrow(NoteFault);
});

test("a cosigner is awaited where the others together are no quorum", async () => {
  const policy = await readPolicy(golden.policy);
  const names = policy.cosigners.map((one) => one.name);
  expect(names.length).toBeGreaterThan(1);
  expect(names.filter((name) => awaits(policy, name))).toEqual([]);
  const all = { ...policy, groups: [{ name: "every", least: names.length, members: names }], quorum: "every" };
  expect(names.every((name) => awaits(all, name))).toBe(true);
  const one = { ...policy, groups: [], quorum: names[0]! };
  expect(names.map((name) => awaits(one, name))).toEqual(names.map((_, at) => at === 0));
});
