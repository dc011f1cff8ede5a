/** The agent's signed request for one-time codes of seats or bidders (SPEC 3); shown once and kept nowhere. */

import { tagged } from "../digest.ts";
import { type Codes, WIRE } from "../generated/messages.ts";
import type { SeatKey } from "../seat_key.ts";
import { askPatiently } from "./patience.ts";
import type { Line } from "./socket.ts";

export function codesOfSeats(line: Line, key: SeatKey, session: string, seats: readonly string[]): Promise<Codes> {
  return ask(line, key, "issue-codes/v1", { session, seats: [...seats] }, {});
}

export function codesOfBidders(line: Line, key: SeatKey, session: string, bidders: readonly string[]): Promise<Codes> {
  return ask(line, key, "issue-bidder-codes/v1", { session, bidders: [...bidders] }, { seats: [] });
}

async function ask(line: Line, key: SeatKey, domain: string, whose: object, unsigned: object): Promise<Codes> {
  const asked = { ...whose, key: key.text, at: Date.now() };
  const sig = await key.sign(await tagged(domain, asked));
  return (await askPatiently(line, WIRE.ISSUE_CODES, { ...asked, ...unsigned, sig })) as Codes;
}
