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

const TIMES = { zh: ["天", "小时", "分", "秒"], en: ["d", "h", "min", "s"] } as const;

/** A length of time in its two largest parts: 93784000 ms is `1 d 2 h`, `1 天 2 小时`. */
export function durationText(ms: number, lang: "zh" | "en"): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [days, hours, minutes, rest] = TIMES[lang];
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), days], [Math.floor(seconds / 3_600) % 24, hours],
    [Math.floor(seconds / 60) % 60, minutes], [seconds % 60, rest],
  ];
  const first = parts.findIndex(([number]) => number > 0);
  if (first === -1) return `0 ${rest}`;
  return parts.slice(first, first + 2).map(([number, unit]) => `${number} ${unit}`).join(" ");
}
