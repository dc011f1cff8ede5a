/** Composable: the calls for help that wait at this page, for whatever on it sums up how things stand. */

import { type InjectionKey, type ShallowRef, inject, provide, shallowRef } from "vue";
import type { HelpCall } from "../generated/messages.ts";

const KEY: InjectionKey<ShallowRef<readonly HelpCall[]>> = Symbol("waiting calls");

/** Called once, in the frame of the page; its talk-place tells which calls wait. */
export function openWaiting(): void {
  provide(KEY, shallowRef([]));
}

export function useWaiting(): ShallowRef<readonly HelpCall[]> {
  const waiting = inject(KEY);
  if (waiting === undefined) throw new Error("no calls were opened above this part");
  return waiting;
}
