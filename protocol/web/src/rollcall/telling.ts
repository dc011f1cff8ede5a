/** What a roll-call picture shows, in words, for whoever does not see it. */

import type { RollCallView, View } from "../generated/messages.ts";
import { momentText } from "../kit/moments.ts";
import type { Speaking } from "../kit/speaking.ts";

export type Called = Pick<RollCallView, "taken_at" | "shown" | "missing" | "rooms">;

export function altOf({ t, lang, list, venue }: Speaking, view: View, one: Called): string {
  const said = (seats: readonly string[]): string => (seats.length === 0 ? t("kit.rollCall.nobody") : list(seats));
  return t("kit.rollCall.alt", {
    at: momentText(one.taken_at, lang.value),
    shown: said(one.shown),
    missing: said(one.missing),
    rooms: said(one.rooms.map((room) => venue(view, room))),
  });
}
