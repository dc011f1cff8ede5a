import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/scan/",
  plugins: [vue()],
  build: { target: "es2022", chunkSizeWarningLimit: 700 },
  test: { environment: "happy-dom" },
});
