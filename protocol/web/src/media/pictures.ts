/** Composable: with what this page sends and sees, as its node tells it (SPEC 30.6). */

import { type InjectionKey, inject, onScopeDispose, provide, reactive } from "vue";
import { useDesk } from "../kit/desk.ts";
import { seatedView } from "../link/desk_state.ts";
import type { Given, Worker } from "./line.ts";

/** How often the node is asked while something may still come; and once everything is known. */
const ASK_MS = 3_000;
const ASK_KNOWN_MS = 30_000;

export interface Pictures {
  given: Given | null;
}

const KEY: InjectionKey<Pictures> = Symbol("pictures");

/** Asks for as long as the page follows a session. Called once, in the frame of the page. */
export function openPictures(): Pictures {
  const { desk, state } = useDesk();
  const pictures = reactive<Pictures>({ given: null });
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(): Promise<void> {
    const session = seatedView(state) === null ? undefined : state.who?.session;
    if (session === undefined) {
      pictures.given = null;
    } else if (state.connected) {
      const given = await desk.ask<Given>("media", { session }).catch(() => null);
      // A node of before answers nothing of this form.
      if (typeof given?.here === "string" && JSON.stringify(given) !== JSON.stringify(pictures.given)) pictures.given = given;
    }
    const known = pictures.given !== null && pictures.given.house !== "";
    timer = setTimeout(() => void ask(), known ? ASK_KNOWN_MS : ASK_MS);
  }

  void ask();
  onScopeDispose(() => clearTimeout(timer));
  provide(KEY, pictures);
  return pictures;
}

export function usePictures(): Pictures {
  const pictures = inject(KEY);
  if (pictures === undefined) throw new Error("no pictures were opened above this part");
  return pictures;
}

/** Where this page's own node hands offers on to: its own worker, or the one with which all places meet. */
export function workerAt(given: Given, place: "here" | "house"): Worker {
  return { url: `/media/${place}/${given.session}`, session: given.session, secret: given[place], iceServers: [] };
}
