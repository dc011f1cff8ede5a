/** All live cameras and rooms at one moment: each watched until its first frame is there, then let go. */

import { type Line, type Shown, type Worker, sources, watch } from "../media/line.ts";
import { THUMBS_FROM } from "../media/wall.ts";

/** How long is waited for first frames; whoever has none by then is not seen. */
export const WAIT_MS = 8_000;
const LOOK_MS = 100;

export interface Gathered {
  /** By source: elements that hold a frame. */
  readonly videos: ReadonlyMap<string, HTMLVideoElement>;
  readonly shown: readonly Shown[];
  /** Lets all lines go; the elements hold nothing afterwards. */
  readonly close: () => void;
}

/** Only a camera or a room shows people; a screen does not, and a voice has no picture. */
function isCalled(one: Shown): boolean {
  return one.live && (one.device === "camera" || one.device === "room");
}

/** Watches everything live at once; `place` is where the elements stand meanwhile, since hidden ones may not play. */
export async function gather(worker: Worker, place: HTMLElement, told: (come: number, all: number) => void): Promise<Gathered> {
  const { iceServers, sources: found } = await sources(worker);
  const shown = found.filter(isCalled);
  const thumb = shown.length >= THUMBS_FROM;
  const lines: Line[] = [];
  const videos = new Map<string, HTMLVideoElement>();
  for (const one of shown) {
    const video = Object.assign(document.createElement("video"), { muted: true, autoplay: true, playsInline: true });
    place.append(video);
    videos.set(one.source, video);
    const windowId = `roll-call-${one.source}-${Math.random().toString(36).slice(2)}`;
    lines.push(watch({ ...worker, iceServers }, one.source, video, windowId, { thumb }));
  }
  const until = performance.now() + WAIT_MS;
  let come = 0;
  while (come < shown.length && performance.now() < until) {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    come = [...videos.values()].filter(hasFrame).length;
    told(come, shown.length);
  }
  for (const [source, video] of videos) if (!hasFrame(video)) videos.delete(source);
  return {
    videos,
    shown,
    close: () => {
      for (const line of lines) void line.close();
      place.replaceChildren();
    },
  };
}

function hasFrame(video: HTMLVideoElement): boolean {
  return video.videoWidth > 0 && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && video.currentTime > 0;
}
