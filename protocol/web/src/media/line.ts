/**
 * A line to a media worker: one source published, or one source watched, and offered anew whenever it breaks.
 *
 * Owns offers, answers and pauses (SPEC 30.4, 30.5); knows no framework and no page. A network that changes is
 * mended without the person doing anything: a new offer at once, then after pauses that double.
 */

import { come, gathered, soundAskedAgain } from "./connection.ts";

/** Where a page asks, and with which secret of its node. */
export interface Worker {
  url: string;
  session: string;
  secret: string;
  iceServers: RTCIceServer[];
}

/** What a line is at: `refused` is final, everything else mends itself. */
export type LineState = "connecting" | "live" | "waiting" | "refused";

/** The full picture of a source, or the small one. */
export type Picture = "full" | "thumb";

/** What a line bears: one of them, or none of both (its sound goes on). */
export type Layer = Picture | "none";

/** A source as the worker tells of it: venue and seat, nothing else of a person. */
export interface Shown {
  source: string;
  device: "camera" | "screen" | "room" | "talk" | "call";
  seat: string;
  role: string;
  venue: string;
  live: boolean;
}

/** What a page is told by its node (SPEC 30.6): a secret for each place, empty where there is no worker. */
export interface Given {
  session: string;
  source: string;
  here: string;
  house: string;
}

export const PAUSE_MS_MIN = 250;
export const PAUSE_MS_MAX = 1_000;
export const NOT_LIVE_MS = 1_000;
export const DISCONNECTED_MS = 1_000;
/** Nothing at all for so long on a line that was up: its network is another one, or gone. */
export const SILENT_MS = 2_000;
const LOOK_MS = 250;
const ANSWER_MS = 10_000;

/** The pause before a line is offered again, after so many offers in a row that failed. */
export function pauseMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** (failures - 1));
}

/** What a worker tells a page: `lines` by the windows of its lines, the most that each of them bears now. */
export interface Told {
  iceServers: RTCIceServer[];
  lines?: Record<string, Layer>;
  sources: Shown[];
}

/** What this page may be shown, live or not, and the servers that its lines use. */
export async function sources(worker: Worker): Promise<Told> {
  const answer = await fetch(`${worker.url}/sources/${worker.session}`, { headers: bearer(worker) });
  if (!answer.ok) {
    throw new Error(`sources: ${answer.status}`);
  }
  return (await answer.json()) as Told;
}

/** How the small picture beside the full one is sent. A bad line loses pixels first: sound has priority. */
const THUMB: RTCRtpEncodingParameters = { scaleResolutionDownBy: 4, maxBitrate: 120_000, maxFramerate: 8, priority: "low" };
const FULL: RTCRtpEncodingParameters = { maxBitrate: 1_500_000, priority: "very-low" };
const SOUND: RTCRtpEncodingParameters = { priority: "high", networkPriority: "high" };

/** Lines by worker, each told to offer anew when another worker holds an answer open than the one before. */
const held = new Map<string, Set<() => void>>();

/**
 * Have a worker hold an answer open for all lines of this page to it. The node ends it in order when the worker
 * has died, and lines are offered anew once there is another one; when the node itself goes, pictures go on.
 */
function hold(worker: Worker, renew: () => void): () => void {
  const lines = held.get(worker.url) ?? new Set();
  const isFirst = lines.size === 0;
  lines.add(renew);
  held.set(worker.url, lines);
  if (isFirst) void holding(worker, lines);
  return () => lines.delete(renew);
}

async function holding(worker: Worker, lines: Set<() => void>): Promise<void> {
  let hasDied = false;
  while (lines.size > 0) {
    const ending = new AbortController();
    const watching = setInterval(() => lines.size === 0 && ending.abort(), NOT_LIVE_MS);
    try {
      const answer = await fetch(`${worker.url}/alive/${worker.session}`, { headers: bearer(worker), signal: ending.signal });
      if (answer.ok) {
        if (hasDied) for (const renew of [...lines]) renew();
        hasDied = false;
        await answer.text();
        hasDied = true;
      }
    } catch {
      // The node has gone, or this page lets go: that says nothing of the worker.
    }
    clearInterval(watching);
    await new Promise((done) => setTimeout(done, PAUSE_MS_MIN));
  }
}

/** One source, kept up until `close`. */
export class Line {
  state: LineState = "connecting";
  private connection: RTCPeerConnection | null = null;
  private resource = "";
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private layer: Picture;
  private told: Picture;
  private asking = false;
  private heard = -1;
  private heardMs = 0;
  private readonly looking: ReturnType<typeof setInterval>;
  private readonly letGo: () => void;

  private readonly worker: Worker;
  private readonly path: string;
  private readonly prepare: (connection: RTCPeerConnection) => void;
  private readonly changed: (state: LineState) => void;

  constructor(
    worker: Worker,
    path: string,
    prepare: (connection: RTCPeerConnection) => void,
    changed: (state: LineState) => void,
    layer: Picture = "full",
  ) {
    this.layer = this.told = layer;
    this.worker = worker;
    this.path = path;
    this.prepare = prepare;
    this.changed = changed;
    globalThis.addEventListener("online", this.renew);
    this.letGo = hold(worker, this.renew);
    this.looking = setInterval(() => void this.listen(), LOOK_MS);
    void this.offer();
  }

  /** End the line, and tell the worker so. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.looking);
    globalThis.removeEventListener("online", this.renew);
    this.letGo();
    this.connection?.close();
    if (this.resource !== "") {
      await fetch(this.worker.url + this.resource, { method: "DELETE", headers: bearer(this.worker) }).catch(() => null);
    }
  }

  /** Show the full picture or the small one, on the line as it is: the one before stays until the other is there. */
  want(layer: Picture): void {
    this.layer = layer;
    void this.ask();
  }

  /** The line as it is now, for measuring. */
  get peer(): RTCPeerConnection | null {
    return this.connection;
  }

  private readonly renew = (): void => {
    this.failures = 0;
    this.again(0);
  };

  /** A browser may say nothing of its network for half a minute; what no longer comes says it at once. */
  private async listen(): Promise<void> {
    const connection = this.connection;
    if (connection === null || connection.connectionState !== "connected") {
      this.heard = -1;
      return;
    }
    const heard = come(await connection.getStats());
    if (this.connection !== connection || this.closed) return;
    if (heard !== this.heard) {
      this.heard = heard;
      this.heardMs = performance.now();
    } else if (performance.now() - this.heardMs >= SILENT_MS) {
      this.heard = -1;
      this.renew();
    }
  }

  /** Say which picture is wanted until the worker has heard it; one that knows no such line is offered to anew. */
  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    while (this.connection?.connectionState === "connected" && this.layer !== this.told && !this.closed) {
      const { connection, layer } = this;
      const answer = await fetch(`${this.worker.url}${this.resource}?layer=${layer}`, {
        method: "PATCH",
        headers: bearer(this.worker),
        signal: AbortSignal.timeout(ANSWER_MS),
      }).catch(() => null);
      if (this.connection !== connection) continue;
      if (answer?.ok === true) {
        this.told = layer;
      } else if (answer !== null && answer.status < 500) {
        this.renew();
        break;
      } else {
        await new Promise((done) => setTimeout(done, PAUSE_MS_MAX));
      }
    }
    this.asking = false;
  }

  private tell(state: LineState): void {
    if (this.state !== state) {
      this.state = state;
      this.changed(state);
    }
  }

  private again(afterMs: number): void {
    if (!this.closed) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.offer(), afterMs);
    }
  }

  private failed(): void {
    this.failures += 1;
    this.tell("connecting");
    this.again(pauseMs(this.failures));
  }

  private async offer(): Promise<void> {
    this.connection?.close();
    const connection = new RTCPeerConnection({ iceServers: this.worker.iceServers, bundlePolicy: "max-bundle" });
    this.connection = connection;
    this.prepare(connection);
    const layer = (this.told = this.layer);
    connection.onconnectionstatechange = () => this.watch(connection);
    try {
      const offered = await connection.createOffer();
      await connection.setLocalDescription({ type: "offer", sdp: soundAskedAgain(offered.sdp ?? "") });
      await gathered(connection);
      const answer = await fetch(this.worker.url + this.path + (layer === "thumb" ? "&layer=thumb" : ""), {
        method: "POST",
        headers: { ...bearer(this.worker), "Content-Type": "application/sdp" },
        body: connection.localDescription?.sdp ?? "",
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      if (this.connection !== connection || this.closed) {
        return;
      }
      if (answer.status === 409) {
        this.tell("waiting");
        this.again(NOT_LIVE_MS);
      } else if (answer.status === 401 || answer.status === 403) {
        this.tell("refused");
      } else if (answer.status === 201) {
        this.resource = answer.headers.get("Location") ?? "";
        await connection.setRemoteDescription({ type: "answer", sdp: await answer.text() });
      } else if (answer.status === 406) {
        this.resource = answer.headers.get("Location") ?? "";
        await this.accept(connection, await answer.text());
      } else {
        this.failed();
      }
    } catch {
      if (this.connection === connection && !this.closed) {
        this.failed();
      }
    }
  }

  /** The worker makes the offer itself: it takes the place of ours, and is answered. */
  private async accept(connection: RTCPeerConnection, offered: string): Promise<void> {
    await connection.setRemoteDescription({ type: "offer", sdp: offered });
    const answered = await connection.createAnswer();
    await connection.setLocalDescription({ type: "answer", sdp: soundAskedAgain(answered.sdp ?? "") });
    await gathered(connection);
    const taken = await fetch(this.worker.url + this.resource, {
      method: "PATCH",
      headers: { ...bearer(this.worker), "Content-Type": "application/sdp" },
      body: connection.localDescription?.sdp ?? "",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (!taken.ok && this.connection === connection && !this.closed) {
      this.failed();
    }
  }

  private watch(connection: RTCPeerConnection): void {
    if (this.connection !== connection || this.closed) {
      return;
    }
    if (connection.connectionState === "connected") {
      this.failures = 0;
      clearTimeout(this.timer);
      this.tell("live");
      void this.ask();
    } else if (connection.connectionState === "disconnected") {
      this.again(DISCONNECTED_MS);
    } else if (connection.connectionState === "failed" || connection.connectionState === "closed") {
      this.failed();
    }
  }
}

/** Publish a stream (camera and microphone, or a screen) under a source's name, with a small picture beside it. */
export function publish(
  worker: Worker,
  source: string,
  stream: MediaStream,
  changed: (state: LineState) => void = () => undefined,
  options: { thumb?: boolean } = {},
): Line {
  const prepare = (connection: RTCPeerConnection): void => {
    for (const track of stream.getTracks()) {
      const sendEncodings = track.kind === "video" ? [FULL] : [SOUND];
      connection.addTransceiver(track, { direction: "sendonly", streams: [stream], sendEncodings });
    }
    const [picture] = options.thumb === true ? stream.getVideoTracks() : [];
    if (picture !== undefined) {
      connection.addTransceiver(picture.clone(), { direction: "sendonly", streams: [stream], sendEncodings: [THUMB] });
    }
  };
  return new Line(worker, `/whip/${worker.session}/${source}`, prepare, changed);
}

/** Watch a source in a video element; sound only where the element is not muted. */
export function watch(
  worker: Worker,
  source: string,
  element: HTMLVideoElement,
  windowId: string,
  options: { thumb?: boolean } = {},
  changed: (state: LineState) => void = () => undefined,
): Line {
  const prepare = (connection: RTCPeerConnection): void => {
    const stream = new MediaStream();
    element.srcObject = stream;
    connection.ontrack = (event) => stream.addTrack(event.track);
    connection.addTransceiver("video", { direction: "recvonly" });
    connection.addTransceiver("audio", { direction: "recvonly" });
  };
  const query = new URLSearchParams({ window: windowId });
  const path = `/whep/${worker.session}/${source}?${query.toString()}`;
  return new Line(worker, path, prepare, changed, options.thumb === true ? "thumb" : "full");
}

/** Hear a source that is sound alone. */
export function listen(
  worker: Worker,
  source: string,
  element: HTMLAudioElement,
  windowId: string,
  changed: (state: LineState) => void = () => undefined,
): Line {
  const prepare = (connection: RTCPeerConnection): void => {
    const stream = new MediaStream();
    element.srcObject = stream;
    connection.ontrack = (event) => stream.addTrack(event.track);
    connection.addTransceiver("audio", { direction: "recvonly" });
  };
  const query = new URLSearchParams({ window: windowId });
  return new Line(worker, `/whep/${worker.session}/${source}?${query.toString()}`, prepare, changed);
}

function bearer(worker: Worker): Record<string, string> {
  return { Authorization: `Bearer ${worker.secret}` };
}
