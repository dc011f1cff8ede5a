/** Composable: the voices that this page hears, each on a line of its own, and how loud each is now. */

import { onScopeDispose, reactive, watch } from "vue";
import { type Line, type Worker, listen, sources } from "../media/line.ts";

/** How often the worker is asked who is there, and how often a voice is looked at. */
const LOOK_MS = 1_000;
const LEVEL_MS = 150;

interface Voice {
  readonly line: Line;
  readonly audio: HTMLAudioElement;
  heardAt: number;
}

export interface Hearing {
  /** Seat → how loud, 0 to 1. */
  readonly levels: Record<string, number>;
  /** The browser waits for a gesture before it plays sound. */
  blocked: boolean;
}

/** Hears every voice of a kind that the worker shows, but for one's own, while `where` names a worker. */
export function useHearing(where: () => Worker | null, device: "talk" | "call", own: () => string): Hearing & { allow: () => void } {
  const hearing = reactive<Hearing>({ levels: {}, blocked: false });
  const voices = new Map<string, Voice>();
  const windowId = Math.random().toString(36).slice(2);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let standing = true;

  function drop(seat: string): void {
    const voice = voices.get(seat);
    voices.delete(seat);
    delete hearing.levels[seat];
    voice?.audio.remove();
    void voice?.line.close();
  }

  function dropAll(): void {
    for (const seat of [...voices.keys()]) drop(seat);
    hearing.blocked = false;
  }

  function add(worker: Worker, source: string, seat: string): void {
    const audio = document.createElement("audio");
    audio.autoplay = true;
    audio.dataset["voice"] = source;
    // In the page, though unseen: what hangs in no page may be collected while it sounds.
    document.body.append(audio);
    const line = listen(worker, source, audio, windowId, (state) => {
      if (state === "live") void audio.play().catch((error: unknown) => {
        if (error instanceof DOMException && error.name === "NotAllowedError") hearing.blocked = true;
      });
      // Allowed no longer: once it is again, the source is told of again.
      if (state === "refused") drop(seat);
    });
    voices.set(seat, { line, audio, heardAt: 0 });
  }

  async function look(): Promise<void> {
    const worker = where();
    const told = worker === null ? null : await sources(worker).catch(() => null);
    const now = where();
    if (standing && told !== null && now !== null && now.url === worker?.url) {
      for (const one of told.sources) {
        if (one.device === device && one.live && one.seat !== own() && !voices.has(one.seat)) {
          add({ ...now, iceServers: told.iceServers }, one.source, one.seat);
        }
      }
    }
    clearTimeout(timer);
    if (standing) timer = setTimeout(() => void look(), LOOK_MS);
  }

  /** What comes now; a voice of which nothing comes is silent, whatever it was last. */
  function measure(): void {
    for (const [seat, voice] of voices) {
      const receiver = voice.line.peer?.getReceivers()[0];
      const [source] = receiver?.getSynchronizationSources() ?? [];
      const isNew = source !== undefined && source.timestamp !== voice.heardAt;
      voice.heardAt = source?.timestamp ?? 0;
      const level = isNew ? Math.round((source.audioLevel ?? 0) * 100) / 100 : 0;
      if (hearing.levels[seat] !== level) hearing.levels[seat] = level;
    }
  }

  function allow(): void {
    hearing.blocked = false;
    for (const { audio } of voices.values()) void audio.play().catch(() => undefined);
  }

  const measuring = setInterval(measure, LEVEL_MS);
  watch(() => where()?.url ?? "", () => {
    dropAll();
    void look();
  }, { immediate: true });
  onScopeDispose(() => {
    standing = false;
    clearTimeout(timer);
    clearInterval(measuring);
    dropAll();
  });
  return Object.assign(hearing, { allow });
}
