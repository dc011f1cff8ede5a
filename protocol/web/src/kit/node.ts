/** What a page can ask its node before anybody has signed in: who it is and which sessions it knows. */

import type { SessionNote } from "../generated/messages.ts";

export interface NodeNote {
  readonly node: string;
  readonly zh: string;
  readonly en: string;
  readonly province: string;
  readonly online: boolean;
  readonly installation_key: string;
  readonly sessions: readonly SessionNote[];
}

/** The node's own note, or null while it does not answer. */
export async function askNode(): Promise<NodeNote | null> {
  try {
    const answer = await fetch("/api/node", { cache: "no-store" });
    return answer.ok ? ((await answer.json()) as NodeNote) : null;
  } catch {
    return null;
  }
}
