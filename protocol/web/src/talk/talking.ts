/** Composable: the talk-room as this page's node tells it, and what the seat does in it (SPEC 30.10). */

import { onScopeDispose, ref, type Ref } from "vue";
import type { Refused, TalkRoom } from "../generated/messages.ts";
import { useDesk } from "../kit/desk.ts";
import { RefusedError } from "../link/socket.ts";

export type TalkAction =
  | "raise" | "lower" | "grant" | "mute" | "unmute" | "quiet" | "unquiet" | "press" | "open"
  | "help" | "answer" | "call" | "hang_up";

/** What is pushed is a hint: the room is asked for now and then as well. */
const ASK_MS = 10_000;

export interface Talking {
  readonly room: Ref<TalkRoom | null>;
  readonly refused: Ref<Refused | null>;
  readonly act: (act: TalkAction, target?: string) => Promise<void>;
}

export function useTalking(session: () => string): Talking {
  const { desk, state } = useDesk();
  const room = ref<TalkRoom | null>(null);
  const refused = ref<Refused | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let standing = true;

  function take(told: TalkRoom): void {
    if (standing && told.session === session()) room.value = told;
  }

  async function look(): Promise<void> {
    clearTimeout(timer);
    if (state.connected && state.standing === "following") {
      // A node of before does not know the room.
      const told = await desk.ask<TalkRoom>("talk", { session: session() }).catch(() => null);
      if (told !== null) take(told);
    }
    if (standing) timer = setTimeout(() => void look(), ASK_MS);
  }

  async function act(what: TalkAction, target = ""): Promise<void> {
    refused.value = null;
    try {
      take(await desk.ask<TalkRoom>("talk_do", { session: session(), act: what, target }));
    } catch (error) {
      if (error instanceof RefusedError) refused.value = error.refused;
      else void look();
    }
  }

  desk.hear<TalkRoom>("talk_told", take);
  void look();
  onScopeDispose(() => {
    standing = false;
    clearTimeout(timer);
  });
  return { room, refused, act };
}
