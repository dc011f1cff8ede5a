/**
 * The line between a page and its own node: Socket.IO over WebSocket, namespace "/desk".
 * Every message is acknowledged with a reply or with `{refused}`; nothing here knows what for.
 */

import { type Socket, io } from "socket.io-client";
import type { Refused } from "../generated/messages.ts";

export const ASK_TIMEOUT_MS = 10_000;

/** The node refused, and says why and what to do next. */
export class RefusedError extends Error {
  readonly refused: Refused;

  constructor(refused: Refused) {
    super(`${refused.code}: ${refused.zh}`);
    this.refused = refused;
  }
}

/** No answer came: the line is cut or the node is silent. What was asked may be asked again. */
export class LineFault extends Error {}

/** What a desk needs of its line; tests give one of their own. */
export interface Line {
  readonly ask: (event: string, payload?: unknown) => Promise<unknown>;
  readonly on: (event: string, handler: (payload: unknown) => void) => void;
  readonly close: () => void;
}

export const CONNECTED = "connect";
export const DISCONNECTED = "disconnect";

export function openLine(address: string = window.location.origin): Line {
  const socket: Socket = io(`${address}/desk`, {
    transports: ["websocket"],
    reconnectionDelay: 300,
    reconnectionDelayMax: 3_000,
  });
  return {
    ask: async (event, payload) => {
      let reply: unknown;
      try {
        const asked = socket.timeout(ASK_TIMEOUT_MS);
        reply = await (payload === undefined ? asked.emitWithAck(event) : asked.emitWithAck(event, payload));
      } catch (error) {
        throw new LineFault(String(error));
      }
      return read(reply);
    },
    on: (event, handler) => {
      // Socket.IO's own events carry a reason in words, not a message.
      const own = event === CONNECTED || event === DISCONNECTED;
      socket.on(event, (payload: unknown) => handler(own ? payload : parsed(payload)));
    },
    close: () => {
      socket.close();
    },
  };
}

/** A reply as its struct, or the refusal thrown. */
export function read(reply: unknown): unknown {
  const value = parsed(reply);
  if (typeof value === "object" && value !== null && Object.keys(value).join() === "refused") {
    throw new RefusedError((value as { refused: Refused }).refused);
  }
  return value;
}

function parsed(payload: unknown): unknown {
  return typeof payload === "string" ? JSON.parse(payload) : payload;
}
