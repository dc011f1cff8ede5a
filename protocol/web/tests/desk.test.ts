import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fromBase64, toBase64 } from "../src/bytes.ts";
import { decode } from "../src/canonical.ts";
import { noHead } from "../src/command.ts";
import { sha256, tagged } from "../src/digest.ts";
import { type Answer, type Command, type Kept, type News, type Proof, type Submit, type View, WIRE } from "../src/generated/messages.ts";
import { Desk } from "../src/link/desk.ts";
import { freshState } from "../src/link/desk_state.ts";
import { CONNECTED, DISCONNECTED, type Line, LineFault, RefusedError } from "../src/link/socket.ts";
import golden from "../../../tests/protocol/golden/receipt-1.json";

const stored = vi.hoisted(() => ({ rooms: new Map<string, Map<string, unknown>>() }));

vi.mock("../src/storage.ts", () => {
  const room = (name: string) => {
    const found = stored.rooms.get(name) ?? new Map<string, unknown>();
    stored.rooms.set(name, found);
    return found;
  };
  return {
    readOne: async (name: string, key: string) => room(name).get(key),
    readAll: async (name: string) => [...room(name).values()],
    writeOne: async (name: string, key: string, value: unknown) => void room(name).set(key, value),
    dropOne: async (name: string, key: string) => void room(name).delete(key),
  };
});

/** A node in miniature: verifies what it is given and answers as it is told to. */
class Node implements Line {
  readonly handlers = new Map<string, (payload: unknown) => void>();
  readonly submitted: Submit[] = [];
  answer: (command: Command) => Answer | Error = (command) => accepted(command.command_id, 0);
  /** A refusal of every proof, where there is one. */
  turnsAway: RefusedError | null = null;
  news: News = { view: { session: "S", as_of: { size: 0, at: 0, root: "" }, venues: [] as View["venues"] } as View, since: 0, lines: [], online: true };
  proved = 0;

  on(event: string, handler: (payload: unknown) => void): void {
    this.handlers.set(event, handler);
  }

  tell(event: string, payload?: unknown): void {
    this.handlers.get(event)?.(payload);
  }

  close(): void {
    this.handlers.clear();
  }

  async ask(event: string, payload?: unknown): Promise<unknown> {
    switch (event) {
      case WIRE.SIGN_IN:
        return { ...(payload as object), means: "code", attestation: "ed25519:AA==" };
      case WIRE.CHALLENGE:
        return { nonce: toBase64(new Uint8Array(32)) };
      case WIRE.PROVE:
        return this.prove(payload as Proof);
      case WIRE.FOLLOW:
        return this.news;
      case WIRE.ACT:
        return this.act(payload as Submit);
      default:
        throw new LineFault(event);
    }
  }

  private async prove(proof: Proof): Promise<unknown> {
    const { sig, ...statement } = proof;
    expect(await verified(proof.key, await tagged("prove/v1", statement), sig)).toBe(true);
    if (this.turnsAway !== null) throw this.turnsAway;
    this.proved += 1;
    return { session: proof.session, seat: proof.seat, role: "expert", node: "hangzhou", author_seq: 4 };
  }

  private async act(submit: Submit): Promise<unknown> {
    const command = decode(submit.command) as Command;
    expect(await verified(command.author_key, await tagged("command/v1", command), submit.sig)).toBe(true);
    this.submitted.push(submit);
    const answer = this.answer(command);
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

async function verified(key: string, message: Uint8Array<ArrayBuffer>, sig: string): Promise<boolean> {
  const raw = await crypto.subtle.importKey("raw", fromBase64(key.slice(8)), "Ed25519", true, ["verify"]);
  return crypto.subtle.verify("Ed25519", raw, fromBase64(sig.slice(8)), message);
}

function accepted(command_id: string, seq: number): Answer {
  return { command_id, status: "accepted", seq, at: 1, refused: null, kept: null };
}

function commandOf(submit: Submit | undefined): Command {
  return decode(submit?.command ?? "null") as Command;
}

let node: Node;
let desk: Desk;

beforeEach(async () => {
  stored.rooms.clear();
  node = new Node();
  node.news.view.as_of.root = toBase64(await sha256(new Uint8Array()));
  desk = new Desk(node, freshState());
  node.tell(CONNECTED);
});

afterEach(() => desk.close());

test("a code becomes a key, a signed binding, a proof, and a followed session", async () => {
  await desk.signIn("S", "M5", " K7QM-3XWD ");
  const bound = commandOf(node.submitted[0]);
  expect([bound.type, bound.author_seq, bound.seen]).toEqual(["BindSeat", 1, await noHead()]);
  expect(bound.content).toEqual({ seat: "M5", means: "code", attestation: "ed25519:AA==" });
  expect([desk.state.standing, desk.state.role, desk.state.online]).toEqual(["following", "expert", true]);
  const held = stored.rooms.get("keys")?.get("S/M5") as { pair: CryptoKeyPair };
  expect(held.pair.privateKey.extractable).toBe(false);
});

test("acts are numbered above what the node has seen of this key", async () => {
  await desk.signIn("S", "M5", "code");
  await desk.act("CheckIn", { undertaking: "", recusal: "none" });
  await desk.act("SealSheet", { commitment: "" });
  expect(node.submitted.map((one) => commandOf(one).author_seq)).toEqual([1, 5, 6]);
});

test("a command that was not answered goes out again with the same bytes", async () => {
  await desk.signIn("S", "M5", "code");
  let cut = true;
  node.answer = (command) => (cut ? new LineFault("cut") : accepted(command.command_id, 9));
  const settled = desk.act("CheckIn", { undertaking: "", recusal: "none" });
  await vi.waitFor(() => expect(node.submitted).toHaveLength(2));
  expect(stored.rooms.get("outbox")?.size).toBe(1);
  node.tell(DISCONNECTED);
  cut = false;
  node.tell(CONNECTED);
  expect((await settled).seq).toBe(9);
  expect(node.submitted[2]).toEqual(node.submitted[1]);
  expect(stored.rooms.get("outbox")?.size).toBe(0);
});

test("a page that comes back proves its key and sends what it had not seen answered", async () => {
  await desk.signIn("S", "M5", "code");
  node.answer = () => new LineFault("cut");
  void desk.act("CheckIn", { undertaking: "", recusal: "none" });
  await vi.waitFor(() => expect(node.submitted).toHaveLength(2));
  desk.close();

  const again = new Node();
  again.news = node.news;
  const reloaded = new Desk(again, freshState());
  again.tell(CONNECTED);
  await reloaded.resume({ session: "S", seat: "M5" });
  await vi.waitFor(() => expect(reloaded.state.receipts[0]?.status).toBe("accepted"));
  expect(again.proved).toBe(1);
  expect(again.submitted).toEqual([node.submitted[1]]);
  reloaded.close();
});

test("a kept act shows so, and its answer that comes later settles it", async () => {
  await desk.signIn("S", "M5", "code");
  node.answer = (command) => ({ ...accepted(command.command_id, -1), status: "kept", kept: null });
  const settled = desk.act("CheckIn", { undertaking: "", recusal: "none" });
  await vi.waitFor(() => expect(desk.state.receipts.at(-1)?.status).toBe("kept"));
  node.tell("answer", accepted(commandOf(node.submitted[1]).command_id, 12));
  expect((await settled).seq).toBe(12);
  expect(desk.state.receipts.at(-1)).toMatchObject({ status: "accepted", seq: 12 });
});

test("a receipt that does not hold is no receipt, and a person is told", async () => {
  const venue = { venue: "shanghai", province: "shanghai", role: "sub", node_key: golden.node_key, zh: null, en: null, counts: [], line: "unknown" as const, line_since: 0 };
  node.news.view.venues = [venue];
  await desk.signIn("S", "M5", "code");
  expect(desk.state.receiptDoubted).toBe(false);
  node.answer = (command) => ({
    ...accepted(command.command_id, -1), status: "kept",
    kept: { ...(golden.kept as Kept), session: "S", command_id: command.command_id },
  });
  void desk.act("CheckIn", { undertaking: "", recusal: "none" });
  await vi.waitFor(() => expect(desk.state.receiptDoubted).toBe(true));
  expect(desk.state.receipts.at(-1)?.status).toBe("sending");
});

test("a refusal is an answer: shown with its code, never sent again, and the next act goes on", async () => {
  await desk.signIn("S", "M5", "code");
  node.answer = () => new RefusedError({ code: "OutOfOrder", zh: "", en: "", detail: { last: "40" } });
  const answer = await desk.act("CheckIn", { undertaking: "", recusal: "none" });
  expect(answer.refused?.code).toBe("OutOfOrder");
  node.answer = (command) => accepted(command.command_id, 1);
  await desk.act("CheckIn", { undertaking: "", recusal: "none" });
  expect(commandOf(node.submitted.at(-1)).author_seq).toBe(41);
});

test("a wrong code leaves nobody signed in and says why", async () => {
  const ask = node.ask.bind(node);
  node.ask = async (event, payload) => {
    if (event === WIRE.SIGN_IN) throw new RefusedError({ code: "BadCode", zh: "", en: "", detail: { left: "4" } });
    return ask(event, payload);
  };
  await expect(desk.signIn("S", "M5", "WRONG")).rejects.toThrow("BadCode");
  expect([desk.state.standing, desk.state.who]).toEqual(["signed_out", null]);
});

test("a line that is just coming up is waited for before a person is told", async () => {
  const ask = node.ask.bind(node);
  let tries = 0;
  node.ask = async (event, payload) => {
    if (event === WIRE.SIGN_IN && ++tries < 3) throw new RefusedError({ code: "LineDown", zh: "", en: "", detail: {} });
    return ask(event, payload);
  };
  await desk.signIn("S", "M5", "code");
  expect([tries, desk.state.standing]).toEqual([3, "following"]);
});

test("a page whose seat was signed in elsewhere says so and shows nothing more", async () => {
  await desk.signIn("S", "M5", "code");
  const key = commandOf(node.submitted[0]).author_key;
  node.tell(WIRE.UNSEATED, { code: "SeatMoved", zh: "", en: "", detail: { seat: "M5", key: "ed25519:another" } });
  expect(desk.state.standing).toBe("following");
  node.tell(WIRE.UNSEATED, { code: "SeatMoved", zh: "", en: "", detail: { seat: "M5", key } });
  expect([desk.state.standing, desk.state.view, desk.state.refused?.code]).toEqual(["signed_out", null, "SeatMoved"]);
});

test("without a key there is nothing to resume", async () => {
  await desk.resume({ session: "S", seat: "M9" });
  expect(desk.state.standing).toBe("signed_out");
});

test("who was idle is locked out with all that is on the page, and signs in again with the same key", async () => {
  await desk.signIn("S", "M5", "code");
  const refused = { code: "SignInIdle", zh: "", en: "", detail: { minutes: "30" } };
  const idle = new RefusedError(refused);
  node.turnsAway = idle;
  const { view } = desk.state;
  const before = stored.rooms.get("keys")?.get("S/M5");
  node.tell(WIRE.UNSEATED, refused);
  expect([desk.state.standing, desk.state.view, desk.state.refused?.code]).toEqual(["idle", view, "SignInIdle"]);
  // News that were on their way already do not open it again.
  node.tell(WIRE.NEWS, node.news);
  await desk.seatAgain();
  expect([desk.state.standing, desk.state.refused?.code]).toEqual(["idle", "SignInIdle"]);
  // An act that was refused for it waits in the browser until it is taken.
  node.answer = () => idle;
  const waiting = desk.act("CheckIn", { undertaking: "", recusal: "none" });
  await vi.waitFor(() => expect(node.submitted.length).toBe(2));
  expect(stored.rooms.get("outbox")?.size).toBe(1);
  node.turnsAway = null;
  node.answer = (command) => accepted(command.command_id, 7);
  await desk.signInAgain("code");
  expect([desk.state.standing, desk.state.refused, stored.rooms.get("keys")?.get("S/M5")]).toEqual(["following", null, before]);
  node.tell(CONNECTED);
  expect((await waiting).seq).toBe(7);
  expect(node.submitted.map((one) => commandOf(one).type)).toEqual(["BindSeat", "CheckIn", "CheckIn"]);
});
