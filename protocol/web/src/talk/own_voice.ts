/** Composable: this seat's own voice, on its way to its venue's worker while it may speak and wishes to. */

import { onScopeDispose, reactive, watch } from "vue";
import { type Line, type LineState, type Worker, publish } from "../media/line.ts";

const MICROPHONE: MediaStreamConstraints = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  video: false,
};
const LEVEL_MS = 150;

export interface OwnVoice {
  /** Whether the person wishes to speak now. */
  on: boolean;
  line: LineState | "";
  level: number;
  wrong: "" | "denied" | "missing";
}

/**
 * The microphone is opened at the first word and let go with the page. While the seat may not speak there is no line
 * at all; while it may, a line stands and carries silence, so that nothing of the first word is lost.
 */
export function useOwnVoice(where: () => Worker | null, source: () => string): OwnVoice & { speak: (on: boolean) => void } {
  const voice = reactive<OwnVoice>({ on: false, line: "", level: 0, wrong: "" });
  let stream: MediaStream | null = null;
  let opening: Promise<void> | null = null;
  let line: Line | null = null;
  let standing = true;

  function hush(): void {
    for (const track of stream?.getAudioTracks() ?? []) track.enabled = voice.on && line !== null;
  }

  async function open(): Promise<void> {
    voice.wrong = "";
    try {
      const found = await navigator.mediaDevices.getUserMedia(MICROPHONE);
      for (const track of found.getTracks()) {
        if (!standing) track.stop();
        track.enabled = false;
        track.addEventListener("ended", letGo);
      }
      if (standing) stream = found;
    } catch (error) {
      voice.on = false;
      voice.wrong = error instanceof DOMException && error.name === "NotFoundError" ? "missing" : "denied";
    }
    opening = null;
  }

  /** The line that should be there is, and no other. */
  function settle(): void {
    const worker = where();
    if (worker === null || stream === null) {
      voice.on = worker !== null && voice.on;
      void line?.close();
      line = null;
      voice.line = "";
    } else if (line === null) {
      const made: Line = publish(worker, source(), stream, (state) => {
        if (line === made) voice.line = state;
        // The worker knows that the seat may not speak before this page does: it is asked again once it may.
        if (state === "refused" && line === made) again(made);
      });
      line = made;
      voice.line = made.state;
    }
    hush();
  }

  function again(refused: Line): void {
    setTimeout(() => {
      if (line !== refused) return;
      void refused.close();
      line = null;
      settle();
    }, 500);
  }

  function speak(on: boolean): void {
    voice.on = on && where() !== null;
    hush();
    if (voice.on && stream === null) {
      opening ??= open();
      void opening.then(settle);
    }
  }

  function letGo(): void {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    voice.on = false;
    settle();
  }

  async function measure(): Promise<void> {
    let level = 0;
    if (voice.on && line?.peer) {
      for (const one of (await line.peer.getStats()).values() as Iterable<{ type: string; audioLevel?: number }>) {
        if (one.type === "media-source") level = Math.round((one.audioLevel ?? 0) * 100) / 100;
      }
    }
    voice.level = level;
  }

  const measuring = setInterval(() => void measure(), LEVEL_MS);
  watch(() => `${where()?.url ?? ""} ${source()}`, () => {
    void line?.close();
    line = null;
    settle();
  });
  onScopeDispose(() => {
    standing = false;
    clearInterval(measuring);
    letGo();
    void line?.close();
  });
  return Object.assign(voice, { speak });
}
