/** This machine's camera, microphone and loudspeaker, tried for as long as somebody looks. */

import { DARK, SPOKEN, brightness, loudness } from "./judging.ts";

/** Why a device could not be tried. */
export type Trouble = "denied" | "missing" | "taken" | "unsafe";

export class NoDevice extends Error {
  readonly why: Trouble;

  constructor(why: Trouble) {
    super(why);
    this.why = why;
  }
}

const WIDTH = 64;
const HEIGHT = 36;
const LOOK_MS = 200;
const TONE_HZ = 660;
const TONE_S = 1.2;

/** Opens a device. Throws `NoDevice`. */
export async function opened(kind: "video" | "audio"): Promise<MediaStream> {
  // A page that came without TLS from elsewhere is given no devices at all.
  if (typeof navigator.mediaDevices?.getUserMedia !== "function") throw new NoDevice("unsafe");
  try {
    return await navigator.mediaDevices.getUserMedia({ [kind]: true });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "NotFoundError" || name === "OverconstrainedError") throw new NoDevice("missing");
    if (name === "NotReadableError" || name === "AbortError") throw new NoDevice("taken");
    throw new NoDevice("denied");
  }
}

export interface Watched {
  stop(): void;
}

/** Looks at a picture until it is stopped; `seen` is told whether it is bright enough and has moved on. */
export function watchPicture(video: HTMLVideoElement, stream: MediaStream, seen: (bright: boolean, size: string) => void): Watched {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const drawn = canvas.getContext("2d", { willReadFrequently: true });
  video.srcObject = stream;
  let before = -1;
  const looking = setInterval(() => {
    if (drawn === null || video.videoWidth === 0 || video.currentTime === before) return;
    before = video.currentTime;
    drawn.drawImage(video, 0, 0, WIDTH, HEIGHT);
    const { data } = drawn.getImageData(0, 0, WIDTH, HEIGHT);
    seen(brightness(data) >= DARK, `${video.videoWidth} × ${video.videoHeight}`);
  }, LOOK_MS);
  return { stop: () => ended(stream, () => { clearInterval(looking); video.srcObject = null; }) };
}

/** Listens until it is stopped; `heard` is told the loudness, of 1, and whether somebody speaks. */
export function listen(stream: MediaStream, heard: (level: number, spoken: boolean) => void): Watched {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const listening = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const level = loudness(samples);
    heard(level, level >= SPOKEN);
  }, LOOK_MS / 2);
  return { stop: () => ended(stream, () => { clearInterval(listening); void context.close(); }) };
}

/** Plays a tone that begins and ends softly; resolves when it is over. Throws `NoDevice`. */
export async function play(): Promise<void> {
  const context = new AudioContext();
  try {
    await context.resume();
    const tone = context.createOscillator();
    const volume = context.createGain();
    const now = context.currentTime;
    tone.frequency.value = TONE_HZ;
    volume.gain.setValueAtTime(0, now);
    volume.gain.linearRampToValueAtTime(0.4, now + 0.1);
    volume.gain.setValueAtTime(0.4, now + TONE_S - 0.2);
    volume.gain.linearRampToValueAtTime(0, now + TONE_S);
    tone.connect(volume).connect(context.destination);
    const over = new Promise((done) => tone.addEventListener("ended", done, { once: true }));
    tone.start(now);
    tone.stop(now + TONE_S);
    await over;
  } catch {
    throw new NoDevice("missing");
  } finally {
    void context.close();
  }
}

function ended(stream: MediaStream, first: () => void): void {
  first();
  for (const track of stream.getTracks()) track.stop();
}
