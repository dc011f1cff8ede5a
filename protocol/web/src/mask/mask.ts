/**
 * A camera's stream with faces masked before anything of it leaves the page (SPEC 31.5).
 *
 * Fails closed: where the browser cannot mask, there is no stream. Only pages of members carry the detector; they
 * say where it is with `provideMask`.
 */
import { type InjectionKey, inject, provide } from "vue";
import type { Painting, Start } from "./painter.ts";

/** A stream whose picture is masked; `set` takes the mask off or puts it on, by the record alone. */
export interface Masked {
  stream: MediaStream;
  set: (masking: boolean) => void;
  close: () => void;
}

/** Makes one; the page's own, since it carries the workers. */
export type Masks = (camera: MediaStream, masking: boolean, changed: (now: Painting) => void) => Masked;

const KEY: InjectionKey<Masks> = Symbol("mask");

export function provideMask(masks: Masks): void {
  provide(KEY, masks);
}

/** How this page masks; null where it carries no detector. */
export function useMask(): Masks | null {
  return inject(KEY, null);
}

interface Transform {
  MediaStreamTrackProcessor: new (init: { track: MediaStreamTrack }) => { readable: ReadableStream<VideoFrame> };
  MediaStreamTrackGenerator: new (init: { kind: "video" }) => MediaStreamTrack & { writable: WritableStream<VideoFrame> };
}

/** Whether this browser can mask: Chromium and what is built on it (Edge, 360, QQ) can. */
export function canMask(): boolean {
  return "MediaStreamTrackProcessor" in globalThis && "MediaStreamTrackGenerator" in globalThis && "OffscreenCanvas" in globalThis;
}

/** Mask with these two workers, ended with the stream; `base` is where the detector's files lie. */
export function masked(
  camera: MediaStream, masking: boolean, changed: (now: Painting) => void, painter: Worker, finder: Worker, base: string,
): Masked {
  const { MediaStreamTrackProcessor, MediaStreamTrackGenerator } = globalThis as unknown as Transform;
  const [track] = camera.getVideoTracks();
  if (track === undefined) throw new Error("a camera without a picture");
  const painted = new MediaStreamTrackGenerator({ kind: "video" });
  const frames = new MediaStreamTrackProcessor({ track }).readable;
  const { port1: toFinder, port2 } = new MessageChannel();
  finder.onmessage = (event: MessageEvent): void => port2.postMessage(event.data);
  port2.onmessage = (event: MessageEvent): void => finder.postMessage(event.data);
  finder.postMessage({ base });
  painter.onmessage = (event: MessageEvent<Painting>): void => changed(event.data);
  const start: Start = { frames, painted: painted.writable, finder: toFinder, masking };
  painter.postMessage(start, [frames, painted.writable, toFinder] as unknown as Transferable[]);
  return {
    stream: new MediaStream([painted, ...camera.getAudioTracks()]),
    set: (now) => painter.postMessage({ masking: now }),
    close: () => {
      painter.terminate();
      finder.terminate();
      painted.stop();
    },
  };
}
