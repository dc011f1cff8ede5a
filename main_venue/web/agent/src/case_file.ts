/**
 * The case file that an agent works from: read here and handed to the node, which keeps it for the
 * session. What the engine must not see is the node's to take away; what is wrong in it is the
 * validator's to say.
 */

import { DISCLOSURE_BYTES_MAX } from "@tongchang/protocol/generated/limits.ts";

export interface CaseFile {
  readonly name: string;
  readonly text: string;
}

export type CaseFault = "TooLarge" | "Unreadable";

export interface Outline {
  readonly tender: string;
  readonly title: string;
  readonly title_en: string;
}

/** Reads a chosen file as text; a fault says why it cannot be taken. */
export async function readCase(file: File): Promise<CaseFile | CaseFault> {
  if (file.size > DISCLOSURE_BYTES_MAX) return "TooLarge";
  const text = await file.text();
  return outlineOf(text) === null ? "Unreadable" : { name: file.name, text };
}

/** Tender and title of a case, or null where the text is no case at all. */
export function outlineOf(text: string): Outline | null {
  try {
    const { plan } = JSON.parse(text.replace(/^\ufeff/, "")) as { plan?: Partial<Outline> };
    if (typeof plan?.tender !== "string" || typeof plan.title !== "string") return null;
    return { tender: plan.tender, title: plan.title, title_en: plan.title_en ?? "" };
  } catch {
    return null;
  }
}

/** The fictional sample that comes with the house; its own chunk, loaded when it is asked for. */
export async function sampleCase(): Promise<CaseFile> {
  const sample = await import("../../../../ops/sample/case.json?raw");
  return { name: "case.json", text: sample.default };
}

/**
 * The same tender for a whole evaluation: rules version 3, in which the committee reviews item by item, asks
 * and votes, and K is drawn by all who watch. What the sample says of turns and of K is of version 2's play.
 */
export async function wholeSampleCase(): Promise<CaseFile> {
  const { turns: _turns, draws: _draws, ...whole } = JSON.parse((await sampleCase()).text) as Record<string, unknown>;
  return { name: "case-3.json", text: JSON.stringify({ ...whole, rules: "3" }, null, 2) };
}

/** A session id that nobody has used: the tender's id and a mark of the time. */
export function proposeSession(tender: string, now: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${tender.slice(0, 50)}-${day}${two(now.getHours())}${two(now.getMinutes())}`;
}
