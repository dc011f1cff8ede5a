/** The overview page's own words, English. */

import type { ZH } from "./words_zh.ts";

export const EN: typeof ZH = {
  page: { title: "Overview" },
  wait: { title: "One moment", text: "This desk is being prepared." },
};
