/** How sizes, shares and moments are told. */

const UNITS = ["B", "KiB", "MiB", "GiB"] as const;

/** A size with one decimal: 1536 → "1.5 KiB". */
export function size(bytes: number): string {
  let left = bytes;
  let unit = 0;
  while (left >= 1024 && unit < UNITS.length - 1) {
    left /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(left) : left.toFixed(1)} ${UNITS[unit] ?? ""}`;
}

/** How much of a whole is done, in per cent. */
export function percent(done: number, total: number): number {
  return total > 0 ? Math.floor((100 * done) / total) : 0;
}

/** A moment in Beijing's time: "2026-12-01 09:30:00". */
export function moment(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
}
