/**
 * Composable: leave to read at this seat, kept fresh, and single pages fetched with it.
 *
 * Pictures are fetched with the token in a header and shown as blobs, so that it stands in no address. A bounded
 * number of them is kept in memory and nothing is stored (SPEC 14.3).
 */

import { type InjectionKey, type Ref, inject, onBeforeUnmount, provide, shallowRef, watch } from "vue";
import {
  type About,
  type Hits,
  type PageText,
  type Reading,
  type Refused,
  WIRE,
} from "../generated/messages.ts";
import type { AtDesk } from "../kit/desk.ts";
import { LineFault, RefusedError } from "../link/socket.ts";

export type Scale = "thumb" | "normal" | "large" | "close";

const PICTURES_MAX = 48;
const RENEW_MS = 240_000;
const PREPARING_LOOK_MS = 3_000;
const NONE_LOOK_MS = 20_000;
const AGAIN_MS = 1_500;
const AGAIN_MAX = 40;
/** Refusals of the moment: asked again by itself. */
const OF_THE_MOMENT = new Set(["TooBusy", "ReaderRestarting", "Stopping"]);

export interface Room {
  /** What may be read now; null before the node has said. */
  readonly reading: Ref<Reading | null>;
  /** A refusal of the moment that pages are waiting out, for the page to say so. */
  readonly waiting: Ref<Refused | null>;
  readonly about: (document: string) => Promise<About>;
  readonly picture: (document: string, page: number, scale: Scale) => Promise<string>;
  readonly text: (document: string, page: number, find: string) => Promise<PageText>;
  readonly search: (find: string, within: { document?: string; code?: string }) => Promise<Hits>;
}

const KEY: InjectionKey<Room> = Symbol("reading room");

export function useRoom(): Room {
  const room = inject(KEY);
  if (room === undefined) throw new Error("no reading room was opened above this part");
  return room;
}

export function provideRoom(room: Room): void {
  provide(KEY, room);
}

export function openRoom(at: AtDesk): Room {
  const reading = shallowRef<Reading | null>(null);
  const waiting = shallowRef<Refused | null>(null);
  const pictures = new Map<string, Promise<string>>();
  const abouts = new Map<string, Promise<About>>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: Promise<void> | null = null;
  let ended = false;

  function ask(): Promise<void> {
    asking ??= askNow().finally(() => {
      asking = null;
    });
    return asking;
  }

  async function askNow(): Promise<void> {
    clearTimeout(timer);
    const { who } = at.state;
    if (ended || who === null || at.state.standing !== "following") return;
    try {
      const told = await at.desk.ask<Reading>(WIRE.READING, { session: who.session, seat: who.seat });
      if (told.digest !== reading.value?.digest) abouts.clear();
      reading.value = told;
    } catch (error) {
      if (!(error instanceof LineFault || error instanceof RefusedError)) throw error;
    }
    const folder = reading.value?.folder;
    const after = folder === "ready" ? RENEW_MS : folder === "preparing" ? PREPARING_LOOK_MS : NONE_LOOK_MS;
    if (!ended) timer = setTimeout(() => void ask(), after);
  }

  /** Asks the door; renews the leave once where it has run out, and waits out what is of the moment. */
  async function get(path: string): Promise<Response> {
    for (let tries = 0; ; tries += 1) {
      const { who } = at.state;
      const token = reading.value?.token;
      if (who === null || token === undefined) throw new LineFault("no leave to read");
      let answer: Response;
      try {
        answer = await fetch(`/reading/${who.session}/${who.seat}/${path}`, {
          headers: { Authorization: `Bearer ${token}` },
          cache: "no-store",
        });
      } catch (error) {
        throw new LineFault(String(error));
      }
      if (answer.ok) {
        waiting.value = null;
        return answer;
      }
      const { refused } = (await answer.json()) as { refused: Refused };
      if (refused.code === "ReadingEnded" && tries === 0) {
        await ask();
      } else if (OF_THE_MOMENT.has(refused.code) && tries < AGAIN_MAX && !ended) {
        waiting.value = refused;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      } else {
        throw new RefusedError(refused);
      }
    }
  }

  async function json<T>(path: string): Promise<T> {
    return (await (await get(path)).json()) as T;
  }

  function about(document: string): Promise<About> {
    let found = abouts.get(document);
    if (found === undefined) {
      found = json<About>(document);
      abouts.set(document, found);
      found.catch(() => abouts.delete(document));
    }
    return found;
  }

  function picture(document: string, page: number, scale: Scale): Promise<string> {
    const name = `${document}/${page}.webp?scale=${scale}`;
    const kept = pictures.get(name);
    if (kept !== undefined) {
      pictures.delete(name);
      pictures.set(name, kept);
      return kept;
    }
    const made = get(name).then(async (answer) => URL.createObjectURL(await answer.blob()));
    pictures.set(name, made);
    made.catch(() => pictures.delete(name));
    for (const [old, url] of pictures) {
      if (pictures.size <= PICTURES_MAX) break;
      pictures.delete(old);
      void url.then((one) => URL.revokeObjectURL(one)).catch(() => undefined);
    }
    return made;
  }

  watch(
    () => [at.state.standing, at.state.who?.session, at.state.view?.stages.map((one) => one.phase).join(), at.state.view?.phase].join("|"),
    () => void ask(),
    { immediate: true },
  );
  watch(
    () => at.state.standing === "following",
    (here) => {
      if (!here) forget();
    },
  );
  function forget(): void {
    reading.value = null;
    abouts.clear();
    for (const url of pictures.values()) void url.then((one) => URL.revokeObjectURL(one)).catch(() => undefined);
    pictures.clear();
  }
  onBeforeUnmount(() => {
    ended = true;
    clearTimeout(timer);
    forget();
  });

  return {
    reading,
    waiting,
    about,
    picture,
    text: (document, page, find) => json(`${document}/${page}.json?find=${encodeURIComponent(find)}`),
    search: (find, within) => json(`search?${new URLSearchParams({ find, ...within }).toString()}`),
  };
}
