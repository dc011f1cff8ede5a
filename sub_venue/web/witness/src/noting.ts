/**
 * What a witness has noted and not sent yet, sans I/O: one keystroke notes, a few seconds are left for another
 * finding, a remark or taking it back; then it is due. Knows no key, no socket and no clock of its own.
 */

import type { Found, Item } from "@tongchang/protocol/generated/observations.ts";

/** How long a note waits to be changed or taken back. */
export const HELD_MS = 8_000;
/** More notes than this do not wait at once: the oldest is due. */
export const HELD_MAX = 5;

/** One note; `due` is when it goes out, null while its remark is being written. */
export interface Note {
  readonly id: number;
  readonly item: string;
  readonly finding: Found;
  readonly subject: string;
  readonly entry: number;
  readonly noted_at: number;
  readonly remark: string;
  readonly due: number | null;
}

export class Noting {
  private notes: readonly Note[];
  private next: number;

  constructor(kept: readonly Note[] = []) {
    this.notes = kept;
    this.next = kept.reduce((high, one) => Math.max(high, one.id), 0) + 1;
  }

  /** The notes that wait, the oldest first. */
  get waiting(): readonly Note[] {
    return this.notes;
  }

  add(item: Item, subject: string, now: number, entry = 0): Note {
    const note: Note = {
      id: this.next, item: item.code, finding: item.usual, subject, entry, noted_at: now, remark: "", due: now + HELD_MS,
    };
    this.next += 1;
    this.notes = [...this.notes, note];
    return note;
  }

  find(id: number, finding: Found, now: number): void {
    this.change(id, (one) => ({ ...one, finding, due: one.due === null ? null : now + HELD_MS }));
  }

  /** While a remark is written the note waits. */
  write(id: number, remark: string): void {
    this.change(id, (one) => ({ ...one, remark, due: null }));
  }

  /** The remark is written: from now on it waits as a new note does. */
  written(id: number, now: number): void {
    this.change(id, (one) => ({ ...one, due: one.due ?? now + HELD_MS }));
  }

  /** Send it at once. */
  hurry(id: number, now: number): void {
    this.change(id, (one) => ({ ...one, due: now }));
  }

  undo(id: number): void {
    this.notes = this.notes.filter((one) => one.id !== id);
  }

  /** Takes out what is due: what has waited long enough, and the oldest of too many. */
  take(now: number): readonly Note[] {
    const over = this.notes.length - HELD_MAX;
    const due = this.notes.filter((one, index) => (one.due !== null && one.due <= now) || (index < over && one.due !== null));
    this.notes = this.notes.filter((one) => !due.includes(one));
    return due;
  }

  private change(id: number, how: (one: Note) => Note): void {
    this.notes = this.notes.map((one) => (one.id === id ? how(one) : one));
  }
}

/** Whom an item is about, when a subject is chosen or none is: a venue's item is about one's own venue. */
export function subjectOf(item: Item, chosen: string, own: string): string {
  if (chosen !== "") return chosen;
  return item.about === "venue" ? own : "";
}

/** The item of a key that was pressed, or null: letters count only where nothing is being typed. */
export function itemOfKey(items: readonly Item[], event: KeyboardEvent): Item | null {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing || typing(event.target)) return null;
  return items.find((item) => item.key === event.key.toUpperCase()) ?? null;
}

/** Whether keys belong to a field, or to something open above the page. */
export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("[role=dialog], textarea, select, [contenteditable=true]") !== null) return true;
  return target instanceof HTMLInputElement && !["radio", "checkbox", "button"].includes(target.type);
}
