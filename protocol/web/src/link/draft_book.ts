/**
 * One seat's unsealed scores of one stage, sans I/O: what is written, where it is safe.
 *
 * Every change raises the revision. The browser's own store and the venue's disk each confirm a
 * revision; the higher of the two wins when a page comes back.
 */

import type { Draft, DraftKept, Stage } from "../generated/messages.ts";
import type { Scores } from "../sheet.ts";

export interface Place {
  readonly session: string;
  readonly seat: string;
  readonly stage: Stage;
}

export class DraftBook {
  readonly place: Place;
  private rows: Scores = {};
  private written = 0;
  private confirmed = 0;
  private confirmedAt: number | null = null;

  constructor(place: Place) {
    this.place = place;
  }

  get scores(): Scores {
    return this.rows;
  }

  get revision(): number {
    return this.written;
  }

  /** When the venue last confirmed (its clock, ms), or null before the first time. */
  get savedAt(): number | null {
    return this.confirmedAt;
  }

  /** Whether the venue's disk holds all that is written here. */
  get safe(): boolean {
    return this.confirmed >= this.written;
  }

  /** Takes over a stored draft if it is newer than what is here; true when it was. */
  restore(draft: Draft | null, fromVenue: boolean): boolean {
    if (draft === null) return false;
    if (fromVenue) this.confirmed = Math.max(this.confirmed, draft.revision);
    if (draft.revision <= this.written) return false;
    this.rows = structuredClone(draft.scores);
    this.written = draft.revision;
    return true;
  }

  /** Writes one cell, or clears it with null. */
  put(bidder: string, criterion: string, centi: number | null): void {
    const row = { ...this.rows[bidder] };
    if (centi === null) delete row[criterion];
    else row[criterion] = centi;
    this.rows = { ...this.rows, [bidder]: row };
    this.written += 1;
  }

  /** The draft as it travels and as the browser keeps it. */
  draft(): Draft {
    return { ...this.place, revision: this.written, scores: this.rows };
  }

  /** The venue has it on its disk. */
  kept(receipt: DraftKept): void {
    if (receipt.revision < this.confirmed) return;
    this.confirmed = receipt.revision;
    this.confirmedAt = receipt.at;
  }

  /** The name under which the browser keeps this draft. */
  get key(): string {
    const { session, seat, stage } = this.place;
    return [session, seat, stage.lot, stage.envelope, stage.round].join("/");
  }
}
