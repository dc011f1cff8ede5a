import { expect, test } from "vitest";
import { fromBase64, toBase64, utf8 } from "../src/bytes.ts";
import { sha256 } from "../src/digest.ts";
import type { Line, News, View } from "../src/generated/messages.ts";
import { Feed } from "../src/link/feed.ts";
import { EMPTY, push, root } from "../src/tree.ts";

async function leafOf(text: string): Promise<string> {
  return toBase64(await sha256(utf8(text)));
}

async function news(since: number, texts: readonly string[], size = texts.length): Promise<News> {
  let frontier = EMPTY;
  for (const text of texts.slice(0, size)) frontier = await push(frontier, fromBase64(await leafOf(text)));
  const lines: Line[] = [];
  for (const [seq, text] of texts.entries()) {
    if (seq >= since) lines.push({ seq, at: seq, leaf: await leafOf(text), type: "", who: "", lot: "", envelope: "", events: [], venue: "", role: "", about: {} });
  }
  const as_of = { size, at: size, root: toBase64(await root(frontier)) };
  return { view: { session: "S", as_of } as View, since, lines, online: true };
}

test("whole news are held, and their head is computed and named as seen", async () => {
  const feed = new Feed();
  expect(feed.verified).toBeNull();
  const first = await news(0, ["a", "b", "c"]);
  expect(await feed.take(first)).toEqual({ kind: "whole" });
  expect(feed.verified).toEqual({ size: 3, root: first.view.as_of.root });
  expect(await feed.take(await news(3, ["a", "b", "c", "d"]))).toEqual({ kind: "whole" });
  expect(feed.verified?.size).toBe(4);
});

test("a gap is asked for from where the lines end", async () => {
  const feed = new Feed();
  await feed.take(await news(0, ["a", "b"]));
  expect(await feed.take(await news(3, ["a", "b", "c", "d"]))).toEqual({ kind: "gap", since: 2 });
  expect(feed.lines).toHaveLength(2);
  expect(await feed.take(await news(2, ["a", "b", "c", "d"]))).toEqual({ kind: "whole" });
  expect(feed.cursor).toBe(4);
});

test("lines that were sent before are passed over", async () => {
  const feed = new Feed();
  await feed.take(await news(0, ["a", "b"]));
  expect(await feed.take(await news(0, ["a", "b", "c"]))).toEqual({ kind: "whole" });
  expect(feed.lines.map((line) => line.seq)).toEqual([0, 1, 2]);
});

test("a view that tells of more than the lines asks for the rest", async () => {
  const feed = new Feed();
  const some = await news(0, ["a", "b", "c"]);
  expect(await feed.take({ ...some, lines: some.lines.slice(0, 2) })).toEqual({ kind: "gap", since: 2 });
  expect(feed.verified).toBeNull();
});

test("an older view does not take the place of a newer one", async () => {
  const feed = new Feed();
  await feed.take(await news(0, ["a", "b", "c"]));
  await feed.take(await news(0, ["a", "b"]));
  expect(feed.view?.as_of.size).toBe(3);
});

test("a line that contradicts an earlier one stops the feed for good", async () => {
  const feed = new Feed();
  await feed.take(await news(0, ["a", "b"]));
  expect(await feed.take(await news(0, ["a", "x", "c"]))).toEqual({ kind: "forked", seq: 1 });
  expect(await feed.take(await news(2, ["a", "b", "c"]))).toEqual({ kind: "forked", seq: 1 });
  expect(feed.forkedAt).toBe(1);
});

test("a head that the lines do not give stops the feed", async () => {
  const feed = new Feed();
  const honest = await news(0, ["a", "b"]);
  const other = await news(0, ["a", "x"]);
  const taken = await feed.take({ ...honest, view: other.view });
  expect(taken).toEqual({ kind: "forked", seq: 1 });
  expect(feed.verified).toBeNull();
});
