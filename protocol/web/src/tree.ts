/**
 * The record's RFC 6962 tree as a page keeps it: the frontier of complete subtrees, grown leaf
 * by leaf, and its root. A page is told the leaf hash of every entry, also of those whose
 * content it may not see, and so checks by itself that the head it was told covers them all.
 */

import { type Bytes, concat, equal } from "./bytes.ts";
import { sha256 } from "./digest.ts";

const NODE_PREFIX = Uint8Array.of(1);

/** `nodes` are the roots of complete subtrees, largest first, one for each set bit of `size`. */
export interface Frontier {
  readonly size: number;
  readonly nodes: readonly Bytes[];
}

export const EMPTY: Frontier = { size: 0, nodes: [] };

/** The frontier after one more leaf hash (not the entry itself). */
export async function push(frontier: Frontier, leaf: Bytes): Promise<Frontier> {
  const nodes = [...frontier.nodes];
  let right = leaf;
  for (let size = frontier.size; size % 2 === 1; size = (size - 1) / 2) {
    const left = nodes.pop();
    if (left === undefined) throw new Error("a frontier without its node");
    right = await pair(left, right);
  }
  return { size: frontier.size + 1, nodes: [...nodes, right] };
}

/** The tree's root; of no leaves it is SHA-256 of nothing. */
export async function root(frontier: Frontier): Promise<Bytes> {
  const [last, ...rest] = [...frontier.nodes].reverse();
  if (last === undefined) return sha256(new Uint8Array());
  let right = last;
  for (const left of rest) right = await pair(left, right);
  return right;
}

export async function covers(frontier: Frontier, size: number, claimed: Uint8Array): Promise<boolean> {
  return frontier.size === size && equal(await root(frontier), claimed);
}

/** The root over the first `size` leaves. */
export async function rootOf(leaves: readonly Bytes[], size: number): Promise<Bytes> {
  let frontier = EMPTY;
  for (const leaf of leaves.slice(0, size)) frontier = await push(frontier, leaf);
  return root(frontier);
}

/** The proof that the tree of `size2` leaves only added to that of `size1` (RFC 6962 2.1.2), deepest first. */
export async function consistency(leaves: readonly Bytes[], size1: number, size2: number): Promise<readonly Bytes[]> {
  const proof: Bytes[] = [];
  let [start, end, known] = [0, size2, true];
  while (size1 !== end) {
    const split = start + largestBelow(end - start);
    if (size1 <= split) {
      proof.push(await rootOf(leaves.slice(split, end), end - split));
      end = split;
    } else {
      proof.push(await rootOf(leaves.slice(start, split), split - start));
      [start, known] = [split, false];
    }
  }
  if (!known) proof.push(await rootOf(leaves.slice(start, end), end - start));
  return proof.reverse();
}

/** The largest power of two that is less than a number above one. */
function largestBelow(number: number): number {
  let power = 1;
  while (power * 2 < number) power *= 2;
  return power;
}

function pair(left: Bytes, right: Bytes): Promise<Bytes> {
  return sha256(concat(NODE_PREFIX, left, right));
}

/** Whether a leaf stands at `index` in the tree of `size` leaves with this root (RFC 9162 2.1.3.2). */
export async function includes(
  index: number,
  size: number,
  leaf: Bytes,
  proof: readonly Bytes[],
  claimed: Uint8Array,
): Promise<boolean> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let [at, last, found] = [index, size - 1, leaf];
  for (const one of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      found = await pair(one, found);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, half(last)];
    } else {
      found = await pair(found, one);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equal(found, claimed);
}

function half(number: number): number {
  return Math.floor(number / 2);
}
