/** The frames that a node pushes, as the browser's own Socket.IO client reads them. */

import { decodePacket } from "engine.io-parser";
import { Decoder, type Packet, PacketType } from "socket.io-parser";
import { expect, test } from "vitest";
import golden from "../../../tests/protocol/golden/frames-1.json";
import { fromHex, toHex, utf8 } from "../src/bytes.ts";
import { sha256 } from "../src/digest.ts";

interface Vector {
  namespace: string;
  event: string;
  head: string;
  sha256: string;
  text?: string;
  payload?: string;
  letter?: string;
  letters?: number;
}

function textOf(vector: Vector): { text: string; value: unknown } {
  const payload = vector.payload ?? JSON.stringify((vector.letter ?? "").repeat(vector.letters ?? 0));
  const place = vector.namespace === "/" ? "" : `${vector.namespace},`;
  return { text: `42${place}["${vector.event}",${payload}]`, value: JSON.parse(payload) };
}

function read(text: string): Packet {
  const message = decodePacket(text, "blob");
  expect(message.type).toBe("message");
  const found: Packet[] = [];
  const decoder = new Decoder();
  decoder.on("decoded", (packet: Packet) => found.push(packet));
  decoder.add(message.data);
  expect(found).toHaveLength(1);
  return found[0] as Packet;
}

test("the browser's parser reads every golden frame, and none asks for an acknowledgement", () => {
  for (const vector of golden as Vector[]) {
    const { text, value } = textOf(vector);
    if (vector.text !== undefined) expect(text).toBe(vector.text);
    const packet = read(text);
    expect(packet.type).toBe(PacketType.EVENT);
    expect(packet.nsp).toBe(vector.namespace);
    expect(packet.id).toBeUndefined();
    expect(packet.data).toEqual([vector.event, value]);
  }
});

test("the golden frames are whole, final and unmasked text", async () => {
  for (const vector of golden as Vector[]) {
    const text = utf8(textOf(vector).text);
    const head = fromHex(vector.head);
    const told = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const second = told.getUint8(1);
    expect(told.getUint8(0)).toBe(0x81);
    expect(second).toBe(text.length < 126 ? text.length : text.length < 65_536 ? 126 : 127);
    if (second === 126) expect(told.getUint16(2)).toBe(text.length);
    if (second === 127) expect(Number(told.getBigUint64(2))).toBe(text.length);
    const whole = new Uint8Array([...head, ...text]);
    expect(toHex(await sha256(whole))).toBe(vector.sha256);
  }
});
