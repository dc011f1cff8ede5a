/**
 * The UKey program beside the browser, on the person's own machine (SPEC 19.7).
 *
 * Owns the way there. What it signs it shows by itself, and asks its holder; a page sends fields only.
 */

import type { Refused } from "../generated/messages.ts";
import { RefusedError } from "./socket.ts";

/** Where the UKey program listens, on the person's own machine (SPEC 19.7). */
export const UKEY = "http://127.0.0.1:7791";

/** The UKey program does not answer: it is not running, or the browser keeps this page from it. */
export class NoToken extends Error {}

/** A certificate in the UKey program, those between it and its root behind it (base64 of DER), and whose it is. */
export interface Held {
  readonly certificate: string;
  readonly others: readonly string[];
  readonly name: string;
}

/** The seat whose page asks: a program that holds several certificates chooses by it (SPEC 19.7). */
export interface Whose {
  readonly session: string;
  readonly seat: string;
}

export async function held(whose: Whose): Promise<Held> {
  return (await beside("/ukey/certificate", whose)) as Held;
}

/** Whose certificate the UKey program holds. */
export async function holder(whose: Whose): Promise<string> {
  return (await held(whose)).name;
}

/** Has it sign a statement of a kind, after its holder has seen all of it and agreed there. */
export async function signedBeside(whose: Whose, kind: string, fields: Record<string, string | number>): Promise<string> {
  return ((await beside("/ukey/sign", whose, { kind, fields })) as { signed: string }).signed;
}

/** What the UKey program answers; its refusals are told as the node's are. */
async function beside(path: string, { session, seat }: Whose, body?: unknown): Promise<unknown> {
  const query = new URLSearchParams({ session, seat }).toString();
  let told: { refused?: Refused };
  try {
    const response = await fetch(`${UKEY}${path}?${query}`, body === undefined ? {} : {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    told = (await response.json()) as { refused?: Refused };
  } catch (error) {
    throw new NoToken("no answer on loopback", { cause: error });
  }
  if (told.refused !== undefined) throw new RefusedError(told.refused);
  return told;
}
