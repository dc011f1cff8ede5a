/** Specialities of the sample's experts in English; the record has them in Chinese alone. */

const EN: Readonly<Record<string, string>> = { 市政: "municipal works", 造价: "costing", 给排水: "water and drainage" };

/** A speciality in the reader's language; empty where it has no word there, so that no page mixes scripts. */
export function specialityIn(lang: "zh" | "en", speciality: string): string {
  return lang === "zh" ? speciality : (EN[speciality] ?? "");
}
