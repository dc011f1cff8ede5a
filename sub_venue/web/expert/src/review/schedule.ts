/** A price schedule as a person types or pastes it: pure, digits kept as they are written. */

import type { Schedule, ScheduleLine } from "@tongchang/protocol/evaluation/review.ts";

export interface ScheduleFault {
  readonly fault: "amount" | "places" | "line";
  /** The line of the list that cannot be read, from 1; 0 for the fields above it. */
  readonly line: number;
}

const AMOUNT = /^\d{1,15}(\.\d{1,6})?$/;

/** An amount without the separators that people write: full-width digits and commas are taken for what they mean. */
export function readAmount(text: string): string | null {
  const plain = text
    .trim()
    .replace(/[\uff10-\uff19]/g, (digit) => String(digit.charCodeAt(0) - 0xff10))
    .replace(/[\uff0c,\s]/g, "")
    .replace(/\uff0e/g, ".");
  return AMOUNT.test(plain) ? plain : null;
}

/** The fields of the form, and its list: one line each, `name quantity unit price total` parted by tabs or spaces. */
export function readSchedule(text: (field: string) => string): Schedule | ScheduleFault {
  const readOut = readAmount(text("read_out"));
  const total = readAmount(text("total"));
  if (readOut === null || total === null) return { fault: "amount", line: 0 };
  const places = text("places").trim() === "" ? "2" : text("places").trim();
  if (!/^[0-6]$/.test(places)) return { fault: "places", line: 0 };
  const lines: ScheduleLine[] = [];
  for (const [index, row] of text("lines").split("\n").entries()) {
    if (row.trim() === "") continue;
    const parts = row.trim().split(/\t+|\s+/);
    const [quantity, unit_price, sum] = parts.slice(-3).map(readAmount);
    const line = parts.length >= 4 ? idOf(parts[0] ?? "", index) : String(index + 1);
    if (parts.length < 3 || quantity == null || unit_price == null || sum == null) return { fault: "line", line: index + 1 };
    lines.push({ line, quantity, unit_price, total: sum });
  }
  return {
    read_out: readOut, total, words: text("words").trim(), yuan_per_unit: text("yuan_per_unit") || "1", places: Number(places), lines,
  };
}

/** A line's own number where it is an identifier, else its place in the list. */
function idOf(name: string, index: number): string {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) ? name : String(index + 1);
}
