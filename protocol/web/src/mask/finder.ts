/**
 * A worker that finds faces: BlazeFace by TensorFlow.js on WebAssembly, both from this page's own server.
 *
 * Asked with small pictures one at a time; answers where faces are, or that it cannot look.
 */
import { Human } from "@vladmandic/human";
import type { Box } from "./cover.ts";

/** A small picture of the frame taken at `at`. */
export interface Ask {
  at: number;
  picture: ImageData;
}

/** Where faces are in it; `faces` is null where it could not look. */
export interface Told {
  at: number;
  faces: Box[] | null;
}

/** Below this a face is not taken for one; low, because what is missed is seen. */
const SCORE_MIN = 0.25;
const FACES_MAX = 10;
const off = { enabled: false };

/** Human's own configuration; models and WebAssembly lie beside the page (`mask/`). */
function made(base: string): Human {
  return new Human({
    backend: "wasm", wasmPath: base, modelBasePath: base, cacheSensitivity: 0, debug: false, async: false,
    filter: off, gesture: off, body: off, hand: off, object: off, segmentation: off,
    face: {
      enabled: true,
      detector: { modelPath: "blazeface.json", rotation: false, minConfidence: SCORE_MIN, maxDetected: FACES_MAX, return: false },
      mesh: off, iris: off, emotion: off, description: off, attention: off, antispoof: off, liveness: off,
    },
  });
}

const scope = globalThis as unknown as { postMessage(told: Told): void; onmessage: ((event: MessageEvent) => void) | null };
let finding: Human | undefined;
let ready: Promise<unknown> | undefined;

scope.onmessage = (event: MessageEvent<Ask | { base: string }>): void => {
  const asked = event.data;
  if ("base" in asked) {
    finding = made(asked.base);
    ready = finding.load();
    ready.catch((error: unknown) => console.warn("the face detector does not start", error));
    return;
  }
  void look(asked).then((told) => scope.postMessage(told));
};

async function look(asked: Ask): Promise<Told> {
  try {
    await ready;
    const result = await finding?.detect(asked.picture);
    if (result === undefined || (result.error !== null && result.error !== undefined)) return { at: asked.at, faces: null };
    return { at: asked.at, faces: result.face.map(({ boxRaw: [x, y, width, height] }) => ({ x, y, width, height })) };
  } catch {
    return { at: asked.at, faces: null };
  }
}
