/**
 * Giving a person's voice to this seat's key: by UKey beside the browser, or by a phone's passkey (SPEC 19).
 *
 * Owns what is asked of whom, and in which order; each step is a value, so that a page can show where it
 * stands. Whether a certificate counts is the identity node's to say: nothing is decided here.
 */

import { disclose } from "../hidden.ts";
import {
  type Answer, type Contents, type Disclosure, type PasskeyBound, type Refused, type Scanning, type View, type Voiced,
  type VoiceWanted, WIRE,
} from "../generated/messages.ts";
import { SESSION_STAGE } from "../command.ts";
import type { Desk } from "./desk.ts";
import { holder, signedBeside } from "./ukey.ts";

/** How often the desk asks how its scan stands. */
export const LOOK_MS = 1_000;
/** An officer answers for a day; an hour less, because two clocks may differ. */
const CONFIRMED_MS = 23 * 3_600_000;

export type Way = "certificate" | "passkey" | "enrol";

/** What giving a voice needs of a page: whose key it is, whom it asks, and how its act goes into the record. */
export interface Speaker {
  readonly session: string;
  readonly seat: string;
  /** The key that speaks for the seat; a bidder's page makes and binds one that is not there. */
  key(): Promise<string>;
  /** Asks the identity node, by the name of a message of SPEC 19; throws what it refuses. */
  ask<T>(event: string, payload: unknown): Promise<T>;
  /** Hands in the delegation; what was refused, or null. */
  delegate(content: Contents["DelegateSeatKey"], evidence: Disclosure): Promise<Refused | null>;
}

/** The speaker of a venue's desk. */
export function atVenue(desk: Desk, view: View): Speaker {
  return {
    session: view.session,
    seat: view.seat,
    key: () => Promise.resolve(view.voice?.key ?? ""),
    ask: (event, payload) => desk.ask(event, payload),
    delegate: async (content, evidence) =>
      (await desk.act("DelegateSeatKey", content, SESSION_STAGE, { disclosures: [evidence] })).refused,
  };
}

/** A challenge for this seat's key. */
export async function challenge(by: Speaker, way: Way): Promise<VoiceWanted> {
  return by.ask<VoiceWanted>(WIRE.VOICE_ASK, { session: by.session, seat: by.seat, key: await by.key(), way });
}

/** Has the UKey sign what was asked for, and the key delegated; what was refused, or null. */
export async function byCertificate(by: Speaker): Promise<Refused | null> {
  await holder(by);
  const { key, nonce, role, seat, session, until } = await challenge(by, "certificate");
  const signed = await signedBeside(by, "delegate", { key, nonce, role, seat, session, until });
  return delegate(by, await by.ask<Voiced>(WIRE.VOICE_GIVE, { session, seat, key, signed }));
}

/** How a scan stands: undefined while the phone has not signed; once it has, the key is delegated. */
export async function byPhone(by: Speaker, wanted: VoiceWanted): Promise<Refused | null | undefined> {
  const { voiced } = await scanned(by, wanted);
  return voiced === null ? undefined : delegate(by, voiced);
}

/** Binds the passkey that a phone has made to the certificate in the UKey; null while none is made. */
export async function bound(by: Speaker, wanted: VoiceWanted): Promise<PasskeyBound | null> {
  const { session, seat, key, nonce, audience } = wanted;
  const { stands, credential, spki } = await scanned(by, wanted);
  if (stands !== "made") return null;
  const signed = await signedBeside(by, "passkey", { audience, credential, nonce, spki });
  return by.ask<PasskeyBound>(WIRE.PASSKEY_BIND, { session, seat, key, nonce, signed });
}

function scanned(by: Speaker, { session, seat, key, nonce }: VoiceWanted): Promise<Scanning> {
  return by.ask<Scanning>(WIRE.VOICE_SCANNED, { session, seat, key, nonce });
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

function delegate(by: Speaker, voiced: Voiced): Promise<Refused | null> {
  const { means, until, attestation, disclosure } = voiced;
  return by.delegate({ means, until, attestation, evidence: disclosure.digest }, disclosure);
}
