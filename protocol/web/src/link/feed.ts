/**
 * The lines of one session as a page holds them, sans I/O: every `seq`, in order, checked.
 *
 * Each line names its entry's leaf hash. The feed grows its own tree from them and compares its
 * root with the head that the node claims: what it has verified is what commands name as `seen`.
 * A gap is asked for; a line that contradicts an earlier one stops the feed, because then two
 * histories exist and a supervisor must know.
 */

import { type Bytes, fromBase64, toBase64 } from "../bytes.ts";
import type { AsOf, Head, Line, View } from "../generated/messages.ts";
import { EMPTY, type Frontier, covers, push, root } from "../tree.ts";

export type Taken =
  | { readonly kind: "whole" }
  | { readonly kind: "gap"; readonly since: number }
  | { readonly kind: "forked"; readonly seq: number };

/** What a feed is told: a view of some kind, and the lines from `since` on. */
export interface Told<V> {
  readonly view: V;
  readonly since: number;
  readonly lines: readonly Line[];
}

export class Feed<V extends { readonly as_of: AsOf } = View> {
  private frontier: Frontier = EMPTY;
  private readonly held: Line[] = [];
  private readonly hashes: Bytes[] = [];
  private seenHead: Head | null = null;
  private shown: V | null = null;
  private broken: number | null = null;

  get lines(): readonly Line[] {
    return this.held;
  }

  /** The leaf hash of every line held. */
  get leaves(): readonly Bytes[] {
    return this.hashes;
  }

  get view(): V | null {
    return this.shown;
  }

  /** The last head that this page computed itself and found claimed. */
  get verified(): Head | null {
    return this.seenHead;
  }

  /** The first `seq` at which two histories differ, or null. */
  get forkedAt(): number | null {
    return this.broken;
  }

  /** Where to go on asking. */
  get cursor(): number {
    return this.held.length;
  }

  /** Takes news in the order of their coming; one call at a time. */
  async take(news: Told<V>): Promise<Taken> {
    if (this.broken !== null) return { kind: "forked", seq: this.broken };
    if (news.since > this.held.length) return { kind: "gap", since: this.held.length };
    for (const line of news.lines) {
      const before = this.held[line.seq];
      if (before !== undefined) {
        if (before.leaf !== line.leaf) return this.fork(line.seq);
        continue;
      }
      if (line.seq !== this.held.length) return { kind: "gap", since: this.held.length };
      const leaf = fromBase64(line.leaf);
      this.frontier = await push(this.frontier, leaf);
      this.hashes.push(leaf);
      this.held.push(line);
    }
    return this.show(news.view);
  }

  private async show(view: V): Promise<Taken> {
    const claimed = view.as_of;
    if (claimed.size < (this.shown?.as_of.size ?? 0)) return { kind: "whole" };
    this.shown = view;
    if (claimed.size > this.held.length) return { kind: "gap", since: this.held.length };
    if (claimed.size === this.held.length) {
      if (!(await covers(this.frontier, claimed.size, fromBase64(claimed.root)))) {
        return this.fork(claimed.size - 1);
      }
      this.seenHead = { size: claimed.size, root: toBase64(await root(this.frontier)) };
    }
    return { kind: "whole" };
  }

  private fork(seq: number): Taken {
    this.broken = seq;
    return { kind: "forked", seq };
  }
}
