/// <reference types="vite/client" />
import { expect, test } from "vitest";
import raw from "../../../tests/protocol/golden/bid-receipt-1.json?raw";
import record from "../../../tests/protocol/golden/record-1.jsonl?raw";
import { makeReceipt, receiptFault, receiptText } from "../src/bid_receipt.ts";
import { type Bytes, concat, fromBase64, toBase64, utf8 } from "../src/bytes.ts";
import { decode } from "../src/canonical.ts";
import { sha256 } from "../src/digest.ts";
import type { BidReceipt, BidderView } from "../src/generated/messages.ts";
import { EMPTY, includes, push, root } from "../src/tree.ts";

const golden = decode(raw) as BidReceipt;

test("the receipt that Python made holds here, and is written to the same bytes", async () => {
  expect(await receiptFault(golden)).toBe("");
  expect(receiptText(golden)).toBe(raw);
});

test("the page makes the same receipt of what it is told", async () => {
  const as_of = { size: golden.size, at: 0, root: golden.root };
  const view = { session: golden.session, bidder: golden.bidder, as_of } as BidderView;
  const { lot, envelope, seq, entry, disclosures, proof } = golden;
  const made = await makeReceipt(view, { lot, envelope, seq, entry, disclosures }, { seq, proof });
  expect(receiptText(made)).toBe(raw);
});

test("a receipt with anything changed proves nothing, and says which part", async () => {
  const [first] = golden.disclosures;
  const zeros = toBase64(new Uint8Array(32));
  const changes: [string, Partial<BidReceipt>][] = [
    ["entry", { entry: `${golden.entry} ` }],
    ["entry", { entry: "{}" }],
    ["entry", { entry: "null" }],
    ["entry", { session: "other" }],
    ["entry", { seq: golden.seq + 1 }],
    ["entry", { lot: "02" }],
    ["bid", { bidder: "nobody" }],
    ["disclosure", { disclosures: [{ ...first!, value: '"1.00"' }] }],
    ["disclosure", { disclosures: [{ ...first!, field: "price" }] }],
    ["leaf", { leaf: zeros }],
    ["proof", { root: zeros }],
    ["proof", { size: golden.seq }],
    ["proof", { proof: golden.proof.slice(1) }],
    ["proof", { proof: [...golden.proof, zeros] }],
  ];
  for (const [fault, change] of changes) {
    expect(await receiptFault({ ...golden, ...change }), JSON.stringify(change).slice(0, 80)).toBe(fault);
  }
});

/** The inclusion path by the recursive definition of RFC 6962 2.1.1, written apart from what is tested. */
async function path(leaves: Bytes[], index: number): Promise<Bytes[]> {
  if (leaves.length <= 1) return [];
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)];
  return index < half
    ? [...(await path(left, index)), await over(right)]
    : [...(await path(right, index - half)), await over(left)];
}

async function over(leaves: Bytes[]): Promise<Bytes> {
  let frontier = EMPTY;
  for (const leaf of leaves) frontier = await push(frontier, leaf);
  return root(frontier);
}

test("every leaf of every tree up to 20 is proved, at its own place and no other", async () => {
  const texts = record.split("\n").slice(1, 21);
  const leaves = await Promise.all(texts.map((text) => sha256(concat(Uint8Array.of(0), utf8(text)))));
  for (let size = 1; size <= leaves.length; size += 1) {
    const tree = leaves.slice(0, size);
    const head = await over(tree);
    for (let index = 0; index < size; index += 1) {
      const proof = await path(tree, index);
      expect(await includes(index, size, tree[index]!, proof, head)).toBe(true);
      if (size > 1) expect(await includes((index + 1) % size, size, tree[index]!, proof, head)).toBe(false);
    }
  }
  expect(await includes(-1, 1, leaves[0]!, [], leaves[0]!)).toBe(false);
  expect(await includes(0, 1, leaves[0]!, [], fromBase64(golden.root))).toBe(false);
});
