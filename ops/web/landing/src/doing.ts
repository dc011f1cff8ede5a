/** What a stand-in is about to do, in words: an act of the protocol, or a line of its draft. */
export function doing(what: string, t: (key: string) => string, act: (type: string) => string): string {
  if (what === "Draft") return t("play.draft");
  return what === "Correction" ? t("play.correction") : act(what);
}
