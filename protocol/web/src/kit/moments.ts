/** Moments as people write them: Beijing time, whatever the machine's own zone is. */

import type { Lang } from "./speech.ts";

const ZONE = "Asia/Shanghai";
const FORMS: Record<Lang, Intl.DateTimeFormat> = { zh: form("zh-CN"), en: form("en-GB") };

function form(locale: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, {
    timeZone: ZONE,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
}

/** `2026-12-01 09:30(北京时间)`: the same order in both languages, so that no day is taken for a month. */
export function momentText(ms: number, lang: Lang): string {
  const parts = Object.fromEntries(FORMS[lang].formatToParts(ms).map((part) => [part.type, part.value]));
  const text = `${parts["year"]}-${parts["month"]}-${parts["day"]} ${parts["hour"]}:${parts["minute"]}`;
  return lang === "zh" ? `${text}(北京时间)` : `${text} (Beijing)`;
}
