/**
 * A person's desk: one seat at one node, from sign-in to the last receipt.
 *
 * Owns the order of things on the line: prove the key, follow the record, send what waits in the
 * outbox, repeat what is unanswered. Knows no page and no framework: it writes into a plain
 * `DeskState` that a page may have made reactive.
 */
// tidy: long because the order of a seat's whole way on its line, sign-in to last receipt, is one thing.

import { type Extras, type Header, SESSION_STAGE, make, noHead, seal } from "../command.ts";
import {
  type Answer, type Attested, type Challenge, type Codes, type CommandType, type Contents,
  type Draft, type DraftKept, type News, type Prepared, type Proved,
  type Refused, type SignInWay,
  type Stage, type VenueState, WIRE,
} from "../generated/messages.ts";
import { proves } from "../receipt.ts";
import { type SeatKey, copyKey, heldKey, newKey, prove } from "../seat_key.ts";
import { dropOne, readAll, writeOne } from "../storage.ts";
import { type DeskState, type Receipt, type Who, freshState } from "./desk_state.ts";
import { Attending, IDLE } from "./attending.ts";
import { codesOfBidders, codesOfSeats } from "./code_asking.ts";
import { type Asks, type Watch, vouched, ways } from "./entering.ts";
import { Feed } from "./feed.ts";
import { Outbox, type Waiting } from "./outbox.ts";
import { TICK_MS, askPatiently, pause } from "./patience.ts";
import { CONNECTED, DISCONNECTED, type Line, LineFault, RefusedError } from "./socket.ts";
import { Signed } from "./signed.ts";
import { Writing } from "./writing.ts";

/** The name under which an agent's key is enrolled before any session exists. */
export const INSTALLATION = "installation";

/** Pushed by the node: an answer that came after a `kept` one. */
const LATE_ANSWER = "answer";
/** How long the node's own copy may take to show a key that was just bound, or to be read again. */
const COPY_WAIT_MS = 6_000;
const RECEIPTS_MAX = 50;
/** How the node says that another key speaks for the seat now. */
const MOVED = "SeatMoved";

export class Desk {
  private key: SeatKey | null = null;
  private feed = new Feed();
  private outbox = new Outbox();
  private lastSeq = 0;
  private provedFor = "";
  private proving: Promise<void> = Promise.resolve();
  private taking: Promise<void> = Promise.resolve();
  private readonly settling = new Map<string, (answer: Answer) => void>();
  private readonly sending = new Set<string>();
  private readonly ticking: ReturnType<typeof setInterval>;
  private readonly line: Line;
  readonly state: DeskState;
  readonly writing: Writing;
  readonly signed: Signed;
  readonly attending: Attending;
  private readonly remember: (who: Who | null) => void;

  constructor(line: Line, state: DeskState, remember: (who: Who | null) => void = () => undefined) {
    this.line = line;
    this.state = state;
    this.remember = remember;
    this.writing = new Writing(line, state, () => this.key);
    this.signed = new Signed(line, state, () => this.feed);
    this.attending = new Attending(line, state);
    line.on(CONNECTED, () => void this.arrived());
    line.on(DISCONNECTED, () => {
      state.connected = false;
      this.provedFor = "";
    });
    line.on(WIRE.NEWS, (payload) => this.take(payload as News));
    line.on(WIRE.LINE_STATE, (payload) => {
      state.online = (payload as { online: boolean }).online;
    });
    line.on(WIRE.UNSEATED, (payload) => this.unseated(payload as Refused));
    line.on(LATE_ANSWER, (payload) => this.late(payload as Answer));
    this.ticking = setInterval(() => this.send(), TICK_MS);
  }

  /** Takes up the seat that this browser held before, if it still has its key. */
  async resume(who: Who | null): Promise<void> {
    this.key = who === null ? null : await heldKey(who.session, who.seat);
    if (who === null || this.key === null) {
      this.state.standing = "signed_out";
      return;
    }
    this.state.who = who;
    await this.loadOutbox();
    if (this.state.connected) await this.proveSeat();
  }

  /** Signs in with a one-time code. */
  signIn(session: string, seat: string, code: string): Promise<void> {
    return this.enter(session, seat, async (key) =>
      (await askPatiently(this.line, WIRE.SIGN_IN, { session, seat, code: code.trim(), key: key.text })) as Attested);
  }

  /** Signs in with the UKey beside the browser, or with a phone that scans what `watch` shows. */
  signInBy(session: string, seat: string, watch: Watch | null): Promise<void> {
    const ask: Asks = (event, payload) => this.ask(event, payload);
    return this.enter(session, seat, (key) => vouched(ask, { session, seat }, key, watch));
  }

  /** By what people may sign in here. */
  ways(): Promise<readonly SignInWay[]> {
    return ways((event, payload) => this.ask(event, payload));
  }

  /** A new key, the installation's word for it, the signed `BindSeat`. */
  private async enter(session: string, seat: string, vouch: (key: SeatKey) => Promise<Attested>): Promise<void> {
    this.state.standing = "signing_in";
    this.state.refused = null;
    try {
      const made = await newKey();
      const attested = await vouch(made.key);
      await made.keep(session, seat);
      this.key = made.key;
      this.feed = new Feed();
      this.state.view = null;
      this.lastSeq = 0;
      this.state.who = { session, seat };
      this.remember(this.state.who);
      await this.loadOutbox();
      if (session !== INSTALLATION) await this.bind(attested);
      await this.proveSeat();
    } catch (error) {
      this.state.standing = "signed_out";
      this.state.who = null;
      this.remember(null);
      throw error;
    }
  }

  /** Signs in again after nobody was at work for too long: the code shows who is there, the key stays. */
  async signInAgain(code: string): Promise<void> {
    const { key, who } = this.seat();
    await askPatiently(this.line, WIRE.SIGN_IN, { ...who, code: code.trim(), key: key.text });
    await this.seatAgain();
  }

  /** The key that this page holds for its seat; empty without one. */
  get keyText(): string {
    return this.key?.text ?? "";
  }

  /** The node knows again who is there: the key is proved anew, and the desk goes on where it was. */
  async seatAgain(): Promise<void> {
    this.provedFor = "";
    await this.proveSeat();
  }

  /** Leaves the seat in this browser; the key stays bound until another is. */
  signOut(): void {
    this.remember(null);
    this.writing.forget();
    this.key = null;
    this.feed = new Feed();
    this.outbox = new Outbox();
    Object.assign(this.state, { ...freshState(), standing: "signed_out", connected: this.state.connected });
  }

  /** Moves an enrolled agent to a session it has just booked, or to another one it knows. */
  async moveTo(session: string): Promise<void> {
    const { session: before, seat } = this.seat().who;
    await copyKey([before, seat], [session, seat]);
    this.state.who = { session, seat };
    this.remember(this.state.who);
    this.feed = new Feed();
    this.lastSeq = 0;
    Object.assign(this.state, { view: null, lines: [], verified: null, signed: null, standing: "proving" });
    await this.proveSeat();
  }

  /**
   * Signs a command and sends it until it is answered. The promise settles with the answer; the
   * command itself is safe in this browser before anything is sent, and outlives a reload.
   */
  async act<T extends CommandType>(
    type: T,
    content: Contents[T],
    stage: Stage = SESSION_STAGE,
    extras: Extras = {},
    session: string = this.state.who?.session ?? "",
  ): Promise<Answer> {
    const { key, who } = this.seat();
    if (this.signed.stopped !== null) throw new RefusedError(this.signed.stopped);
    const command = make(key, type, content, await this.header(session, stage));
    const submit = await seal(key, command, extras);
    const waiting: Waiting = {
      command_id: command.command_id, session, seat: who.seat, type,
      author_seq: command.author_seq, submit, kept: null, sent_at: null,
    };
    await writeOne("outbox", command.command_id, waiting);
    this.outbox.add(waiting);
    this.note({ session, command_id: command.command_id, type, stage, status: "sending", seq: -1, at: 0, refused: null });
    const settled = new Promise<Answer>((resolve) => this.settling.set(command.command_id, resolve));
    this.send();
    return settled;
  }

  async prepare(type: CommandType, stage: Stage, source = "", session = this.state.who?.session ?? ""): Promise<Prepared> {
    return (await askPatiently(this.line, WIRE.PREPARE, { session, type, stage, source })) as Prepared;
  }

  /** The receipt of an act of this seat that was accepted; null while no signed head covers it (SPEC 20.4). */
  async receipt(session: string, seq: number): Promise<string | null> {
    return this.key === null ? null : this.signed.receipt(session, seq, this.key);
  }

  /** Asks the node for something that only it knows, once: documents, notes. */
  async ask<T>(event: string, payload?: unknown): Promise<T> {
    return (await this.line.ask(event, payload)) as T;
  }

  /** Hears what the node pushes under a name, for as long as the page stands. */
  hear<T>(event: string, handler: (told: T) => void): void {
    this.line.on(event, (payload) => handler(payload as T));
  }

  async putDraft(draft: Draft): Promise<DraftKept> {
    return (await this.line.ask(WIRE.DRAFT_PUT, draft)) as DraftKept;
  }

  async getDraft(session: string, seat: string, stage: Stage): Promise<Draft | null> {
    const empty: Draft = { session, seat, stage, revision: 0, scores: {}, texts: {} };
    return (await this.line.ask(WIRE.DRAFT_GET, empty)) as Draft | null;
  }

  /** What the venue's keeper is told of the node; refused to everybody else. */
  async venueState(): Promise<VenueState> {
    return (await this.line.ask(WIRE.VENUE_STATE)) as VenueState;
  }

  /** Asks for new one-time codes of seats; they are shown once and kept nowhere. */
  issueCodes(seats: readonly string[]): Promise<Codes> {
    const { key, who } = this.seat();
    return codesOfSeats(this.line, key, who.session, seats);
  }

  /** As `issueCodes`, for bidders, who sign in at the coordinator's page with them. */
  issueBidderCodes(bidders: readonly string[]): Promise<Codes> {
    const { key, who } = this.seat();
    return codesOfBidders(this.line, key, who.session, bidders);
  }

  close(): void {
    clearInterval(this.ticking);
    this.attending.close();
    this.signed.close();
    this.writing.forget();
    this.line.close();
  }

  private seat(): { readonly key: SeatKey; readonly who: Who } {
    if (this.key === null || this.state.who === null) throw new LineFault("not signed in");
    return { key: this.key, who: this.state.who };
  }

  private async arrived(): Promise<void> {
    this.state.connected = true;
    this.provedFor = "";
    this.outbox.reconnected();
    if (this.key !== null && this.state.standing !== "signing_in") await this.proveSeat();
  }

  /** One proof at a time, since a second challenge would void the first one's number; and one for each connection. */
  private proveSeat(): Promise<void> {
    const mine = this.proving.then(() => this.proveOnce());
    this.proving = mine.catch(() => undefined);
    return mine;
  }

  /** Shows the node that this page holds the seat's key; then the record is followed. */
  private async proveOnce(): Promise<void> {
    const { key } = this;
    const { who } = this.state;
    if (key === null || who === null || this.provedFor === key.text + who.session) return;
    if (!["following", "enrolled", "idle"].includes(this.state.standing)) this.state.standing = "proving";
    for (let waited = 0; ; waited += TICK_MS) {
      try {
        const { nonce } = (await this.line.ask(WIRE.CHALLENGE)) as Challenge;
        const proved = (await this.line.ask(
          WIRE.PROVE,
          await prove(key, who.session, who.seat, nonce),
        )) as Proved;
        this.lastSeq = Math.max(this.lastSeq, proved.author_seq);
        Object.assign(this.state, { role: proved.role, node: proved.node, refused: null });
        this.provedFor = key.text + who.session;
        this.attending.proved();
        break;
      } catch (error) {
        if (error instanceof LineFault && !this.state.connected) return;
        if (!(error instanceof RefusedError || error instanceof LineFault)) throw error;
        if (error instanceof RefusedError && error.refused.code === IDLE) return this.idle(error.refused);
        if (error instanceof RefusedError && (waited >= COPY_WAIT_MS || error.refused.code === MOVED)) {
          this.state.refused = error.refused;
          this.state.standing = "signed_out";
          this.state.view = null;
          return;
        }
        await pause();
      }
    }
    if (who.session === INSTALLATION) {
      this.state.standing = "enrolled";
    } else {
      await this.writing.proved();
      await this.follow(this.feed.cursor);
    }
    this.send();
  }

  private unseated(refused: Refused): void {
    if (refused.code === IDLE) this.idle(refused);
    else this.moved(refused);
  }

  /** Nobody was at work here for too long: nothing is shown or sent until somebody signs in; nothing is lost. */
  private idle(refused: Refused): void {
    this.provedFor = "";
    Object.assign(this.state, { standing: "idle", refused, idleLeft: null });
  }

  /** Another key speaks for the seat: this page is of no use any more, unless it has that key itself. */
  private moved(refused: Refused): void {
    if (this.key === null || refused.detail["key"] !== this.key.text) return;
    this.writing.forget();
    this.provedFor = "";
    Object.assign(this.state, { standing: "signed_out", view: null, refused });
  }

  private async follow(since: number): Promise<void> {
    const session = this.state.who?.session ?? "";
    for (;;) {
      try {
        this.take((await this.line.ask(WIRE.FOLLOW, { session, since })) as News);
        return await this.taking;
      } catch (error) {
        if (error instanceof RefusedError) this.state.refused = error.refused;
        else if (!(error instanceof LineFault)) throw error;
        if (error instanceof RefusedError || !this.state.connected) return;
        await pause();
      }
    }
  }

  /** News one after the other: hashing waits, and their order is the record's. */
  private take(news: News): void {
    const mine = this.taking.then(async () => {
      if (news.view.session !== this.state.who?.session) return;
      const { feed } = this;
      const taken = await feed.take(news);
      Object.assign(this.state, {
        view: feed.view, lines: [...feed.lines], verified: feed.verified, forkedAt: feed.forkedAt,
        online: news.online, standing: this.provedFor === "" ? this.state.standing : "following",
      });
      if (taken.kind === "gap") void this.follow(taken.since);
      else void this.signed.look();
    });
    this.taking = mine.catch(() => undefined);
  }

  private async bind(attested: Attested): Promise<void> {
    const means = attested.means as Contents["BindSeat"]["means"];
    const { seat, attestation } = attested;
    const answer = await this.act("BindSeat", { seat, means, attestation });
    if (answer.refused !== null) throw new RefusedError(answer.refused);
  }

  private async header(session: string, stage: Stage): Promise<Header> {
    this.lastSeq = Math.max(this.lastSeq, this.outbox.highest()) + 1;
    const mine = session === this.state.who?.session ? this.feed.verified : null;
    return { session, author_at: Date.now(), author_seq: this.lastSeq, seen: mine ?? (await noHead()), stage };
  }

  private async loadOutbox(): Promise<void> {
    const { who } = this.state;
    const stored = await readAll<Waiting>("outbox");
    const mine = stored.filter((one) => one.session === who?.session && one.seat === who.seat);
    this.outbox = new Outbox(mine.map((one) => ({ ...one, sent_at: null })));
    for (const one of mine) {
      const { stage } = JSON.parse(one.submit.command) as { stage: Stage };
      const { session, command_id, type } = one;
      this.note({ session, command_id, type, stage, status: "sending", seq: -1, at: 0, refused: null });
    }
  }

  private send(): void {
    if (!this.state.connected || this.signed.stopped !== null) return;
    for (const one of this.outbox.due(Date.now())) {
      if (!this.sending.has(one.command_id)) void this.sendOne(one);
    }
  }

  private async sendOne(one: Waiting): Promise<void> {
    this.sending.add(one.command_id);
    this.outbox.sent(one.command_id, Date.now());
    try {
      await this.heard(one, (await this.line.ask(WIRE.ACT, one.submit)) as Answer);
    } catch (error) {
      if (error instanceof RefusedError) {
        const refused = error.refused;
        this.settle(one, { command_id: one.command_id, status: "refused", seq: -1, at: 0, refused, kept: null });
      } else if (!(error instanceof LineFault)) throw error;
    } finally {
      this.sending.delete(one.command_id);
    }
  }

  private late(answer: Answer): void {
    const one = this.outbox.find(answer.command_id);
    if (one !== undefined) void this.heard(one, answer);
  }

  /** A receipt counts only if it holds; one that does not is no receipt, and a person must know. */
  private async heard(one: Waiting, answer: Answer): Promise<void> {
    const { kept } = answer;
    const key = this.state.view?.venues.find((venue) => venue.venue === kept?.node)?.node_key;
    const doubted = kept !== null && key !== undefined && !(await proves(kept, one.submit.command, key));
    if (doubted) this.state.receiptDoubted = true;
    if (!doubted) this.settle(one, answer);
    else if (answer.status !== "kept") this.settle(one, { ...answer, kept: null });
  }

  private settle(one: Waiting, answer: Answer): void {
    const settled = this.outbox.answered(answer);
    const before = this.state.receipts.find((receipt) => receipt.command_id === one.command_id);
    if (before !== undefined) {
      const { status, seq, at, refused } = answer;
      this.note({ ...before, status, seq, at: at || (answer.kept?.at ?? 0), refused });
    }
    if (!settled) return;
    const last = Number(answer.refused?.code === "OutOfOrder" ? answer.refused.detail["last"] : 0);
    this.lastSeq = Math.max(this.lastSeq, Number.isSafeInteger(last) ? last : 0);
    void dropOne("outbox", one.command_id);
    this.settling.get(one.command_id)?.(answer);
    this.settling.delete(one.command_id);
    this.send();
  }

  private note(receipt: Receipt): void {
    const others = this.state.receipts.filter((one) => one.command_id !== receipt.command_id);
    this.state.receipts = [...others, receipt].slice(-RECEIPTS_MAX);
  }
}
