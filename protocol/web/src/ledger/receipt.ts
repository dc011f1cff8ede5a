/** Receipts (存证回执, C2SP tlog-proof) as a page checks its own: entry, place in the tree, head (SPEC 20.4). */

import { concat, fromBase64, utf8 } from "../bytes.ts";
import { decode } from "../canonical.ts";
import { sha256, tagged } from "../digest.ts";
import type { Entry } from "../generated/messages.ts";
import { includes } from "../tree.ts";
import { type SignedHead, headOf, opened } from "./heads.ts";
import { NoteFault, split } from "./note.ts";
import type { Policy } from "./policy.ts";

const HEADER = "c2sp.org/tlog-proof@v1";
const PROOF_HASHES_MAX = 64;

export interface Proved {
  readonly entry: Entry;
  readonly head: SignedHead;
}

/** What a receipt shows of an entry that this key has signed; `NoteFault` where it shows nothing. */
export async function verifyReceipt(text: string, policy: Policy, key: string): Promise<Proved> {
  const cut = text.indexOf("\n\n");
  const [header, extra = "", index = "", ...hashes] = text.slice(0, Math.max(cut, 0)).split("\n");
  if (cut < 0 || header !== HEADER || !extra.startsWith("extra ") || !/^index (0|[1-9][0-9]{0,14})$/.test(index)) {
    throw new NoteFault("no receipt");
  }
  if (hashes.length > PROOF_HASHES_MAX) throw new NoteFault("too many hashes");
  const raw = fromBase64(extra.slice("extra ".length));
  const note = split(text.slice(cut + 2));
  const head = await headOf(await opened(note, policy), note, policy);
  const seq = Number(index.slice("index ".length));
  const leaf = await sha256(concat(Uint8Array.of(0), raw));
  if (!(await includes(seq, head.size, leaf, hashes.map(fromBase64), fromBase64(head.root)))) {
    throw new NoteFault("the proof does not lead to the head");
  }
  const entry = decode(new TextDecoder("utf-8", { fatal: true }).decode(raw)) as Entry;
  if (entry.seq !== seq || entry.command.author_key !== key || !head.origin.endsWith(`/${entry.session}`)) {
    throw new NoteFault("the entry of another act");
  }
  const held = await crypto.subtle.importKey("raw", fromBase64(key.replace("ed25519:", "")), "Ed25519", true, ["verify"]);
  const signed = await crypto.subtle.verify("Ed25519", held, fromBase64(entry.sig.replace("ed25519:", "")), await tagged("command/v1", entry.command));
  if (!signed) throw new NoteFault("its author has not signed it");
  return { entry, head };
}

/** The name of a receipt's file. */
export function receiptName(session: string, seq: number): string {
  return `${session}-${seq}.tlog-proof`;
}

/** The bytes of a text as a file that a browser saves. */
export function saved(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([utf8(text)], { type: "text/plain" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
