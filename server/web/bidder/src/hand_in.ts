/**
 * Carrying a sealed bid to the coordinator (SPEC 23.1): header and trailer first, then each missing segment,
 * going on by itself after a cut. The page opens nothing and holds no key; what it carries was sealed elsewhere.
 */

import { toBase64 } from "@tongchang/protocol/bytes.ts";
import type { Refused } from "@tongchang/protocol/generated/messages.ts";

const MAGIC_BYTES = 8;
const LENGTH_BYTES = 4;
const END_BYTES = 8;
const ENDS_BYTES_MAX = 524_288;
const SEGMENT_BYTES = 4_194_304;
const PAUSE_MS_MAX = 15_000;
const TRIES_MAX = 60;
const AGAIN = new Set(["TooBusy", "NotDurable", "ReceivingElsewhere", "UploadUnknown", "SegmentDamaged"]);

export interface HandedIn {
  readonly by: string;
  readonly receipt: { readonly at: number; readonly bid: string; readonly container: string };
  readonly sig: string;
}

interface Begun {
  readonly missing: readonly number[];
  readonly receipt: HandedIn | null;
  readonly segments: number;
  readonly token: string;
}

/** The coordinator refused, or the file is no sealed bid (`ContainerBroken`). */
export class HandInRefused extends Error {
  readonly refused: Refused;

  constructor(refused: Refused) {
    super(refused.code);
    this.refused = refused;
  }
}

class Cut extends Error {}

/** Hands a container in; `tell` hears how many of its segments are kept. */
export async function handIn(
  file: Blob,
  session: string,
  ticket: string,
  tell: (kept: number, of: number) => void,
): Promise<HandedIn> {
  const { header, trailer, start, end } = await ends(file);
  const asked = JSON.stringify({ header: toBase64(header), session, ticket, trailer: toBase64(trailer) });
  let pause = 200;
  for (let tries = 0; ; tries += 1) {
    try {
      const begun = await ask<Begun>("POST", "/bids/api/begin", asked, { "Content-Type": "application/json" });
      if (begun.receipt !== null) return begun.receipt;
      let kept = begun.segments - begun.missing.length;
      tell(kept, begun.segments);
      for (const number of begun.missing) {
        const at = start + number * SEGMENT_BYTES;
        const told = { Authorization: `Bearer ${begun.token}`, Segment: String(number) };
        const data = file.slice(at, Math.min(at + SEGMENT_BYTES, end));
        const done = await ask<{ receipt: HandedIn | null }>("PUT", "/bids/api/segment", data, told);
        kept += 1;
        [tries, pause] = [0, 200];
        tell(kept, begun.segments);
        if (done.receipt !== null) return done.receipt;
      }
    } catch (error) {
      const again = error instanceof Cut || (error instanceof HandInRefused && AGAIN.has(error.refused.code));
      if (!again || tries >= TRIES_MAX) throw error;
    }
    await new Promise((go) => window.setTimeout(go, pause));
    pause = Math.min(2 * pause, PAUSE_MS_MAX);
  }
}

interface Ends {
  readonly header: Uint8Array;
  readonly trailer: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** A container's header and trailer, and where its sealed bytes lie. */
async function ends(file: Blob): Promise<Ends> {
  const begin = MAGIC_BYTES + LENGTH_BYTES;
  const behind = LENGTH_BYTES + END_BYTES;
  const header = await length(file, MAGIC_BYTES);
  const trailer = await length(file, file.size - behind);
  const end = file.size - behind - trailer;
  const bytes = async (from: number, to: number): Promise<Uint8Array> =>
    new Uint8Array(await file.slice(from, to).arrayBuffer());
  if (begin + header > end) throw broken();
  return {
    header: await bytes(begin, begin + header),
    trailer: await bytes(end, file.size - behind),
    start: begin + header,
    end,
  };
}

async function length(file: Blob, at: number): Promise<number> {
  const raw = await file.slice(at, at + LENGTH_BYTES).arrayBuffer();
  const found = raw.byteLength === LENGTH_BYTES ? new DataView(raw).getUint32(0) : 0;
  if (found < 2 || found > ENDS_BYTES_MAX) throw broken();
  return found;
}

function broken(): HandInRefused {
  return new HandInRefused({
    code: "ContainerBroken",
    zh: "这不是完整的已密封标书文件。请选择 tongchang seal 或 tongchang bidder 生成的文件。",
    en: "This is no whole sealed bid. Choose the file that tongchang seal or tongchang bidder made.",
    detail: { part: "end" },
  });
}

async function ask<T>(method: string, path: string, body: BodyInit, headers: Record<string, string>): Promise<T> {
  let answer: Response;
  let told: T & { refused?: Refused };
  try {
    answer = await fetch(path, { method, headers, body, credentials: "omit" });
    told = (await answer.json()) as T & { refused?: Refused };
  } catch (error) {
    throw new Cut(String(error));
  }
  if (told.refused !== undefined) throw new HandInRefused(told.refused);
  if (!answer.ok) throw new Cut(String(answer.status));
  return told;
}
