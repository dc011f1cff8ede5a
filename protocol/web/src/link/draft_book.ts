/**
 * One seat's unsealed scores of one stage, or what it is writing for other acts, sans I/O: what is written,
 * what the venue has, what not yet.
 *
 * The venue's disk counts revisions; a page builds on the last one that it knows and names the
 * next. Cells written since are kept apart until they are confirmed: where another window of the
 * same seat was first, they go on top of what that one saved, so that neither loses anything.
 */

import type { Draft, DraftKept, Stage } from "../generated/messages.ts";

/** What a cell of a draft holds: points in hundredths, or a text. */
export type Value = number | string;

/** Row → column → value: bidder → criterion → points, or act → field → text. */
export type Rows<V extends Value> = Record<string, Record<string, V>>;

/** Which part of a draft a book keeps. */
export type Kind = "scores" | "texts";

export interface Place {
  readonly session: string;
  readonly seat: string;
  readonly stage: Stage;
}

/**
 * One cell as it was written, cleared with null; `number` counts this book's writings, `at` is this
 * machine's clock (ms), by which the writings of several windows of one browser are put in order.
 */
export interface Change<V extends Value = number> {
  readonly bidder: string;
  readonly criterion: string;
  readonly centi: V | null;
  readonly number: number;
  readonly at: number;
}

/**
 * What a browser keeps of a window's book, to take it up again after a reload, or in another window.
 * A duplicated tab has its original's `window`; `page` tells them apart, and every reload is another.
 */
export interface Snapshot<V extends Value = number> {
  readonly place: Place;
  readonly window: string;
  readonly page: string;
  readonly base: number;
  readonly rows: Rows<V>;
  readonly changes: readonly Change<V>[];
  /** What was set aside, and is offered until a person has decided. */
  readonly aside: readonly Change<V>[];
}

/** A draft on its way, and up to which writing it tells. */
export interface Sending {
  readonly draft: Draft;
  readonly upTo: number;
}

/** The revision of a book whose rows are nobody's: the venue's are taken next. */
const UNKNOWN = -1;

export class DraftBook<V extends Value = number> {
  readonly place: Place;
  readonly kind: Kind;
  private rows: Rows<V> = {};
  private changes: readonly Change<V>[] = [];
  private base = 0;
  private written = 0;
  private confirmedAt: number | null = null;

  constructor(place: Place, kind: Kind = "scores") {
    this.place = place;
    this.kind = kind;
  }

  get scores(): Rows<V> {
    return this.rows;
  }

  /** Whether anything was ever written, here or at the venue. */
  get begun(): boolean {
    return this.base > 0 || this.changes.length > 0;
  }

  /** When the venue last confirmed (its clock, ms), or null before the first time. */
  get savedAt(): number | null {
    return this.confirmedAt;
  }

  /** Whether the venue's disk holds all that is written here. */
  get safe(): boolean {
    return this.changes.length === 0;
  }

  /** How many cells were written in this book: who has stored it up to here has stored all of it. */
  get count(): number {
    return this.written;
  }

  /** Writes one cell, or clears it with null. */
  put(bidder: string, criterion: string, centi: V | null, at = 0): void {
    this.written += 1;
    const change: Change<V> = { bidder, criterion, centi, number: this.written, at };
    this.changes = [...this.changes, change];
    this.write(change);
  }

  /** What to send now: all cells, as the revision after the last one known. */
  sending(): Sending {
    const rows = { scores: {}, texts: {}, [this.kind]: this.rows };
    return { draft: { ...this.place, revision: this.base + 1, ...rows }, upTo: this.written };
  }

  /** The venue has on its disk what was sent. */
  kept(receipt: DraftKept, sent: Sending): void {
    if (this.base === UNKNOWN || receipt.revision < this.base) return;
    this.base = receipt.revision;
    this.confirmedAt = receipt.at;
    this.changes = this.changes.filter((change) => change.number > sent.upTo);
  }

  /** The venue's draft as it stands; what is not confirmed here goes on top of it. */
  takeVenues(draft: Draft): void {
    if (draft.revision === this.base) return;
    if (draft.revision < this.base) this.changes = this.everyCell(draft);
    this.base = draft.revision;
    this.rows = this.rowsOf(draft);
    for (const change of this.changes) this.write(change);
  }

  /**
   * Another window writes now: what the venue has not confirmed is given back, to be offered and
   * not sent; the venue's draft, whatever it is, is taken whole next.
   */
  setAside(): readonly Change<V>[] {
    const aside = this.changes;
    this.changes = [];
    this.base = UNKNOWN;
    return aside;
  }

  /** Of cells that were set aside, the last of each that says something else than stands here now. */
  differing(aside: readonly Change<V>[]): readonly Change<V>[] {
    const inOrder = [...aside].sort((one, other) => one.at - other.at);
    const last = new Map(inOrder.map((change) => [`${change.bidder}\u0000${change.criterion}`, change]));
    return [...last.values()].filter((change) => (this.rows[change.bidder]?.[change.criterion] ?? null) !== change.centi);
  }

  snapshot(window = "", aside: readonly Change<V>[] = [], page = ""): Snapshot<V> {
    return { place: this.place, window, page, aside, base: this.base, rows: this.rows, changes: this.changes };
  }

  /** Takes up what this browser kept before a reload. */
  restore(kept: Snapshot<V>): void {
    this.base = kept.base;
    this.rows = structuredClone(kept.rows);
    this.changes = kept.changes;
    this.written = kept.changes.reduce((high, change) => Math.max(high, change.number), 0);
  }

  /** The name under which the browser keeps this draft. */
  get key(): string {
    const { session, seat, stage } = this.place;
    return [session, seat, stage.lot, stage.envelope, stage.round].join("/");
  }

  private rowsOf(draft: Draft): Rows<V> {
    return structuredClone(draft[this.kind]) as Rows<V>;
  }

  /** A venue that knows less than it confirmed has lost its disk: everything is written anew, and what was cleared cleared. */
  private everyCell(there: Draft): readonly Change<V>[] {
    const anew = { number: this.written, at: 0 };
    const cleared = cellsOf(this.rowsOf(there)).filter(([bidder, criterion]) => this.rows[bidder]?.[criterion] === undefined);
    return [
      ...cellsOf(this.rows).map(([bidder, criterion, centi]) => ({ bidder, criterion, centi, ...anew })),
      ...cleared.map(([bidder, criterion]) => ({ bidder, criterion, centi: null, ...anew })),
    ];
  }

  private write(change: Change<V>): void {
    const row = { ...this.rows[change.bidder] };
    if (change.centi === null) delete row[change.criterion];
    else row[change.criterion] = change.centi;
    this.rows = { ...this.rows, [change.bidder]: row };
  }
}

function cellsOf<V extends Value>(rows: Rows<V>): readonly (readonly [string, string, V])[] {
  return Object.entries(rows).flatMap(([bidder, row]) => Object.entries(row).map(([criterion, centi]) => [bidder, criterion, centi] as const));
}
