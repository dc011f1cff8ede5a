import { expect, test } from "vitest";
import golden from "../../../tests/protocol/golden/canonical_web.json";
import { fromHex, toHex, utf8 } from "../src/bytes.ts";
import { NotCanonical, decode, encode } from "../src/canonical.ts";
import { sha256, tag, tagged } from "../src/digest.ts";
import type { Opening } from "../src/generated/messages.ts";
import { commitment } from "../src/sheet.ts";
import { EMPTY, push, root } from "../src/tree.ts";

interface Vectors {
  encode: { value: unknown; text: string }[];
  refused: string[];
  tags: Record<string, string>;
  opening: { value: Opening; commitment: string };
  command: { value: unknown; signed_sha256: string };
  leaves: string[];
  roots: string[];
}

const vectors = golden as unknown as Vectors;

test("a value has the same canonical text here as in Python", () => {
  for (const { value, text } of vectors.encode) {
    expect(encode(value)).toBe(text);
    expect(decode(text)).toEqual(value);
  }
});

test("text that is not the one form is refused here as in Python", () => {
  for (const text of vectors.refused) expect(() => decode(text), text).toThrow(NotCanonical);
});

test("a fraction, an undefined field and a lone surrogate have no canonical text", () => {
  for (const value of [0.5, NaN, Infinity, { a: undefined }, "\ud800", { 席: 1 }, 2 ** 53]) {
    expect(() => encode(value)).toThrow(NotCanonical);
  }
});

test("bytes are written as padded base64", () => {
  expect(encode({ nonce: Uint8Array.of(255, 254) })).toBe('{"nonce":"//4="}');
});

test("domains have the same tags here as in Python", async () => {
  for (const [domain, hex] of Object.entries(vectors.tags)) expect(toHex(await tag(domain))).toBe(hex);
});

test("an opening has the same commitment here as in Python", async () => {
  expect(toHex(await commitment(vectors.opening.value))).toBe(vectors.opening.commitment);
});

test("a command's signed bytes are the same here as in Python", async () => {
  const signed = await tagged("command/v1", vectors.command.value);
  expect(toHex(await sha256(signed))).toBe(vectors.command.signed_sha256);
});

test("the tree has the same root here as in Python, at every size", async () => {
  let frontier = EMPTY;
  expect(toHex(await root(frontier))).toBe(toHex(await sha256(utf8(""))));
  for (const [index, leaf] of vectors.leaves.entries()) {
    frontier = await push(frontier, fromHex(leaf));
    expect(toHex(await root(frontier))).toBe(vectors.roots[index + 1]);
  }
});
