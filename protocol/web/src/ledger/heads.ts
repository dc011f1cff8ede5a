/**
 * The signed heads of one session's log as a page sees them, sans I/O (SPEC 27.1).
 *
 * The page has grown its own tree from the leaf of every line, so that a head which fits it also fits every head
 * before, without anybody's proof. One that does not fit is kept beside the last that did: whoever has the log's
 * key can judge both. From then on this page signs and sends nothing.
 */

import { encode } from "../canonical.ts";
import { type Bytes, equal, fromBase64, toBase64 } from "../bytes.ts";
import { EMPTY, type Frontier, consistency, push, root, rootOf } from "../tree.ts";
import { type Note, NoteFault, signedBy, split, withLines } from "./note.ts";
import { type Policy, awaits, isMet, readPolicy } from "./policy.ts";

export interface Cosigned {
  readonly name: string;
  /** Seconds since 1970, by the cosigner's clock; null while it owes its line. */
  readonly time: number | null;
  /** No milestone is reached without it. */
  readonly awaited: boolean;
}

/** A head of the log that this page has verified by itself, and who has cosigned it. */
export interface SignedHead {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  readonly text: string;
  readonly cosigned: readonly Cosigned[];
  /** The cosigners are a quorum by the policy. */
  readonly quorum: boolean;
}

/** Two heads that cannot be of one record; `proof` convicts the log by itself, empty where hashes are missing. */
export interface Inconsistent {
  readonly size: number;
  readonly head: string;
  readonly before: string;
  readonly proof: string;
}

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
}

export class Heads {
  private policyText = "";
  private policy: Policy | null = null;
  private head: SignedHead | null = null;
  private found: Inconsistent | null = null;
  /** The tree at the newest head that was verified: a later one is reached from there. */
  private grown: Frontier = EMPTY;

  /** The newest head that this page has verified, or null. */
  get last(): SignedHead | null {
    return this.head;
  }

  get inconsistent(): Inconsistent | null {
    return this.found;
  }

  get trusted(): Policy | null {
    return this.policy;
  }

  /**
   * Weighs a head against the leaves of all lines that the page holds. One above them waits until they are here;
   * one without a good signature is no head, and says nothing of the log: `NoteFault`.
   */
  async take(text: string, policyText: string, leaves: readonly Bytes[]): Promise<SignedHead | Inconsistent | null> {
    if (this.found !== null) return this.found;
    // The first policy counts: one that comes along with another head is not taken.
    if (this.policy === null) {
      this.policy = await readPolicy(policyText);
      this.policyText = policyText;
    }
    if (policyText !== this.policyText) throw new NoteFault("another policy than before");
    const note = split(text);
    const claimed = await opened(note, this.policy);
    if (claimed.size > leaves.length) return this.head;
    const tree = await this.at(claimed.size, leaves);
    if (!equal(await root(tree), fromBase64(claimed.root))) {
      this.found = await this.contradiction(claimed, note, leaves);
      return this.found;
    }
    if (this.head !== null && claimed.size < this.head.size) return this.head;
    this.head = await headOf(claimed, note, this.policy);
    this.grown = tree;
    return this.head;
  }

  private async at(size: number, leaves: readonly Bytes[]): Promise<Frontier> {
    let tree = size < this.grown.size ? EMPTY : this.grown;
    for (const leaf of leaves.slice(tree.size, size)) tree = await push(tree, leaf);
    return tree;
  }

  private async contradiction(claimed: Checkpoint, note: Note, leaves: readonly Bytes[]): Promise<Inconsistent> {
    const before = this.head;
    const text = this.logsOwn(note);
    if (before === null) return { size: claimed.size, head: text, before: "", proof: "" };
    const mine = this.logsOwn(split(before.text));
    let proof = "";
    if (claimed.size === before.size) {
      const [smaller, larger] = [text, mine].sort((one, other) => (one < other ? -1 : 1));
      proof = encode({ fork: 1, larger, prefix: "", proof: [], smaller });
    } else if (claimed.size < before.size) {
      const hashes = await consistency(leaves, claimed.size, before.size);
      const prefix = toBase64(await rootOf(leaves, claimed.size));
      proof = encode({ fork: 1, larger: mine, prefix, proof: hashes.map(toBase64), smaller: text });
    }
    return { size: claimed.size, head: text, before: mine, proof };
  }

  /** A head with the log's own lines alone: what a proof of two histories is made of (SPEC 20.7). */
  private logsOwn(note: Note): string {
    const logs = this.policy?.logs ?? [];
    const own = note.lines.filter((line) => logs.some((key) => key.name === line.name && equal(key.id, line.id)));
    return withLines(note.text, own);
  }
}

/** A checkpoint that a log of the policy has signed. */
export async function opened(note: Note, policy: Policy): Promise<Checkpoint> {
  const [origin = "", size = "", root = ""] = note.text.split("\n");
  if (!/^(0|[1-9][0-9]{0,14})$/.test(size) || fromBase64(root).length !== 32) throw new NoteFault("no checkpoint");
  let signed = false;
  for (const key of policy.logs) signed = ((await signedBy(note, key)) !== null && key.name === origin) || signed;
  if (!signed) throw new NoteFault(`no known key of ${origin} has signed`);
  return { origin, size: Number(size), root };
}

/** Who has cosigned a checkpoint that is opened, and whether that is a quorum. */
export async function headOf(claimed: Checkpoint, note: Note, policy: Policy): Promise<SignedHead> {
  const cosigned: Cosigned[] = [];
  for (const one of policy.cosigners) {
    const line = await signedBy(note, one.key);
    cosigned.push({ name: one.name, time: line?.time ?? null, awaited: awaits(policy, one.name) });
  }
  const names = cosigned.filter((one) => one.time !== null).map((one) => one.name);
  return { ...claimed, text: withLines(note.text, note.lines), cosigned, quorum: isMet(policy, names) };
}
