/** For the tests: which texts a page's source asks for, so that none is missing in a catalogue. */

import type { Catalogue } from "../src/kit/language.ts";

/** Keys that are written out in `t("…")`, and the beginnings of those that are put together. */
export function keysUsed(sources: Readonly<Record<string, string>>): { whole: string[]; begun: string[] } {
  const whole = new Set<string>();
  const begun = new Set<string>();
  for (const source of Object.values(sources)) {
    for (const found of source.matchAll(/\bt\(\s*["']([\w.]+)["']/g)) whole.add(found[1] ?? "");
    for (const found of source.matchAll(/\bt\(\s*`([\w.]+)\.\$\{/g)) begun.add(found[1] ?? "");
  }
  return { whole: [...whole].sort(), begun: [...begun].sort() };
}

/** What a dotted key leads to in a catalogue. */
export function lookUp(words: Catalogue, key: string): string | Catalogue | undefined {
  return key.split(".").reduce<string | Catalogue | undefined>(
    (at, name) => (typeof at === "object" ? at[name] : undefined),
    words,
  );
}
