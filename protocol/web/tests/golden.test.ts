/// <reference types="vite/client" />
/** The golden files of rules version 1, read by a second implementation: to the byte, or it is none. */
import { expect, test } from "vitest";
import record from "../../../tests/protocol/golden/record-1.jsonl?raw";
import vectors from "../../../tests/protocol/golden/vectors-1.json";
import { concat, fromBase64, fromHex, toHex, utf8 } from "../src/bytes.ts";
import { decode, encode } from "../src/canonical.ts";
import { sha256, tag, tagged } from "../src/digest.ts";
import type { Entry, Opening } from "../src/generated/messages.ts";
import { commitment } from "../src/sheet.ts";
import { EMPTY, push, root } from "../src/tree.ts";

const lines = record.split("\n");
const { entries: count } = decode(lines[0] ?? "") as { entries: number };
const entries = lines.slice(1, 1 + count);

async function verifies(key: string, message: Uint8Array<ArrayBuffer>, sig: string): Promise<boolean> {
  const raw = fromBase64(key.replace("ed25519:", ""));
  const imported = await crypto.subtle.importKey("raw", raw, "Ed25519", true, ["verify"]);
  return crypto.subtle.verify("Ed25519", imported, fromBase64(sig.replace("ed25519:", "")), message);
}

test("canonical texts are their own re-encoding", () => {
  for (const text of vectors.canonical) expect(encode(decode(text))).toBe(text);
});

test("tags, hidden values and the sheet's commitment hash alike", async () => {
  for (const [domain, hex] of Object.entries(vectors.tags)) expect(toHex(await tag(domain))).toBe(hex);
  for (const { field, salt, value, digest } of vectors.hidden) {
    const hashed = concat(await tag(`hidden/v1/${field}`), fromHex(salt), utf8(value));
    expect(toHex(await sha256(hashed))).toBe(digest);
  }
  const opening = decode(vectors.opening.value) as Opening;
  expect(toHex(await commitment(opening))).toBe(vectors.opening.commitment);
});

test("the command's signature is over the bytes that a page would sign", async () => {
  const { command, key, sig, signed_sha256 } = vectors.signature;
  const message = await tagged("command/v1", decode(command));
  expect(toHex(await sha256(message))).toBe(signed_sha256);
  expect(await verifies(key, message, sig)).toBe(true);
  message[40] = (message[40] ?? 0) ^ 1;
  expect(await verifies(key, message, sig)).toBe(false);
});

test("every entry of the golden record is canonical, rightly signed, and in the tree", async () => {
  expect(entries).toHaveLength(vectors.entries.length);
  let frontier = EMPTY;
  for (const [seq, text] of entries.entries()) {
    const entry = decode(text) as Entry;
    expect(entry.seq).toBe(seq);
    const signed = await tagged("command/v1", entry.command);
    expect(await verifies(entry.command.author_key, signed, entry.sig), entry.command.type).toBe(true);
    const leaf = await sha256(concat(Uint8Array.of(0), utf8(text)));
    expect(toHex(leaf)).toBe(vectors.entries[seq]?.leaf);
    frontier = await push(frontier, leaf);
  }
  expect(toHex(await root(frontier))).toBe(vectors.root);
});
