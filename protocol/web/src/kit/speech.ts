/** The words of the protocol in the reader's language, under the session's regime. */

import type { Refused, Regime, View } from "../generated/messages.ts";
import { REFUSALS } from "../generated/refusals.ts";
import { ACT_TERMS, PHASE_TERMS, REGIME_WORDS, TERMS } from "../generated/words.ts";

export type Lang = "zh" | "en";

interface Words {
  readonly zh: string;
  readonly en: string;
}

const terms: Readonly<Record<string, Words>> = TERMS;
const phases: Readonly<Record<string, Words>> = PHASE_TERMS;
const acts: Readonly<Record<string, Words>> = ACT_TERMS;
const refusals: Readonly<Record<string, Words>> = REFUSALS;

/** Particulars of a refusal that are identifiers, and the words that stand for them. */
const SPOKEN: Readonly<Record<string, (id: string, lang: Lang, regime: Regime) => string>> = {
  type: (id, lang) => act(id, lang),
  phase: (id, lang) => phase(id, lang),
  wanted: (id, lang) => each(id, lang, (one) => phase(one, lang)),
  role: (id, lang, regime) => term(id, lang, regime),
  allowed: (id, lang, regime) => each(id, lang, (one) => term(one, lang, regime)),
};

/** A noun of the field: 招标人 under TENDER is 采购人 under GOV_PROC. */
export function term(id: string, lang: Lang, regime: Regime = "TENDER"): string {
  return terms[REGIME_WORDS[regime]?.[id] ?? id]?.[lang] ?? id;
}

export function phase(id: string, lang: Lang): string {
  return phases[id]?.[lang] ?? id;
}

export function act(type: string, lang: Lang): string {
  return acts[type]?.[lang] ?? type;
}

/** A list as the language writes it: 甲、乙 or A, B. */
export function list(items: readonly string[], lang: Lang): string {
  return items.join(lang === "zh" ? "、" : ", ");
}

/**
 * A refusal's text. Identifiers among its particulars are put into words; where this page does
 * not know the code, the text that travelled with it is shown.
 */
export function refusal(refused: Refused, lang: Lang, regime: Regime = "TENDER"): string {
  const template = refusals[refused.code]?.[lang];
  if (template === undefined) return refused[lang] || refused.code;
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const given = refused.detail[name];
    if (given === undefined) return "?";
    return SPOKEN[name]?.(given, lang, regime) ?? given;
  });
}

/** A venue's name as the installation gives it; its id where the name is not known. */
export function venueName(view: View, id: string, lang: Lang): string {
  const venue = view.venues.find((one) => one.venue === id);
  return (lang === "zh" ? venue?.zh || venue?.en : venue?.en || venue?.zh) || id;
}

/** The clock of a receipt, to the second, in the reader's own time zone. */
export function clock(ms: number): string {
  const at = new Date(ms);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

function each(ids: string, lang: Lang, say: (id: string) => string): string {
  return list(
    ids.split(", ").map((id) => say(id)),
    lang,
  );
}
