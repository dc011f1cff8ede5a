/**
 * Signed notes (C2SP signed-note) as a page checks them: keys as a policy names them, lines, Ed25519 signatures.
 *
 * A line of a kind that browsers cannot verify (SM2) is passed over here, as a tool that does not know it does;
 * whoever holds the file verifies it with `tongchang receipt`.
 */

import { type Bytes, concat, equal, fromBase64, utf8 } from "../bytes.ts";
import { sha256 } from "../digest.ts";

/** What stands under a note does not hold, or is no note; nothing of it is believed. */
export class NoteFault extends Error {}

export interface NoteKey {
  readonly name: string;
  readonly id: Bytes;
  /** `log` signs the text, `cosigner` the text with a time; `other` is a kind that is not verified here. */
  readonly kind: "log" | "cosigner" | "other";
  readonly raw: Bytes;
}

export interface SignatureLine {
  readonly name: string;
  readonly id: Bytes;
  readonly raw: Bytes;
  readonly text: string;
}

export interface Note {
  /** The signed text, its last line feed included. */
  readonly text: string;
  readonly lines: readonly SignatureLine[];
}

const ID_BYTES = 4;
const TIME_BYTES = 8;
const PUBLIC_BYTES = 32;
const SIGNATURE_BYTES = 64;
const LINES_MAX = 100;
const NOTE_CHARS_MAX = 1_000_000;
const DASH = "\u2014 ";
const LOG_KIND = 1;
const COSIGNER_KIND = 4;

/** The key in a vkey; its id is worked out again and compared. */
export async function readKey(text: string): Promise<NoteKey> {
  const [name = "", id = "", ...rest] = text.split("+");
  const typed = decoded(rest.join("+"));
  if (!/^[0-9a-f]{8}$/.test(id) || name === "" || typed.length < 2) throw new NoteFault("no vkey");
  const kind = typed[0] === LOG_KIND ? "log" : typed[0] === COSIGNER_KIND ? "cosigner" : "other";
  if (kind !== "other" && typed.length !== 1 + PUBLIC_BYTES) throw new NoteFault("no Ed25519 key");
  const found = (await sha256(concat(utf8(`${name}\n`), typed))).slice(0, ID_BYTES);
  if (Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join("") !== id) throw new NoteFault("another key's id");
  return { name, id: found, kind, raw: typed.slice(1) };
}

/** A note's text and lines, none of them verified. */
export function split(whole: string): Note {
  const cut = whole.lastIndexOf("\n\n");
  if (whole.length > NOTE_CHARS_MAX || cut < 0 || !whole.endsWith("\n")) throw new NoteFault("no signed note");
  const rows = whole.slice(cut + 2, -1).split("\n");
  if (rows.length > LINES_MAX) throw new NoteFault("too many lines");
  return { text: whole.slice(0, cut + 1), lines: rows.map(line) };
}

/** The lines by a key, with the time of a cosignature (seconds); null where it has none. Each one must hold. */
export async function signedBy(note: Note, key: NoteKey): Promise<{ readonly time: number } | null> {
  const mine = note.lines.filter((one) => one.name === key.name && equal(one.id, key.id));
  if (key.kind === "other" || mine.length === 0) return null;
  const held = await crypto.subtle.importKey("raw", key.raw as Bytes, "Ed25519", true, ["verify"]);
  let time = 0;
  for (const one of mine) {
    const timed = key.kind === "cosigner";
    if (one.raw.length !== SIGNATURE_BYTES + (timed ? TIME_BYTES : 0)) throw new NoteFault("a line of another length");
    const at = timed ? Number(new DataView(one.raw.buffer, one.raw.byteOffset).getBigUint64(0)) : 0;
    if (!Number.isSafeInteger(at)) throw new NoteFault("a time beyond the bound");
    const signed = utf8(timed ? `cosignature/v1\ntime ${at}\n${note.text}` : note.text);
    const signature = one.raw.slice(timed ? TIME_BYTES : 0);
    if (!(await crypto.subtle.verify("Ed25519", held, signature, signed))) throw new NoteFault(`the line of ${key.name} does not hold`);
    time = Math.max(time, at);
  }
  return { time };
}

/** A note with these lines alone. */
export function withLines(text: string, lines: readonly SignatureLine[]): string {
  return `${text}\n${[...new Set(lines.map((one) => one.text))].map((one) => `${one}\n`).join("")}`;
}

function line(row: string): SignatureLine {
  const [name = "", encoded = "", more] = row.startsWith(DASH) ? row.slice(DASH.length).split(" ") : [];
  const raw = decoded(encoded);
  if (name === "" || more !== undefined || raw.length <= ID_BYTES) throw new NoteFault("no signature line");
  return { name, id: raw.slice(0, ID_BYTES), raw: raw.slice(ID_BYTES), text: row };
}

function decoded(text: string): Bytes {
  try {
    return fromBase64(text);
  } catch {
    throw new NoteFault("no base64");
  }
}
