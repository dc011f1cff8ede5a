/** The page's language: Chinese first, English on request, remembered in this browser. */

import type { Plugin } from "vue";
import { createI18n } from "vue-i18n";
import { KIT_EN, KIT_ZH } from "./catalogue.ts";
import type { Lang } from "./speech.ts";

const REMEMBERED = "tongchang.language";

/** A page's words: texts by name, grouped as deep as it likes. */
export interface Catalogue {
  readonly [name: string]: string | Catalogue;
}

/** The i18n plugin over the shared words (under `kit`) and a page's own. */
export function language(zh: Catalogue, en: Catalogue): Plugin {
  const locale: Lang = localStorage.getItem(REMEMBERED) === "en" ? "en" : "zh";
  mark(locale);
  const messages: Record<Lang, Catalogue> = {
    zh: { kit: KIT_ZH, ...zh },
    en: { kit: KIT_EN, ...en },
  };
  return createI18n({ legacy: false, locale, fallbackLocale: "zh", messages });
}

/** Remembers a choice and tells the document, so that readers aloud pronounce it rightly. */
export function mark(lang: Lang): void {
  localStorage.setItem(REMEMBERED, lang);
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
}
