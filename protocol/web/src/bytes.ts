/**
 * Bytes and their text forms: base64 (RFC 4648 4, padded), hexadecimal, UTF-8.
 * Knows nothing of what the bytes mean.
 */

export type Bytes = Uint8Array<ArrayBuffer>;

export class NotBase64 extends Error {}

export function utf8(text: string): Bytes {
  return new Uint8Array(new TextEncoder().encode(text));
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

export function toBase64(raw: Uint8Array): string {
  let text = "";
  for (const byte of raw) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Reads padded base64; anything that is not the one form of its bytes throws `NotBase64`. */
export function fromBase64(text: string): Bytes {
  let decoded: string;
  try {
    decoded = atob(text);
  } catch {
    throw new NotBase64("not base64");
  }
  const raw = Uint8Array.from(decoded, (letter) => letter.charCodeAt(0));
  if (toBase64(raw) !== text) throw new NotBase64("not the padded base64 of its own bytes");
  return raw;
}

export function toHex(raw: Uint8Array): string {
  return Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
