/**
 * The seat's key: an Ed25519 pair that the browser makes and never lets out.
 *
 * The private half is a non-extractable WebCrypto key kept in IndexedDB under session and seat,
 * so that a reload finds it again and proves itself without a code. Whoever holds the machine
 * holds the key; another machine needs a fresh code and a recorded `BindSeat`.
 */

import { type Bytes, toBase64 } from "./bytes.ts";
import { tagged } from "./digest.ts";
import type { Proof } from "./generated/messages.ts";
import { keysOf, readOne, writeOne } from "./storage.ts";

const ALGORITHM = "Ed25519";
const PREFIX = "ed25519:";

export interface SeatKey {
  /** The public key with its algorithm in front: `ed25519:<base64>`. */
  readonly text: string;
  readonly sign: (message: Bytes) => Promise<string>;
}

interface Kept {
  readonly pair: CryptoKeyPair;
  readonly text: string;
}

/** The key of a seat as this browser holds it, or null where it holds none. */
export async function heldKey(session: string, seat: string): Promise<SeatKey | null> {
  const kept = await readOne<Kept>("keys", name(session, seat));
  return kept === undefined ? null : speaking(kept);
}

/** The seats of which this browser holds a key, whether it still speaks for them or not. */
export async function heldSeats(): Promise<{ readonly session: string; readonly seat: string }[]> {
  return (await keysOf("keys")).map((held) => {
    const [session = "", seat = ""] = held.split("/");
    return { session, seat };
  });
}

/** A new key for a seat; it replaces the seat's former one in this browser once `keep` is called. */
export async function newKey(): Promise<{ key: SeatKey; keep: (session: string, seat: string) => Promise<void> }> {
  const pair = (await crypto.subtle.generateKey({ name: ALGORITHM }, false, ["sign", "verify"])) as CryptoKeyPair;
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const kept: Kept = { pair, text: PREFIX + toBase64(raw) };
  return {
    key: speaking(kept),
    keep: (session, seat) => writeOne("keys", name(session, seat), kept),
  };
}

/** Lets one seat's key stand for another seat too: an agent's for the session it has just booked. */
export async function copyKey(from: readonly [string, string], to: readonly [string, string]): Promise<void> {
  const kept = await readOne<Kept>("keys", name(...from));
  if (kept !== undefined) await writeOne("keys", name(...to), kept);
}

/** Proves the key to the node: its signature over {session, seat, key, nonce} (SPEC 10). */
export async function prove(key: SeatKey, session: string, seat: string, nonce: string): Promise<Proof> {
  const statement = { session, seat, key: key.text, nonce };
  return { ...statement, sig: await key.sign(await tagged("prove/v1", statement)) };
}

function speaking(kept: Kept): SeatKey {
  return {
    text: kept.text,
    sign: async (message) =>
      PREFIX + toBase64(new Uint8Array(await crypto.subtle.sign(ALGORITHM, kept.pair.privateKey, message))),
  };
}

function name(session: string, seat: string): string {
  return `${session}/${seat}`;
}
