/** Composable: by what one signs in, and how the phone's scan stands while it is waited for. */

import { type Ref, type ShallowRef, computed, onBeforeUnmount, ref, shallowRef } from "vue";
import type { EnterWanted, SignInWay } from "../generated/messages.ts";
import { GivenUp, type Watch } from "../link/entering.ts";
import { NoToken } from "../link/ukey.ts";
import { LOOK_MS } from "../link/voicing.ts";

const CHOSEN = "tongchang.way";

export type Trouble = "" | "noToken" | "late";

export interface Entrance {
  readonly ways: Ref<readonly SignInWay[]>;
  readonly way: Ref<SignInWay>;
  /** What the phone is to scan; null while nothing is. */
  readonly wanted: ShallowRef<EnterWanted | null>;
  /** Seconds. */
  readonly left: Ref<number>;
  readonly trouble: Ref<Trouble>;
  readonly watch: Watch;
  /** What is offered; the one chosen last in this browser stays chosen. */
  offer(found: readonly SignInWay[]): void;
  choose(way: SignInWay): void;
  /** Begins anew: nothing is shown of the try before. */
  begin(): void;
  cancel(): void;
  /** Whether a fault is of the UKey or the phone, and is said here. */
  takes(error: unknown): boolean;
}

export function useEntrance(): Entrance {
  const ways = ref<readonly SignInWay[]>(["code"]);
  const way = ref<SignInWay>("code");
  const wanted = shallowRef<EnterWanted | null>(null);
  const trouble = ref<Trouble>("");
  const now = ref(performance.now());
  const ends = ref(0);
  const left = computed(() => Math.max(0, Math.ceil((ends.value - now.value) / 1000)));
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let wake: ((goOn: boolean) => void) | null = null;

  function cancel(): void {
    clearTimeout(waiting);
    wanted.value = null;
    wake?.(false);
    wake = null;
  }

  function offer(found: readonly SignInWay[]): void {
    const chosen = localStorage.getItem(CHOSEN);
    ways.value = found;
    const first = found.includes("code") ? "code" : found[0];
    way.value = found.find((one) => one === chosen) ?? first ?? "code";
  }

  function choose(chosen: SignInWay): void {
    cancel();
    trouble.value = "";
    way.value = chosen;
    localStorage.setItem(CHOSEN, chosen);
  }

  const watch: Watch = {
    shows: (one) => {
      wanted.value = one;
      now.value = performance.now();
      ends.value = now.value + one.left_ms;
    },
    waits: () =>
      new Promise((resolve) => {
        wake = resolve;
        waiting = setTimeout(() => {
          now.value = performance.now();
          wake = null;
          if (left.value === 0) trouble.value = "late";
          resolve(wanted.value !== null && left.value > 0);
        }, LOOK_MS);
      }),
  };

  onBeforeUnmount(cancel);
  return {
    ways, way, wanted, left, trouble, watch, offer, choose, cancel,
    begin: () => {
      cancel();
      trouble.value = "";
    },
    takes: (error) => {
      if (error instanceof NoToken) trouble.value = "noToken";
      return error instanceof NoToken || error instanceof GivenUp;
    },
  };
}
