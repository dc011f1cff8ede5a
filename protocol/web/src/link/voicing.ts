/**
 * Giving a person's voice to this seat's key: by UKey beside the browser, or by a phone's passkey (SPEC 19).
 *
 * Owns what is asked of whom, and in which order; each step is a value, so that a page can show where it
 * stands. Whether a certificate counts is the identity node's to say: nothing is decided here.
 */

import { disclose } from "../hidden.ts";
import {
  type Answer, type Contents, type PasskeyBound, type Refused, type Scanning, type View, type Voiced,
  type VoiceWanted, WIRE,
} from "../generated/messages.ts";
import { SESSION_STAGE } from "../command.ts";
import type { Desk } from "./desk.ts";
import { RefusedError } from "./socket.ts";

/** Where the UKey program listens, on the person's own machine (SPEC 19.7). */
export const UKEY = "http://127.0.0.1:7791";
/** How often the desk asks how its scan stands. */
export const LOOK_MS = 1_000;
/** An officer answers for a day; an hour less, because two clocks may differ. */
const CONFIRMED_MS = 23 * 3_600_000;

export type Way = "certificate" | "passkey" | "enrol";

/** The UKey program does not answer: it is not running, or the browser keeps this page from it. */
export class NoToken extends Error {}

/** Whose certificate the UKey program holds. */
export async function holder(): Promise<string> {
  return ((await beside("/ukey/certificate")) as { name: string }).name;
}

/** A challenge for this seat's key. */
export function challenge(desk: Desk, view: View, way: Way): Promise<VoiceWanted> {
  return desk.ask<VoiceWanted>(WIRE.VOICE_ASK, { ...whose(view), way });
}

/** Has the UKey sign what was asked for, and the key delegated. */
export async function byCertificate(desk: Desk, view: View): Promise<Answer> {
  await holder();
  const { key, nonce, role, seat, session, until } = await challenge(desk, view, "certificate");
  const signed = await signedBeside("delegate", { key, nonce, role, seat, session, until });
  return delegate(desk, await desk.ask<Voiced>(WIRE.VOICE_GIVE, { ...whose(view), signed }));
}

/** How a scan stands; once the phone has signed, the key is delegated. */
export async function byPhone(desk: Desk, view: View, wanted: VoiceWanted): Promise<Answer | null> {
  const scanning = await desk.ask<Scanning>(WIRE.VOICE_SCANNED, { ...whose(view), nonce: wanted.nonce });
  return scanning.voiced === null ? null : delegate(desk, scanning.voiced);
}

/** Binds the passkey that a phone has made to the certificate in the UKey; null while none is made. */
export async function bound(desk: Desk, view: View, wanted: VoiceWanted): Promise<PasskeyBound | null> {
  const { nonce, audience } = wanted;
  const scanning = await desk.ask<Scanning>(WIRE.VOICE_SCANNED, { ...whose(view), nonce });
  if (scanning.stands !== "made") return null;
  const { credential, spki } = scanning;
  const signed = await signedBeside("passkey", { audience, credential, nonce, spki });
  return desk.ask<PasskeyBound>(WIRE.PASSKEY_BIND, { ...whose(view), nonce, signed });
}

/** What an officer has been shown: whose document, of which kind, and its number's last four. */
export interface Seen {
  readonly name: string;
  readonly document: Contents["ConfirmSeatKey"]["document"];
  readonly tail: string;
}

/** An officer answers for who holds a seat's key (现场确认). */
export async function confirm(desk: Desk, view: View, seat: string, key: string, seen: Seen): Promise<Answer> {
  const until = Date.now() + CONFIRMED_MS;
  const { document } = seen;
  const made = await disclose("delegation", {
    document, key, name: seen.name, number_tail: seen.tail, seat, session: view.session, type: "desk", until,
  });
  const content = { seat, key, document, evidence: made.digest, until };
  return desk.act("ConfirmSeatKey", content, SESSION_STAGE, { disclosures: [made] });
}

function delegate(desk: Desk, voiced: Voiced): Promise<Answer> {
  const { means, until, attestation, disclosure } = voiced;
  const content = { means, until, attestation, evidence: disclosure.digest };
  return desk.act("DelegateSeatKey", content, SESSION_STAGE, { disclosures: [disclosure] });
}

function whose(view: View): { session: string; seat: string; key: string } {
  return { session: view.session, seat: view.seat, key: view.voice?.key ?? "" };
}

async function signedBeside(kind: string, fields: Record<string, string | number>): Promise<string> {
  return ((await beside("/ukey/sign", { kind, fields })) as { signed: string }).signed;
}

/** What the UKey program answers; its refusals are told as the node's are. */
async function beside(path: string, body?: unknown): Promise<unknown> {
  let told: { refused?: Refused };
  try {
    const response = await fetch(UKEY + path, body === undefined ? {} : {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    told = (await response.json()) as { refused?: Refused };
  } catch (error) {
    throw new NoToken("no answer on loopback", { cause: error });
  }
  if (told.refused !== undefined) throw new RefusedError(told.refused);
  return told;
}
