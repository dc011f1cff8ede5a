/** What a stand-in is about to do, and who it is, in words. */

import { seatSays } from "@tongchang/protocol/kit/feed_lines.ts";
import type { Speaking } from "@tongchang/protocol/kit/speaking.ts";
import type { Session } from "./house.ts";

/** An act of the protocol, or a line of a draft. */
export function doing(what: string, t: (key: string) => string, act: (type: string) => string): string {
  if (what === "Draft") return t("play.draft");
  return what === "Correction" ? t("play.correction") : act(what);
}

/** A seat as people call it: a member's by its code, anybody else's by what they are and where. */
export function named(seat: string, session: Session, speaking: Speaking): string {
  return session.view === null ? seat : seatSays(seat, session.view, speaking);
}
