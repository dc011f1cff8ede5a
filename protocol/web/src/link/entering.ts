/**
 * Signing in by certificate, or by a passkey on a phone (SPEC 19.9): challenged, signed, vouched for.
 *
 * Owns the order of work, the same at a venue's desk and at the bidder's page; what each gets for it is its own.
 */

import { type Attested, type Entered, type EnterWanted, type SignInWay, type Ways, WIRE } from "../generated/messages.ts";
import { type SeatKey, prove } from "../seat_key.ts";
import { holder, signedBeside } from "./ukey.ts";

/** Where one signs in: a seat, or a bidder, in a session. */
export interface Place {
  readonly session: string;
  readonly seat: string;
}

/** Asks the identity node, by the name of a message of SPEC 19.9; throws what it refuses. */
export type Asks = <T>(event: string, payload?: unknown) => Promise<T>;

/** What a page shows while a phone signs, and whether it goes on waiting. */
export interface Watch {
  readonly shows: (wanted: EnterWanted) => void;
  /** Resolves when it is time to ask again; false ends the waiting. */
  readonly waits: () => Promise<boolean>;
}

/** The person's minute is over, or they went back: nothing has happened. */
export class GivenUp extends Error {}

/** By what people may sign in here; by a code where nobody says otherwise. */
export async function ways(ask: Asks): Promise<readonly SignInWay[]> {
  try {
    return (await ask<Ways>(WIRE.ENTER_WAYS)).ways;
  } catch {
    return ["code"];
  }
}

/** Has the UKey beside the browser sign in; what the identity node gives for it. */
export async function byToken<T>(ask: Asks, place: Place, key: SeatKey): Promise<T> {
  await holder(place);
  const { audience, nonce } = await challenged(ask, place, key, "certificate");
  const signed = await signedBeside(place, "sign-in", { audience, nonce });
  return ask<T>(WIRE.ENTER_GIVE, { ...place, key: key.text, signed });
}

/** Shows a code, and waits until a phone has signed what stands there; what the identity node gives for it. */
export async function byScan<T extends object>(
  ask: Asks, place: Place, key: SeatKey, watch: Watch, isDone: (told: T | object) => told is T,
): Promise<T> {
  const wanted = await challenged(ask, place, key, "passkey");
  watch.shows(wanted);
  const proof = await prove(key, place.session, place.seat, wanted.nonce);
  while (await watch.waits()) {
    const told = await ask<T | object>(WIRE.ENTER_SCANNED, proof);
    if (isDone(told)) return told;
  }
  throw new GivenUp("not signed");
}

/** The installation's word for a seat's key: by the UKey where nothing is watched, else by a phone. */
export async function vouched(ask: Asks, place: Place, key: SeatKey, watch: Watch | null): Promise<Attested> {
  if (watch === null) return (await byToken<Entered>(ask, place, key)).attested;
  return (await byScan<{ entered: Entered }>(ask, place, key, watch, isEntered)).entered.attested;
}

function isEntered(told: object): told is { entered: Entered } {
  return "entered" in told && told.entered !== null;
}

function challenged(ask: Asks, place: Place, key: SeatKey, way: EnterWanted["way"]): Promise<EnterWanted> {
  return ask<EnterWanted>(WIRE.ENTER_ASK, { ...place, key: key.text, way, audience: "" });
}
