/** What the phone asks the coordinator, and what its passkey signs: the digest of the statement that is shown. */

import { type Bytes, fromBase64, toBase64, utf8 } from "@tongchang/protocol/bytes.ts";
import { taggedDigest } from "@tongchang/protocol/digest.ts";
import type { Refused, ScanDone, ScanShown } from "@tongchang/protocol/generated/messages.ts";

export type Told<T> = { readonly ok: T } | { readonly refused: Refused };

/** Posts JSON to the coordinator; a refusal is a value. */
export async function ask<T>(path: string, body: unknown): Promise<Told<T>> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const told = (await response.json()) as T & { refused?: Refused };
  return told.refused === undefined ? { ok: told } : { refused: told.refused };
}

/** The nonce of the scan behind `#` in an address, as base64; empty where there is none. */
export function nonceIn(fragment: string): string {
  const hex = /^#([0-9a-f]{64})$/.exec(fragment)?.[1];
  if (hex === undefined) return "";
  return toBase64(Uint8Array.from(hex.match(/../g) ?? [], (two) => Number.parseInt(two, 16)));
}

/** The statement that is signed: what is shown, and the two digits that the person has typed (SPEC 19.4, 19.9). */
export function statement(shown: ScanShown, compare: string): Record<string, string | number> {
  const { at, audience, key, nonce, role, seat, session, until } = shown;
  const said = { at, audience, compare, key, nonce, role, seat, session };
  return shown.way === "sign-in" ? said : { ...said, until };
}

/** Has the passkey sign the statement. Throws where the person or the phone stops it. */
export async function sign(shown: ScanShown, compare: string): Promise<Told<ScanDone>> {
  const challenge = await taggedDigest(shown.way === "sign-in" ? "scan-sign-in/v1" : "scan-seat/v1", statement(shown, compare));
  const found = await navigator.credentials.get({
    publicKey: {
      challenge,
      rpId: location.hostname,
      userVerification: "required",
      timeout: shown.left_ms,
    },
  });
  if (!(found instanceof PublicKeyCredential)) throw new Error("no passkey");
  const answer = found.response as AuthenticatorAssertionResponse;
  return ask<ScanDone>("/scan/api/sign", {
    nonce: shown.nonce,
    compare,
    credential: text(found.rawId),
    authenticator: text(answer.authenticatorData),
    client: text(answer.clientDataJSON),
    sig: text(answer.signature),
  });
}

/** Makes a discoverable passkey for this place. Throws where the person or the phone stops it. */
export async function make(shown: ScanShown, compare: string): Promise<Told<ScanDone>> {
  const label = `${shown.seat} · ${shown.session}`;
  const found = await navigator.credentials.create({
    publicKey: {
      challenge: fromBase64(shown.nonce),
      rp: { id: location.hostname, name: "同场 Tongchang" },
      user: { id: user(shown), name: label, displayName: label },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none",
      timeout: shown.left_ms,
    },
  });
  if (!(found instanceof PublicKeyCredential)) throw new Error("no passkey");
  const answer = found.response as AuthenticatorAttestationResponse;
  return ask<ScanDone>("/scan/api/enrol", {
    nonce: shown.nonce,
    compare,
    credential: text(found.rawId),
    attestation: text(answer.attestationObject),
    client: text(answer.clientDataJSON),
  });
}

/** A handle for the phone's own list: it says nothing of who the person is. */
function user(shown: ScanShown): Bytes {
  return utf8(shown.nonce.slice(0, 32));
}

function text(raw: ArrayBuffer): string {
  return toBase64(new Uint8Array(raw));
}
