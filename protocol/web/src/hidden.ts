/** Hidden values: what an entry carries in place of a text, and what opens it (SPEC 2, 5.4). */

import { type Bytes, concat, toBase64, utf8 } from "./bytes.ts";
import { encode } from "./canonical.ts";
import { sha256, tag } from "./digest.ts";
import type { Disclosure, Field } from "./generated/messages.ts";
import { SALT_BYTES } from "./generated/limits.ts";

/** A value with its digest, ready to travel beside a command; the salt is made here. */
export async function disclose(
  field: Field,
  value: unknown,
  salt: Bytes = crypto.getRandomValues(new Uint8Array(SALT_BYTES)),
): Promise<Disclosure> {
  const text = encode(value);
  const digest = await sha256(concat(await tag(`hidden/v1/${field}`), salt, utf8(text)));
  return { field, digest: toBase64(digest), salt: toBase64(salt), value: text };
}
