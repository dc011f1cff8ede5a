/** The bidder's own page, served by the local node on the bidder's machine. */

import { createApp } from "vue";
import "@tongchang/protocol/kit/theme.ts";
import { catchFaults } from "@tongchang/protocol/kit/faults.ts";
import { language } from "@tongchang/protocol/kit/language.ts";
import App from "./App.vue";
import { EN } from "./words_en.ts";
import { ZH } from "./words_zh.ts";

const app = createApp(App).use(language(ZH, EN));
catchFaults(app);
app.mount("#app");
