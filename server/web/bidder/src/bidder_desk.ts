/**
 * The bidder's desk: who the cookie says one is, the news as they come, and what follows from them: the head
 * recomputed from every leaf, the receipts made and checked, the coordinator's clock. Under rules version 3 a
 * bidder answers and objects by a key of its own, which this browser makes and never lets out (SPEC 10.3, 16.2).
 */

import { reactive } from "vue";
import { makeReceipt, receiptFault, type ReceiptFault } from "@tongchang/protocol/bid_receipt.ts";
import { SESSION_STAGE, make, noHead, seal } from "@tongchang/protocol/command.ts";
import {
  type Answer,
  type Attested,
  type BidEntry,
  type BidReceipt,
  type BidderNews,
  type BidderSeated,
  type BidderSignIn,
  type BidderView,
  type CommandType,
  type Contents,
  type Disclosure,
  type Head,
  type Line,
  type Refused,
  type SignInWay,
  type Stage,
  WIRE,
} from "@tongchang/protocol/generated/messages.ts";
import { type Asks, type Place, type Watch, byScan, byToken, ways } from "@tongchang/protocol/link/entering.ts";
import { Feed } from "@tongchang/protocol/link/feed.ts";
import type { Who } from "@tongchang/protocol/link/desk_state.ts";
import { Signed } from "@tongchang/protocol/link/signed.ts";
import type { Inconsistent, SignedHead } from "@tongchang/protocol/ledger/heads.ts";
import { LineFault, RefusedError } from "@tongchang/protocol/link/socket.ts";
import type { Speaker } from "@tongchang/protocol/link/voicing.ts";
import { ServerClock } from "@tongchang/protocol/link/server_clock.ts";
import { type SeatKey, heldKey, newKey } from "@tongchang/protocol/seat_key.ts";
import { type PolicyOf, newestHead, policyOf, trustOwn } from "./head_source.ts";

export const CLOCK_SAMPLES = 5;
export const CLOCK_AGAIN_MS = 60_000;
export const RETRY_MS = 2_000;
/** Refusals that end the sign-in; any other is of the moment. */
const ENDED = new Set(["NotSignedIn", "BidderSignedOut", "CodeNotEnough", "SignInIdle"]);
/** Somebody who types or points is told of no more often than this. */
export const HERE_MS = 60_000;

export interface HeldReceipt {
  readonly receipt: BidReceipt;
  readonly fault: ReceiptFault;
}

export interface BidderState {
  standing: "starting" | "signed_out" | "signing_in" | "following";
  connected: boolean;
  seated: BidderSeated | null;
  view: BidderView | null;
  lines: readonly Line[];
  verified: Head | null;
  forkedAt: number | null;
  receipts: readonly HeldReceipt[];
  /** As at a seat's desk: the session, the newest signed head, and what contradicts it. */
  who: Who | null;
  signed: SignedHead | null;
  inconsistent: Inconsistent | null;
  headDoubted: boolean;
  policy: PolicyOf;
  /** The bidder's key as this browser holds it; empty where it holds none. */
  ownKey: string;
  refused: Refused | null;
  /** Whether the coordinator did not answer a sign-in. */
  silent: boolean;
}

/** The parts of a browser that the desk needs; tests give their own. */
export interface Around {
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  readonly listen: (path: string) => Pick<EventSource, "addEventListener" | "close">;
  readonly clock: ServerClock;
  readonly after: (wait_ms: number, then: () => void) => void;
}

export function browser(): Around {
  return {
    fetch: (path, init) => fetch(path, { cache: "no-store", ...init }),
    listen: (path) => new EventSource(path),
    clock: new ServerClock(),
    after: (wait_ms, then) => void setTimeout(then, wait_ms),
  };
}

function fresh(): BidderState {
  return {
    standing: "starting", connected: false, seated: null, view: null, lines: [], verified: null, forkedAt: null,
    receipts: [], who: null, signed: null, inconsistent: null, headDoubted: false, policy: "told", ownKey: "", refused: null, silent: false,
  };
}

export class BidderDesk {
  readonly state: BidderState = reactive(fresh()) as BidderState;
  private readonly around: Around;
  private feed = new Feed<BidderView>();
  private entries: BidEntry[] = [];
  private source: Pick<EventSource, "addEventListener" | "close"> | null = null;
  private taking: Promise<void> = Promise.resolve();
  private lastSeq = 0;
  private key: SeatKey | null = null;
  private boundAt = -1;

  private readonly signed: Signed;

  constructor(around: Around = browser()) {
    this.around = around;
    this.signed = new Signed({ ask: () => newestHead(this.around.fetch) }, this.state, () => this.feed);
  }

  /** Goes by a policy that somebody else than this coordinator handed over. Throws `NoteFault` for none. */
  async trust(text: string): Promise<void> {
    await trustOwn(this.seatedAs().session, text);
    this.state.policy = "own";
    this.signed.again();
  }

  private hereAt = Number.NEGATIVE_INFINITY;

  /** Somebody types or points here: the coordinator is told, so that it takes nobody for idle. */
  async here(steady_ms: number = performance.now()): Promise<void> {
    if (this.state.standing !== "following" || steady_ms - this.hereAt < HERE_MS) return;
    this.hereAt = steady_ms;
    // A word that gets lost is said again with the next stroke a minute later.
    await this.post(WIRE.BIDDER_HERE, {}).catch(() => undefined);
  }

  /** The coordinator's clock now, ms; null while it is not known. */
  readonly now = (): number | null => this.around.clock.now();

  /** Takes up the cookie of before; a ticket for somebody else than the cookie's signs in anew. */
  async open(ticket: BidderSignIn | null): Promise<void> {
    void this.keepClock();
    const seated = await this.whose();
    const same = seated !== null && (ticket === null || isSame(seated, ticket));
    if (same) this.follow(seated);
    else if (ticket !== null) await this.signIn(ticket);
    else this.state.standing = "signed_out";
  }

  async signIn(asked: BidderSignIn): Promise<void> {
    this.state.standing = "signing_in";
    Object.assign(this.state, { refused: null, silent: false });
    try {
      const answer = await this.post(WIRE.BIDDER_SIGN_IN, asked);
      const told = (await answer.json()) as BidderSeated | { refused: Refused };
      if (!("refused" in told)) return this.follow(told);
      this.state.refused = told.refused;
    } catch {
      this.state.silent = true;
    }
    this.state.standing = "signed_out";
  }

  /** Signs in with the UKey beside the browser, or with a phone that scans what `watch` shows; throws what stops it. */
  async signInBy(place: Place, watch: Watch | null): Promise<void> {
    Object.assign(this.state, { standing: "signing_in", refused: null, silent: false });
    const ask: Asks = (event, payload) => this.asked(WIRE.BIDDER_VOICES + event, payload);
    try {
      // A key of this moment alone: who photographs the code does not hold it, and gets no cookie for it.
      const { key } = await newKey();
      this.follow(watch === null ? await byToken<BidderSeated>(ask, place, key) : await byScan(ask, place, key, watch, isSeated));
    } catch (error) {
      this.state.standing = "signed_out";
      if (error instanceof RefusedError) this.state.refused = error.refused;
      else if (error instanceof LineFault) this.state.silent = true;
      else throw error;
    }
  }

  /** By what bidders may sign in here. */
  async ways(): Promise<readonly SignInWay[]> {
    return ways(async <T>() => (await (await this.around.fetch(WIRE.BIDDER_WAYS)).json()) as T);
  }

  async signOut(): Promise<void> {
    this.source?.close();
    try {
      await this.post(WIRE.BIDDER_SIGN_OUT, {});
    } finally {
      this.leave(null);
    }
  }

  /** Measures the clock several times, and again now and then. */
  async keepClock(): Promise<void> {
    await this.measure();
    this.around.after(CLOCK_AGAIN_MS, () => void this.keepClock());
  }

  /** Also asked for when the page comes back from sleep. */
  async measure(): Promise<void> {
    for (let sample = 0; sample < CLOCK_SAMPLES; sample += 1) {
      try {
        await this.around.clock.measure(async () => {
          const answer = await this.around.fetch(WIRE.BIDDER_CLOCK);
          return ((await answer.json()) as { at: number }).at;
        });
      } catch {
        return;
      }
    }
  }

  /**
   * Signs an act with the bidder's own key and hands it in; a key that is not there is made and bound first.
   * Gives what was refused, or null once it is accepted; throws where nobody answers.
   */
  async act<T extends CommandType>(
    type: T, content: Contents[T], stage: Stage, disclosures: readonly Disclosure[] = [],
  ): Promise<Refused | null> {
    try {
      return (await this.submit(await this.ownKey(), type, content, stage, disclosures)).refused;
    } catch (error) {
      if (error instanceof RefusedError) return error.refused;
      throw error;
    }
  }

  /** Who gives this bidder's key a voice; a key that is not there is made and bound first (SPEC 19). */
  readonly speaker = (): Speaker => {
    const { session, bidder } = this.seatedAs();
    return {
      session,
      seat: bidder,
      key: async () => (await this.ownKey()).text,
      ask: (event, payload) => this.asked(WIRE.BIDDER_VOICES + event, payload),
      delegate: (content, evidence) => this.act("DelegateSeatKey", content, SESSION_STAGE, [evidence]),
    };
  };

  /** The bidder's key in this browser; one that is not there is made and bound. Throws what was refused. */
  private async ownKey(): Promise<SeatKey> {
    if (this.signed.stopped !== null) throw new RefusedError(this.signed.stopped);
    if (this.key !== null) return this.key;
    const { session, bidder } = this.seatedAs();
    const made = await newKey();
    const told = await this.asked<Attested>(WIRE.BIDDER_BIND, { key: made.key.text });
    const means = told.means as Contents["BindSeat"]["means"];
    const content = { seat: bidder, means, attestation: told.attestation };
    const answer = await this.submit(made.key, "BindSeat", content, SESSION_STAGE, []);
    if (answer.refused !== null) throw new RefusedError(answer.refused);
    await made.keep(session, bidder);
    this.boundAt = answer.seq;
    this.hold(made.key);
    return made.key;
  }

  private async submit<T extends CommandType>(
    key: SeatKey, type: T, content: Contents[T], stage: Stage, disclosures: readonly Disclosure[],
  ): Promise<Answer> {
    const { session } = this.seatedAs();
    // Rising also after a reload, since it is a clock's.
    this.lastSeq = Math.max(this.lastSeq + 1, Date.now());
    const header = { session, author_at: Date.now(), author_seq: this.lastSeq, seen: this.feed.verified ?? (await noHead()), stage };
    return this.asked<Answer>(WIRE.BIDDER_ACT, await seal(key, make(key, type, content, header), { disclosures }));
  }

  /** What a POST is answered. Throws `RefusedError` for a refusal of the request, `LineFault` where nobody answers. */
  private async asked<T>(path: string, body: unknown): Promise<T> {
    let told: T | { status?: string; refused: Refused | null };
    try {
      told = (await (await this.post(path, body)).json()) as typeof told;
    } catch (error) {
      throw new LineFault(String(error));
    }
    // An answer to an act says of itself whether that was refused.
    const refusal = told as { status?: string; refused?: Refused | null };
    if (refusal.status === undefined && refusal.refused) throw new RefusedError(refusal.refused);
    return told as T;
  }

  /** The key that the record names for this bidder, if it is this browser's; another's makes ours no more. */
  private async settleKey(view: BidderView): Promise<void> {
    const key = this.key ?? (view.keyed ? await heldKey(view.session, view.bidder) : null);
    const ours = view.voice === null || view.voice.key === key?.text || view.as_of.size <= this.boundAt;
    this.hold(ours ? key : null);
  }

  private hold(key: SeatKey | null): void {
    this.key = key;
    this.state.ownKey = key?.text ?? "";
  }

  private seatedAs(): BidderSeated {
    const { seated } = this.state;
    if (seated === null) throw new Error("not signed in");
    return seated;
  }

  private async whose(): Promise<BidderSeated | null> {
    try {
      const told = (await (await this.around.fetch(WIRE.BIDDER_SEATED)).json()) as BidderSeated | { refused: Refused };
      return "refused" in told ? null : told;
    } catch {
      return null;
    }
  }

  private post(path: string, body: unknown): Promise<Response> {
    const headers = { "Content-Type": "application/json" };
    return this.around.fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  private follow(seated: BidderSeated): void {
    this.feed = new Feed<BidderView>();
    this.entries = [];
    this.key = null;
    this.boundAt = -1;
    const policy = policyOf(seated.session);
    const who = { session: seated.session, seat: seated.bidder };
    Object.assign(this.state, fresh(), { standing: "following", seated, who, policy });
    this.listen();
  }

  /** EventSource comes back by itself with the last id; an end that the coordinator meant is told as an event. */
  private listen(): void {
    this.source?.close();
    const source = this.around.listen(`${WIRE.BIDDER_EVENTS}?since=${this.feed.cursor}`);
    this.source = source;
    source.addEventListener("open", () => (this.state.connected = true));
    source.addEventListener("error", () => (this.state.connected = false));
    source.addEventListener(WIRE.NEWS, (event) => {
      const news = JSON.parse((event as MessageEvent<string>).data) as BidderNews;
      this.taking = this.taking.then(() => this.take(news));
    });
    source.addEventListener(WIRE.UNSEATED, (event) => {
      const { refused } = JSON.parse((event as MessageEvent<string>).data) as { refused: Refused };
      source.close();
      if (ENDED.has(refused.code)) this.leave(refused);
      else this.around.after(RETRY_MS, () => this.source === source && this.listen());
    });
  }

  private async take(news: BidderNews): Promise<void> {
    const taken = await this.feed.take(news);
    // A message holds a bounded number of lines: then the rest follows by itself, and what it ends with is shown.
    if (taken.kind === "gap" && news.since !== this.feed.cursor - news.lines.length) return this.listen();
    for (const told of news.entries) {
      if (!this.entries.some((one) => one.seq === told.seq)) this.entries.push(told);
    }
    const receipts: HeldReceipt[] = [];
    for (const told of this.entries) {
      const inclusion = news.proofs.find((one) => one.seq === told.seq);
      if (inclusion === undefined) continue;
      const receipt = await makeReceipt(news.view, told, inclusion);
      receipts.push({ receipt, fault: await receiptFault(receipt) });
    }
    if (this.feed.view !== null) await this.settleKey(this.feed.view);
    Object.assign(this.state, {
      connected: true, view: this.feed.view, lines: [...this.feed.lines], verified: this.feed.verified,
      forkedAt: this.feed.forkedAt, receipts,
    });
    void this.signed.look();
  }

  private leave(refused: Refused | null): void {
    this.source?.close();
    this.source = null;
    Object.assign(this.state, fresh(), { standing: "signed_out", refused });
  }
}

function isSeated(told: BidderSeated | object): told is BidderSeated {
  return "bidder" in told;
}

function isSame(seated: BidderSeated, ticket: BidderSignIn): boolean {
  return seated.session === ticket.session && seated.bidder === ticket.bidder;
}
