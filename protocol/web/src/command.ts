/** Commands as an author makes them: numbered, signed, named once and for all (SPEC 4, 5.2). */

import { toBase64, utf8 } from "./bytes.ts";
import { encode } from "./canonical.ts";
import { sha256, tagged } from "./digest.ts";
import type {
  Command,
  CommandType,
  Contents,
  Disclosure,
  Head,
  Opening,
  Stage,
  Submit,
} from "./generated/messages.ts";
import type { SeatKey } from "./seat_key.ts";

export const SESSION_STAGE: Stage = { lot: "", envelope: "", round: 0 };

export interface Header {
  readonly session: string;
  readonly author_at: number;
  readonly author_seq: number;
  readonly seen: Head;
  readonly stage: Stage;
}

export interface Extras {
  readonly disclosures?: readonly Disclosure[];
  readonly opening?: Opening | null;
}

/** The head before the first entry: size 0 and SHA-256 of nothing. */
export async function noHead(): Promise<Head> {
  return { size: 0, root: toBase64(await sha256(utf8(""))) };
}

/** A new command of a type, with an id of its own that stays for every time it is sent. */
export function make<T extends CommandType>(
  key: SeatKey,
  type: T,
  content: Contents[T],
  header: Header,
  command_id: string = crypto.randomUUID(),
): Command {
  return { ...header, type, content, command_id, author_key: key.text } as unknown as Command;
}

/** Signs a command over the tag `command/v1` and its canonical text, ready to travel. */
export async function seal(key: SeatKey, command: Command, extras: Extras = {}): Promise<Submit> {
  return {
    command: encode(command),
    sig: await key.sign(await tagged("command/v1", command)),
    disclosures: plain(extras.disclosures ?? []),
    opening: plain(extras.opening ?? null),
  };
}

/** A page may hand over its framework's observed objects; what is stored and sent is plain data. */
function plain<T>(value: T): T extends readonly (infer Item)[] ? Item[] : T {
  return JSON.parse(JSON.stringify(value)) as T extends readonly (infer Item)[] ? Item[] : T;
}
