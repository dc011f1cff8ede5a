/** The two workers of a mask, for a page that carries them: imported by pages of members alone. */
import type { Painting } from "./painter.ts";
import { type Masked, masked } from "./mask.ts";

/** A camera's stream through workers of its own; models and WebAssembly lie in `mask/` beside the page. */
export function maskedByWorkers(camera: MediaStream, masking: boolean, changed: (now: Painting) => void): Masked {
  const painter = new Worker(new URL("./painter.ts", import.meta.url), { type: "module", name: "painter" });
  const finder = new Worker(new URL("./finder.ts", import.meta.url), { type: "module", name: "finder" });
  return masked(camera, masking, changed, painter, finder, new URL("mask/", document.baseURI).href);
}
