/**
 * Which of a seat's windows writes, as this one knows (SPEC 12.4): it asks its node, takes over with
 * the seat's signature, and otherwise reads. Asks only once somebody here wants to write.
 */

import { tagged } from "../digest.ts";
import { type Pen, WIRE } from "../generated/messages.ts";
import type { SeatKey } from "../seat_key.ts";
import type { DeskState } from "./desk_state.ts";
import { type Line, LineFault, RefusedError } from "./socket.ts";

/** A reader asks again so often: the writer's window may be closed by now. */
export const READER_ASKS_MS = 4_000;

const REMEMBERED = "tongchang.window";

export class Writing {
  private wanted = false;
  private window = ownWindow();
  private later: ReturnType<typeof setTimeout> | undefined;
  private readonly line: Line;
  private readonly state: DeskState;
  private readonly key: () => SeatKey | null;

  constructor(line: Line, state: DeskState, key: () => SeatKey | null) {
    this.line = line;
    this.state = state;
    this.key = key;
    line.on(WIRE.PEN, (payload) => this.hear(payload as Pen));
  }

  /** This window's own id; a reload keeps it. */
  get name(): string {
    return this.window;
  }

  /** Somebody wants to write here: ask, now and after every proof. */
  async want(): Promise<void> {
    this.wanted = true;
    await this.ask();
  }

  /** The key was proved on a fresh connection. Whoever only read lets the writer be first. */
  async proved(): Promise<void> {
    if (!this.wanted) return;
    if (this.state.pen !== null && !this.state.pen.mine) this.askLater();
    else await this.ask();
  }

  /** Asks who writes; this window does if nobody else. Silence changes nothing. */
  async ask(): Promise<void> {
    const { who } = this.state;
    if (who === null || !this.state.connected) return;
    try {
      const pen = (await this.line.ask(WIRE.PEN, { ...who, window: this.window, over: "", at: 0, sig: "" })) as Pen;
      if (!pen.mine && pen.window === this.window) {
        // Two windows under one id: a browser copies it when a tab is duplicated.
        this.window = newWindow();
        this.hear({ ...pen, mine: false });
        return;
      }
      this.hear(pen);
    } catch (error) {
      if (!(error instanceof LineFault || error instanceof RefusedError)) throw error;
      this.askLater();
    }
  }

  /** Takes over from the window that writes. The caller shows a refusal or silence. */
  async takeOver(): Promise<void> {
    const { pen, who } = this.state;
    const key = this.key();
    if (who === null || key === null) throw new LineFault("not signed in");
    if (pen === null || pen.window === "") return this.ask();
    const statement = { ...who, key: key.text, window: this.window, over: pen.window, at: Date.now() };
    const sig = await key.sign(await tagged("take-over/v1", statement));
    const { key: _, ...wanted } = statement;
    this.hear((await this.line.ask(WIRE.PEN, { ...wanted, sig })) as Pen);
  }

  /** Nothing is known any more: the seat was left. */
  forget(): void {
    clearTimeout(this.later);
    this.wanted = false;
    this.state.pen = null;
  }

  private hear(pen: Pen): void {
    const { who } = this.state;
    if (!this.wanted || pen.session !== who?.session || pen.seat !== who.seat) return;
    this.state.pen = pen;
    if (!pen.mine) this.askLater();
  }

  private askLater(): void {
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      if (this.wanted) void this.ask();
    }, READER_ASKS_MS);
  }
}

function ownWindow(): string {
  try {
    return sessionStorage.getItem(REMEMBERED) ?? newWindow();
  } catch {
    return crypto.randomUUID();
  }
}

function newWindow(): string {
  const made = crypto.randomUUID();
  try {
    sessionStorage.setItem(REMEMBERED, made);
  } catch {
    // A browser without storage: the id lasts as long as the page.
  }
  return made;
}
