/** The phone's page: what a scanned code asks for, signed with a passkey. Served by the coordinator. */

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
