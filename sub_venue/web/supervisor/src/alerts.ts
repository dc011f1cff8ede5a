/** The alerts of a view in the order in which a supervisor should look at them. */

import type { AlertView, WatchBook } from "@tongchang/protocol/generated/messages.ts";

export type Group = AlertView["group"];
export const GROUPS: readonly Group[] = ["flow", "opening", "evaluation", "movement"];

const WORST: Readonly<Record<AlertView["severity"], number>> = { alarm: 0, warning: 1, notice: 2 };

/** Those that go on, the worst first and the newest of equals; then those that have ended, the newest first. */
export function ordered(alerts: readonly AlertView[]): AlertView[] {
  return [...alerts].sort(
    (a, b) =>
      Number(a.until > 0) - Number(b.until > 0) || WORST[a.severity] - WORST[b.severity] || b.since - a.since,
  );
}

export function inGroup(alerts: readonly AlertView[], group: Group): AlertView[] {
  return ordered(alerts.filter((one) => one.group === group));
}

/** An alert as its id and its beginning tell it: one that comes again is another. */
export function keyOf(one: { readonly id: string; readonly since: number }): string {
  return `${one.since} ${one.id}`;
}

/** Alerts that go on and that nobody at this place has seen yet, but for mere notices. */
export function unseen(alerts: readonly AlertView[], book: WatchBook | null): AlertView[] {
  if (book === null) return [];
  const seen = new Set(book.seen.map((one) => keyOf({ id: one.alert, since: one.since })));
  return goingOn(alerts).filter((one) => one.severity !== "notice" && !seen.has(keyOf(one)));
}

/** How many of each severity, the worst first; those of which there is none are left out. */
export function bySeverity(alerts: readonly AlertView[]): { severity: AlertView["severity"]; count: number }[] {
  return (["alarm", "warning", "notice"] as const)
    .map((severity) => ({ severity, count: alerts.filter((one) => one.severity === severity).length }))
    .filter((one) => one.count > 0);
}

export function goingOn(alerts: readonly AlertView[]): AlertView[] {
  return alerts.filter((one) => one.until === 0);
}
