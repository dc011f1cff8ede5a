import { defineConfig } from "vitest/config";

// Every page's tests in one run: one start of the runner instead of twelve.
export default defineConfig({
  test: {
    projects: ["protocol/web", "main_venue/web/*", "sub_venue/web/*", "server/web/*", "ops/web/*"],
  },
});
