/** What a stand-in is about to do, and who it is, in words. */

/** An act of the protocol, or a line of a draft. */
export function doing(what: string, t: (key: string) => string, act: (type: string) => string): string {
  if (what === "Draft") return t("play.draft");
  return what === "Correction" ? t("play.correction") : act(what);
}

/** A seat as people call it: those that a session has once by their role, the others by their own name. */
export function named(seat: string, term: (role: string) => string): string {
  return seat === "agent" || seat === "tenderee" ? term(seat) : seat;
}
