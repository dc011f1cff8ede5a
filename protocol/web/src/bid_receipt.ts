/**
 * A bidder's receipt (回执), made and checked by the page itself (SPEC 10.3): that the record with this size and
 * root holds the entry with this bid, and what the bid's digests in it stand for. The same checks in the same
 * order as protocol/link/bid_receipt.py, against the same golden file.
 */

import { type Bytes, concat, equal, fromBase64, toBase64, utf8 } from "./bytes.ts";
import { NotCanonical, decode, encode } from "./canonical.ts";
import { sha256, tag } from "./digest.ts";
import type { BidEntry, BidReceipt, BidRef, BidderView, Disclosure, Entry, Inclusion } from "./generated/messages.ts";
import { includes } from "./tree.ts";

/** Why a receipt proves nothing; empty when it holds. */
export type ReceiptFault = "" | "entry" | "bid" | "disclosure" | "leaf" | "proof";

const LEAF_PREFIX = Uint8Array.of(0);

/** The receipt for one entry of a bidder's, against the head that its view tells. */
export async function makeReceipt(view: BidderView, told: BidEntry, inclusion: Inclusion): Promise<BidReceipt> {
  return {
    receipt: 1,
    session: view.session,
    bidder: view.bidder,
    lot: told.lot,
    envelope: told.envelope,
    seq: told.seq,
    entry: told.entry,
    disclosures: told.disclosures,
    leaf: toBase64(await leafHash(told.entry)),
    size: view.as_of.size,
    root: view.as_of.root,
    proof: inclusion.proof,
  };
}

/** Its file: canonical JSON, the same bytes whoever writes it. */
export function receiptText(receipt: BidReceipt): string {
  return encode(receipt);
}

export async function receiptFault(receipt: BidReceipt): Promise<ReceiptFault> {
  const entry = readEntry(receipt.entry);
  if (entry === null || entry.session !== receipt.session || entry.seq !== receipt.seq) return "entry";
  const { command } = entry;
  if (command.stage.lot !== receipt.lot || command.stage.envelope !== receipt.envelope) return "entry";
  if (command.type !== "ImportOpening") return "entry";
  const bid = command.content.bids.find((one) => one.bidder === receipt.bidder);
  if (bid === undefined) return "bid";
  for (const one of receipt.disclosures) if (!(await opens(one, bid))) return "disclosure";
  const leaf = await leafHash(receipt.entry);
  if (toBase64(leaf) !== receipt.leaf) return "leaf";
  const proof = receipt.proof.map(fromBase64);
  const holds = await includes(receipt.seq, receipt.size, leaf, proof, fromBase64(receipt.root));
  return holds ? "" : "proof";
}

function leafHash(entry: string): Promise<Bytes> {
  return sha256(concat(LEAF_PREFIX, utf8(entry)));
}

function readEntry(text: string): Entry | null {
  try {
    const entry = decode(text) as Entry | null;
    return entry?.command?.stage === undefined ? null : entry;
  } catch (error) {
    if (error instanceof NotCanonical) return null;
    throw error;
  }
}

/** Whether a disclosure holds, and is one of this bid's. */
async function opens(one: Disclosure, bid: BidRef): Promise<boolean> {
  const digests: Partial<Record<string, string>> = { bidder_name: bid.name, price: bid.price, quantities: bid.quantities };
  if (digests[one.field] !== one.digest) return false;
  const hashed = concat(await tag(`hidden/v1/${one.field}`), fromBase64(one.salt), utf8(one.value));
  return equal(await sha256(hashed), fromBase64(one.digest));
}
