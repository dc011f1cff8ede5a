import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import vue from "@vitejs/plugin-vue";
import { type Plugin, defineConfig } from "vitest/config";

const { resolve } = createRequire(import.meta.url);

/** The detector's files beside the page, under their own names: it asks for them by these. */
function mask(): Plugin {
  const wasm = join(dirname(resolve("@tensorflow/tfjs-backend-wasm")));
  const models = join(dirname(resolve("@vladmandic/human")), "..", "models");
  const names = ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm", "tfjs-backend-wasm-threaded-simd.wasm"];
  const files = [
    ...["blazeface.json", "blazeface.bin"].map((name) => join(models, name)),
    ...names.map((name) => join(wasm, name)),
  ];
  return {
    name: "mask",
    apply: "build",
    generateBundle(): void {
      for (const file of files) this.emitFile({ type: "asset", fileName: `mask/${file.split("/").at(-1) ?? ""}`, source: readFileSync(file) });
    },
  };
}

export default defineConfig({
  base: "/expert/",
  plugins: [vue(), mask()],
  worker: { format: "es" },
  build: { target: "es2022", chunkSizeWarningLimit: 2_500 },
  test: { environment: "happy-dom" },
});
