/**
 * A worker that paints masks: every frame of a camera comes in, is covered, and goes out; nothing goes around it.
 *
 * It asks the finder beside it (by the port it is given) and says what it does. A frame that cannot be painted is
 * dropped. WebCodecs' frames and streams (W3C mediacapture-transform), so it goes on in a tab that is not seen.
 */
import { Cover, LOOK_MS } from "./cover.ts";
import type { Ask, Told } from "./finder.ts";

/** What a painter begins with. */
export interface Start {
  frames: ReadableStream<VideoFrame>;
  painted: WritableStream<VideoFrame>;
  finder: MessagePort;
  masking: boolean;
}

/** What it says: nothing is masked; faces are; all is covered since no face is found; it has ended. */
export type Painting = "open" | "faces" | "all" | "ended";

/** The width of what the finder is given, px. */
const LOOKED_AT_PX = 320;
/** Of a picture that is covered as a whole so many blocks across remain. */
const BLOCKS = 12;
const COVER = "#4a5568";

const scope = globalThis as unknown as { postMessage(said: Painting): void; onmessage: ((event: MessageEvent) => void) | null };
const cover = new Cover();
const shown = new OffscreenCanvas(2, 2);
const small = new OffscreenCanvas(2, 2);
const blocks = new OffscreenCanvas(BLOCKS, BLOCKS);
let masking = true;
let said: Painting | "" = "";
let finder: MessagePort | undefined;
let asking = false;
let askedAt = Number.NEGATIVE_INFINITY;

scope.onmessage = (event: MessageEvent<Start | { masking: boolean }>): void => {
  const told = event.data;
  masking = told.masking;
  if (!("frames" in told)) return;
  finder = told.finder;
  finder.onmessage = (answer: MessageEvent<Told>): void => {
    asking = false;
    if (answer.data.faces === null) cover.lost();
    else cover.found(answer.data.faces, answer.data.at);
  };
  void paintAll(told);
};

function say(now: Painting): void {
  if (now !== said) {
    said = now;
    scope.postMessage(now);
  }
}

async function paintAll({ frames, painted }: Start): Promise<void> {
  const reader = frames.getReader();
  const writer = painted.getWriter();
  try {
    for (;;) {
      const { done, value: frame } = await reader.read();
      if (done) break;
      const out = paint(frame);
      frame.close();
      await writer.write(out);
    }
  } finally {
    say("ended");
    await writer.close().catch(() => null);
  }
}

/** A new frame, of the same moment; the one that came in is left alone. */
function paint(frame: VideoFrame): VideoFrame {
  const { displayWidth: width, displayHeight: height } = frame;
  if (shown.width !== width || shown.height !== height) {
    shown.width = width;
    shown.height = height;
  }
  const pen = brush(shown);
  pen.drawImage(frame, 0, 0, width, height);
  if (masking) {
    const now = performance.now();
    look(frame, now);
    const covered = cover.covered(now);
    if (covered === "all") coarsen(pen, frame, width, height);
    else {
      pen.fillStyle = COVER;
      for (const box of covered) pen.fillRect(box.x * width, box.y * height, box.width * width, box.height * height);
    }
    say(covered === "all" ? "all" : "faces");
  } else {
    say("open");
  }
  return new VideoFrame(shown, { timestamp: frame.timestamp, ...(frame.duration === null ? {} : { duration: frame.duration }) });
}

/** So few blocks that nobody is known by them, and one still sees that somebody is there. */
function coarsen(pen: OffscreenCanvasRenderingContext2D, frame: VideoFrame, width: number, height: number): void {
  brush(blocks).drawImage(frame, 0, 0, BLOCKS, BLOCKS);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(blocks, 0, 0, width, height);
  pen.imageSmoothingEnabled = true;
}

function look(frame: VideoFrame, now: number): void {
  if (asking || now - askedAt < LOOK_MS || finder === undefined) return;
  asking = true;
  askedAt = now;
  small.width = LOOKED_AT_PX;
  small.height = Math.max(1, Math.round((LOOKED_AT_PX * frame.displayHeight) / frame.displayWidth));
  const pen = brush(small);
  pen.drawImage(frame, 0, 0, small.width, small.height);
  const ask: Ask = { at: now, picture: pen.getImageData(0, 0, small.width, small.height) };
  finder.postMessage(ask, [ask.picture.data.buffer]);
}

function brush(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const pen = canvas.getContext("2d", { willReadFrequently: canvas === small });
  if (pen === null) throw new Error("this browser gives no canvas");
  return pen;
}
