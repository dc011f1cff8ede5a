/**
 * The one byte form: the RFC 8785 subset of JSON that is hashed, signed and stored.
 * The same subset as protocol/canonical.py, tested against the same vectors.
 *
 * ASCII keys in sorted order, no white space, integers with |n| < 2^53, no floats, no lone
 * surrogates, bytes as padded base64, at most sixteen levels deep.
 */

import { toBase64 } from "./bytes.ts";
import { NESTING_DEPTH_MAX } from "./generated/limits.ts";

export type Canonical =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Canonical[]
  | { readonly [key: string]: Canonical };

/** The value or the text is outside the canonical form; the message says where. */
export class NotCanonical extends Error {}

/** Canonical text of a value. Plain interfaces are taken as they are: every field is a value. */
export function encode(value: unknown): string {
  return write(value, 0);
}

/** Reads canonical text; anything but the text that `encode` gives throws `NotCanonical`. */
export function decode(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new NotCanonical(String(error));
  }
  if (encode(value) !== text) throw new NotCanonical("not the canonical text of its own value");
  return value;
}

function write(value: unknown, depth: number): string {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "string") return writeText(value);
  if (typeof value === "number") return writeInteger(value);
  if (value instanceof Uint8Array) return writeText(toBase64(value));
  if (typeof value !== "object") throw new NotCanonical(`a value of type ${typeof value}`);
  if (depth >= NESTING_DEPTH_MAX) throw new NotCanonical(`nested deeper than ${NESTING_DEPTH_MAX}`);
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(",")}]`;
  const fields = value as Record<string, unknown>;
  const rows = Object.keys(fields)
    .sort()
    .map((key) => `${writeKey(key)}:${write(fields[key], depth + 1)}`);
  return `{${rows.join(",")}}`;
}

function writeInteger(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    throw new NotCanonical(`${value} is not an integer below 2^53`);
  }
  return String(value);
}

function writeText(value: string): string {
  if (/\p{Surrogate}/u.test(value)) throw new NotCanonical("a lone surrogate");
  return JSON.stringify(value);
}

function writeKey(key: string): string {
  if (!/^[\x00-\x7f]*$/.test(key)) throw new NotCanonical(`key ${key} is not ASCII`);
  return JSON.stringify(key);
}
