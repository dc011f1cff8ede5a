/** Figures as an operator reads them. */

const KIB = 1_024;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes with three digits at most: 1536 is `1.5 KiB`; 0 is a figure the system does not tell. */
export function bytesText(bytes: number): string {
  if (bytes === 0) return "—";
  let [size, unit] = [bytes, 0];
  while (size >= KIB && unit < UNITS.length - 1) [size, unit] = [size / KIB, unit + 1];
  return `${size >= 100 || unit === 0 ? size.toFixed(0) : size.toFixed(1)} ${UNITS[unit]}`;
}

/** A length of time in its two largest parts: 93784000 ms is `1 d 2 h`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"], [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"], [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([number]) => number > 0);
  if (first === -1) return "0 s";
  return parts.slice(first, first + 2).map(([number, unit]) => `${number} ${unit}`).join(" ");
}
