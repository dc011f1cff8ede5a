/** The *kept* receipt checked as anybody can: the node's signature over one command (SPEC 12.3). */

import { fromBase64, toBase64 } from "./bytes.ts";
import { decode } from "./canonical.ts";
import { sha256, tagged } from "./digest.ts";
import type { Command, Kept } from "./generated/messages.ts";

const ALGORITHM = "Ed25519";
const PREFIX = "ed25519:";

/** Whether a receipt is that node's, and for this command and no other. */
export async function proves(kept: Kept, text: string, nodeKey: string): Promise<boolean> {
  const command = decode(text) as Command;
  if (kept.session !== command.session || kept.command_id !== command.command_id) return false;
  if (kept.command_digest !== toBase64(await sha256(await tagged("command/v1", command)))) return false;
  const { session, command_id, command_digest, journal_index, at } = kept;
  const statement = { session, command_id, command_digest, journal_index, at };
  return verified(nodeKey, await tagged("kept/v1", statement), kept.sig);
}

async function verified(key: string, message: Uint8Array<ArrayBuffer>, sig: string): Promise<boolean> {
  if (!key.startsWith(PREFIX) || !sig.startsWith(PREFIX)) return false;
  try {
    const raw = fromBase64(key.slice(PREFIX.length));
    const held = await crypto.subtle.importKey("raw", raw, ALGORITHM, true, ["verify"]);
    return await crypto.subtle.verify(ALGORITHM, held, fromBase64(sig.slice(PREFIX.length)), message);
  } catch {
    return false;
  }
}
