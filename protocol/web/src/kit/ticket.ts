/**
 * A ticket: session, seat and one-time code that a click on this machine's landing page put into the
 * address's fragment, which no server is sent. It is taken on loopback names alone, and leaves the
 * address (and so the history) at once; anywhere else a fragment is only a fragment.
 */

export interface Ticket {
  readonly session: string;
  readonly seat: string;
  readonly code: string;
}

export interface Address {
  readonly hostname: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}

/** Takes the ticket out of the page's address; null where there is none, or where none may be. */
export function takeTicket(at: Address = location, past: Pick<History, "replaceState"> = history): Ticket | null {
  if (!isLoopback(at.hostname)) return null;
  const told = new URLSearchParams(at.hash.slice(1));
  const [session, seat, code] = [told.get("session"), told.get("seat"), told.get("code")];
  if (!session || !seat || !code) return null;
  past.replaceState(null, "", at.pathname + at.search);
  return { session, seat, code };
}

/**
 * Takes a session and a seat out of the address, as a link of the page itself puts them there: whose key this
 * browser holds goes on there. It is no secret and lets nobody in; null where there is none.
 */
export function takePlace(at: Address = location, past: Pick<History, "replaceState"> = history): Omit<Ticket, "code"> | null {
  const told = new URLSearchParams(at.hash.slice(1));
  const [session, seat, code] = [told.get("session"), told.get("seat"), told.get("code")];
  if (!session || !seat || code) return null;
  past.replaceState(null, "", at.pathname + at.search);
  return { session, seat };
}

/** The fragment that `takePlace` reads. */
export function placeLink(session: string, seat: string): string {
  return `#${new URLSearchParams({ session, seat }).toString()}`;
}

/** Whether a host's name can only mean this machine (RFC 6761 6.3; RFC 1122 3.2.1.3). */
export function isLoopback(name: string): boolean {
  if (name === "localhost" || name.endsWith(".localhost") || name === "[::1]") return true;
  return /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name);
}
