/** Composable: the reader's language, and the protocol's words in it. */

import { type ComputedRef, computed } from "vue";
import { useI18n } from "vue-i18n";
import type { Refused, Regime, View } from "../generated/messages.ts";
import * as speech from "./speech.ts";

/** What a plan names in both languages: a session by its tender, a stage by its lot. */
export interface Titled {
  readonly title: string | null;
  readonly title_en: string | null;
}

export interface Speaking {
  readonly t: (key: string, particulars?: Record<string, unknown>) => string;
  readonly lang: ComputedRef<speech.Lang>;
  readonly term: (id: string) => string;
  readonly phase: (id: string) => string;
  readonly act: (type: string) => string;
  readonly list: (items: readonly string[]) => string;
  readonly refusal: (refused: Refused) => string;
  readonly venue: (view: View, id: string) => string;
  /** Whichever of two texts the reader's language wants, the other where it is missing. */
  readonly either: (zh: string, en: string) => string;
  /** A title in the reader's language; empty where the plan is not known here. */
  readonly title: (of: Titled) => string;
  /** What a column shows and in which unit, where there is one. */
  readonly measured: (what: string, unit: string | null) => string;
  /** A heading and the title of what it is about, where that is known. */
  readonly headed: (heading: string, of: Titled) => string;
}

/** Words as headings and labels begin: with a capital letter, where the script has any. */
function capital(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

export function useSpeaking(regime: () => Regime = () => "TENDER"): Speaking {
  const { t, locale } = useI18n();
  const lang = computed<speech.Lang>(() => (locale.value === "en" ? "en" : "zh"));
  const either = (zh: string, en: string): string => (lang.value === "zh" ? zh || en : en || zh);
  const title = (of: Titled): string => either(of.title ?? "", of.title_en ?? "");
  return {
    t: (key, particulars = {}) => t(key, particulars),
    lang,
    term: (id) => capital(speech.term(id, lang.value, regime())),
    phase: (id) => capital(speech.phase(id, lang.value)),
    act: (type) => speech.act(type, lang.value),
    list: (items) => speech.list(items, lang.value),
    venue: (view, id) => speech.venueName(view, id, lang.value),
    refusal: (refused) => speech.refusal(refused, lang.value, regime()),
    either,
    title,
    measured: (what, unit) => (unit ? t("kit.measured", { what, unit }) : what),
    headed: (heading, of) => (title(of) === "" ? heading : t("kit.headed", { heading, title: title(of) })),
  };
}
