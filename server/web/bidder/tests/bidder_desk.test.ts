/// <reference types="vite/client" />
import { expect, test } from "vitest";
import raw from "../../../../tests/protocol/golden/bid-receipt-1.json?raw";
import golden from "../../../../tests/protocol/golden/heads-1.json";
import record from "../../../../tests/protocol/golden/record-1.jsonl?raw";
import { concat, toBase64, utf8 } from "@tongchang/protocol/bytes.ts";
import { decode } from "@tongchang/protocol/canonical.ts";
import { sha256 } from "@tongchang/protocol/digest.ts";
import type { BidReceipt, BidderNews, BidderView, Line } from "@tongchang/protocol/generated/messages.ts";
import { NoteFault } from "@tongchang/protocol/ledger/note.ts";
import { ServerClock } from "@tongchang/protocol/link/server_clock.ts";
import { type Around, BidderDesk, CLOCK_SAMPLES, HERE_MS } from "../src/bidder_desk.ts";

const receipt = decode(raw) as BidReceipt;
const SEATED = { session: receipt.session, bidder: receipt.bidder, until: 9_999 };
const { lot, envelope, seq, entry, disclosures, proof } = receipt;

async function lines(): Promise<Line[]> {
  const texts = record.split("\n").slice(1, 1 + receipt.size);
  const leaves = await Promise.all(texts.map((text) => sha256(concat(Uint8Array.of(0), utf8(text)))));
  const hidden = { type: "", who: "", lot: "", envelope: "", events: [], venue: "", role: "", about: {} };
  return leaves.map((leaf, at) => ({ ...hidden, seq: at, at, leaf: toBase64(leaf) }));
}

async function news(): Promise<BidderNews> {
  const view = { session: receipt.session, bidder: receipt.bidder, as_of: { size: receipt.size, at: 0, root: receipt.root }, keyed: false, voice: null };
  return {
    view: view as BidderView, since: 0, lines: await lines(),
    entries: [{ lot, envelope, seq, entry, disclosures }], proofs: [{ seq, proof }],
  };
}

class Coordinator {
  readonly asked: string[] = [];
  readonly handlers = new Map<string, (event: unknown) => void>();
  readonly later: (() => void)[] = [];
  listened = 0;
  closed = 0;
  private readonly answers: Record<string, unknown>;

  constructor(answers: Record<string, unknown>) {
    this.answers = answers;
  }

  readonly around: Around = {
    fetch: (path) => {
      this.asked.push(path);
      const body = this.answers[path];
      return body === undefined ? Promise.reject(new Error("cut")) : Promise.resolve(new Response(JSON.stringify(body)));
    },
    listen: () => {
      this.listened += 1;
      return {
        addEventListener: (name: string, handler: unknown) => this.handlers.set(name, handler as (event: unknown) => void),
        close: () => (this.closed += 1),
      };
    },
    clock: new ServerClock(() => 0),
    after: (_, then) => this.later.push(then),
  };

  tell(name: string, data: unknown): void {
    this.handlers.get(name)?.({ data: JSON.stringify(data) });
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

const WITH_COOKIE = { "/bidder/api/seated": SEATED, "/bidder/api/clock": { at: 77 }, "/bidder/api/sign_in": SEATED };
const REFUSED = { code: "BadCode", zh: "", en: "", detail: {} };

test("with a cookie the page follows at once, checks the head by itself and makes its receipt", async () => {
  const there = new Coordinator(WITH_COOKIE);
  const desk = new BidderDesk(there.around);
  await desk.open(null);
  expect(desk.state.standing).toBe("following");
  there.tell("news", await news());
  await until(() => desk.state.receipts.length > 0);
  expect(desk.state.receipts[0]).toEqual({ receipt, fault: "" });
  expect(desk.state.verified).toEqual({ size: receipt.size, root: receipt.root });
  expect(there.asked.filter((path) => path.endsWith("clock"))).toHaveLength(CLOCK_SAMPLES);
  expect(desk.now()).toBe(77);
});

test("lines that do not give the head that is claimed are two histories", async () => {
  const there = new Coordinator(WITH_COOKIE);
  const desk = new BidderDesk(there.around);
  await desk.open(null);
  const told = await news();
  told.lines[2] = { ...told.lines[2]!, leaf: told.lines[1]!.leaf };
  there.tell("news", told);
  await until(() => desk.state.forkedAt !== null);
  expect(desk.state.verified).toBeNull();
});

test("a ticket for another bidder signs in anew, one for the same does not spend its code", async () => {
  const there = new Coordinator(WITH_COOKIE);
  await new BidderDesk(there.around).open({ session: receipt.session, bidder: "b9", code: "K7QM3XWDPA" });
  expect(there.asked).toContain("/bidder/api/sign_in");
  const again = new Coordinator(WITH_COOKIE);
  await new BidderDesk(again.around).open({ session: receipt.session, bidder: receipt.bidder, code: "K7QM3XWDPA" });
  expect(again.asked).not.toContain("/bidder/api/sign_in");
});

test("a refused code and a silent coordinator are told apart", async () => {
  const there = new Coordinator({ "/bidder/api/seated": { refused: REFUSED }, "/bidder/api/sign_in": { refused: REFUSED } });
  const desk = new BidderDesk(there.around);
  await desk.open(null);
  expect([desk.state.standing, desk.state.refused]).toEqual(["signed_out", null]);
  await desk.signIn({ session: "s", bidder: "b", code: "AAAAA-AAAAA" });
  expect(desk.state.refused?.code).toBe("BadCode");
  const silent = new BidderDesk(new Coordinator({}).around);
  await silent.signIn({ session: "s", bidder: "b", code: "AAAAA-AAAAA" });
  expect([silent.state.standing, silent.state.silent]).toEqual(["signed_out", true]);
});

test("an ended sign-in leaves nothing on the page; a refusal of the moment is tried again", async () => {
  const there = new Coordinator(WITH_COOKIE);
  const desk = new BidderDesk(there.around);
  await desk.open(null);
  there.tell("unseated", { refused: { ...REFUSED, code: "TooBusy" } });
  expect([desk.state.standing, there.listened]).toEqual(["following", 1]);
  there.later.at(-1)?.();
  expect(there.listened).toBe(2);
  there.tell("unseated", { refused: { ...REFUSED, code: "BidderSignedOut" } });
  expect([desk.state.standing, desk.state.view, desk.state.refused?.code]).toEqual(["signed_out", null, "BidderSignedOut"]);
});

test("somebody who types or points is told of once a minute, and only while signed in", async () => {
  const there = new Coordinator(WITH_COOKIE);
  const desk = new BidderDesk(there.around);
  const told = () => there.asked.filter((path) => path.endsWith("here")).length;
  await desk.here(0);
  expect(told()).toBe(0);
  await desk.open(null);
  for (const at of [1_000, 1_001, 1_000 + HERE_MS - 1]) await desk.here(at);
  expect(told()).toBe(1);
  await desk.here(1_000 + HERE_MS);
  expect(told()).toBe(2);
});

const HEAD = { session: receipt.session, checkpoint: golden.head_30, policy: golden.policy };

/** A desk that has all lines, and whatever head it is told. */
async function told(head: Partial<typeof HEAD>): Promise<BidderDesk> {
  const there = new Coordinator({ ...WITH_COOKIE, "/bidder/api/head": { ...HEAD, ...head } });
  const desk = new BidderDesk(there.around);
  await desk.open(null);
  there.tell("open", {});
  there.tell("news", await news());
  await until(() => desk.state.signed !== null || desk.state.inconsistent !== null || desk.state.headDoubted);
  return desk;
}

test("a signed head is weighed against the lines the page was told, by the first policy it was told", async () => {
  localStorage.clear();
  const { state } = await told({});
  expect([state.signed?.size, state.signed?.quorum, state.policy]).toEqual([30, true, "told"]);
  const other = await told({ policy: golden.policy.replace("quorum live", "quorum none") });
  expect([other.state.signed, other.state.headDoubted]).toEqual([null, true]);
});

test("a bidder's own policy takes the place of the one it is told, and stays", async () => {
  localStorage.clear();
  const desk = await told({});
  await expect(desk.trust("no policy")).rejects.toThrow(NoteFault);
  expect(desk.state.policy).toBe("told");
  await desk.trust(golden.policy);
  await until(() => desk.state.signed !== null);
  expect(desk.state.policy).toBe("own");
  const again = await told({ policy: "quorum none\n" });
  expect([again.state.signed?.size, again.state.policy]).toEqual([30, "own"]);
});

test("a head of another history is shown with what it contradicts, and nothing is signed any more", async () => {
  localStorage.clear();
  const desk = await told({ checkpoint: golden.inconsistent.equal });
  expect(desk.state.inconsistent?.size).toBe(30);
  const refused = await desk.act("SignOpeningRecord", { digest: "" } as never, { lot, envelope, round: 1 });
  expect(refused?.code).toBe("TwoHistories");
  localStorage.clear();
});
