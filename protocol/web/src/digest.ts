/** SHA-256 through WebCrypto, and the tags that keep one use of a hash apart from every other. */

import { type Bytes, concat, utf8 } from "./bytes.ts";
import { encode } from "./canonical.ts";

export async function sha256(raw: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", raw));
}

/** The 32-byte prefix of a domain: SHA-256 of `tongchang/<domain>`. */
export function tag(domain: string): Promise<Bytes> {
  return sha256(utf8(`tongchang/${domain}`));
}

/** The domain's tag followed by the canonical value: what is hashed or signed. */
export async function tagged(domain: string, value: unknown): Promise<Bytes> {
  return concat(await tag(domain), utf8(encode(value)));
}

export async function taggedDigest(domain: string, value: unknown): Promise<Bytes> {
  return sha256(await tagged(domain, value));
}
