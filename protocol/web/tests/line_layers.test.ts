/** A line that is asked for the other picture of its source: on the connection that it has. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type LineState, PAUSE_MS_MAX, watch } from "../src/media/line.ts";

class Connection {
  static made: Connection[] = [];
  iceGatheringState = "complete";
  connectionState = "new";
  localDescription = { sdp: "offer" };
  onconnectionstatechange: () => void = () => undefined;
  constructor() {
    Connection.made.push(this);
  }
  addTransceiver(): void {}
  createOffer = async () => ({ sdp: "" });
  setLocalDescription = async () => undefined;
  setRemoteDescription = async () => undefined;
  /** Something comes all the time. */
  getStats = async () => new Map([["pair", { type: "candidate-pair", bytesReceived: performance.now() }]]);
  close(): void {
    this.connectionState = "closed";
  }
  be(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange();
  }
}

const worker = { url: "/media/here/s", session: "s", secret: "x", iceServers: [] };
let asked: string[];
let answers: number[];
let states: LineState[];

beforeEach(() => {
  vi.useFakeTimers();
  [asked, answers, states, Connection.made] = [[], [], [], []];
  vi.stubGlobal("RTCPeerConnection", Connection);
  vi.stubGlobal("MediaStream", class {});
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("removeEventListener", () => undefined);
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    if (url.includes("/alive/")) return new Promise(() => undefined);
    asked.push(`${init.method} ${url.replace("/media/here/s", "")}`);
    const status = init.method === "POST" ? 201 : (answers.shift() ?? 204);
    return new Response(status === 204 ? null : "answer", { status, headers: { Location: "/resource/1" } });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function up(thumb: boolean) {
  const line = watch(worker, "camera.M5", {} as HTMLVideoElement, "w", { thumb }, (now) => states.push(now));
  await vi.advanceTimersByTimeAsync(0);
  return line;
}

it("asks for the other picture on the line as it is, and offers nothing anew", async () => {
  const line = await up(true);
  Connection.made[0]?.be("connected");
  line.want("full");
  line.want("full");
  await vi.advanceTimersByTimeAsync(0);
  line.want("thumb");
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual([
    "POST /whep/s/camera.M5?window=w&layer=thumb",
    "PATCH /resource/1?layer=full",
    "PATCH /resource/1?layer=thumb",
  ]);
  expect(Connection.made.length).toBe(1);
  expect(states).toEqual(["live"]);
});

it("asks once its line is up for what was wanted meanwhile", async () => {
  const line = await up(false);
  line.want("thumb");
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual(["POST /whep/s/camera.M5?window=w"]);
  Connection.made[0]?.be("connected");
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.slice(1)).toEqual(["PATCH /resource/1?layer=thumb"]);
});

it("asks again where its node does not reach the worker, and offers nothing anew", async () => {
  answers = [503, 503, 204];
  const line = await up(false);
  Connection.made[0]?.be("connected");
  line.want("thumb");
  await vi.advanceTimersByTimeAsync(3 * PAUSE_MS_MAX);
  expect(asked.slice(1)).toEqual(Array(3).fill("PATCH /resource/1?layer=thumb"));
  expect(Connection.made.length).toBe(1);
});

it("is offered anew, for the picture that is wanted, where the worker knows no such line", async () => {
  answers = [404];
  const line = await up(false);
  Connection.made[0]?.be("connected");
  line.want("thumb");
  await vi.advanceTimersByTimeAsync(10);
  expect(asked.slice(1)).toEqual(["PATCH /resource/1?layer=thumb", "POST /whep/s/camera.M5?window=w&layer=thumb"]);
  expect(Connection.made.length).toBe(2);
});
