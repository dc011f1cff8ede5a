/** Composable: the voices that this page hears, each on a line of its own, and how loud each is now. */

import { onScopeDispose, reactive, watch } from "vue";
import { type Line, type Worker, listen, sources } from "../media/line.ts";

/** How often the worker is asked who is there, and how often a voice is looked at. */
const LOOK_MS = 1_000;
const LEVEL_MS = 150;

interface Voice {
  readonly line: Line;
  readonly audio: HTMLAudioElement;
  /** Packets that had come when this was last looked at. */
  packets: number;
}

/** What a browser tells of sound that comes in (WebRTC stats, `inbound-rtp`). */
interface Inbound {
  readonly type: string;
  readonly audioLevel?: number;
  readonly packetsReceived?: number;
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
    voices.set(seat, { line, audio, packets: 0 });
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

  /**
   * What is played now; a voice of which nothing comes is silent, whatever it was last. It is the browser's own
   * measure: the level within packets (RFC 6464) is there only where that extension is spoken all the way.
   */
  async function measure(): Promise<void> {
    for (const [seat, voice] of [...voices]) {
      const told = (await voice.line.peer?.getReceivers()[0]?.getStats().catch(() => null)) ?? null;
      const found = [...((told?.values() ?? []) as Iterable<Inbound>)].find((one) => one.type === "inbound-rtp");
      if (voices.get(seat) !== voice) continue;
      const packets = found?.packetsReceived ?? 0;
      const level = packets > voice.packets ? Math.round((found?.audioLevel ?? 0) * 100) / 100 : 0;
      voice.packets = packets;
      if (hearing.levels[seat] !== level) hearing.levels[seat] = level;
    }
  }

  function allow(): void {
    hearing.blocked = false;
    for (const { audio } of voices.values()) void audio.play().catch(() => undefined);
  }

  const measuring = setInterval(() => void measure(), LEVEL_MS);
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
