/**
 * The local node as the page holds it: what it tells, asked again and again while something is being done.
 *
 * The token comes in the address's fragment, leaves it at once, and lives in this tab alone.
 */

import { reactive } from "vue";
import type { Refused } from "@tongchang/protocol/generated/messages.ts";

export interface Sealed {
  readonly bid: string;
  readonly path: string;
  readonly bytes: number;
  readonly container: string;
  readonly files: number;
  readonly project: string;
  readonly lot: string;
  readonly envelope: string;
  readonly suite: string;
}

export interface Receipt {
  readonly at: number;
  readonly bid: string;
  readonly container: string;
  readonly receipt: string;
  readonly what: "received" | "withdrawn";
}

export interface Seen {
  readonly folder: string;
  readonly key: string;
  readonly sealed: Sealed | null;
  readonly to: string;
  readonly session: string;
  readonly deadline: number;
  readonly receipts: readonly Receipt[];
  readonly standing: boolean;
  readonly current: boolean;
  readonly released: string;
  readonly doing: { readonly what: string; readonly done: number; readonly total: number } | null;
  readonly trouble: { readonly zh: string; readonly en: string } | null;
}

export interface Entry {
  readonly name: string;
  readonly path: string;
  readonly folder: boolean;
  readonly bytes: number;
}

export interface Shelf {
  readonly path: string;
  readonly parent: string;
  readonly entries: readonly Entry[];
}

export interface Trouble {
  readonly zh: string;
  readonly en: string;
}

const KEPT = "tongchang-bidder-token";
const LOOK_MS = 400;

export class LocalDesk {
  readonly state = reactive<{ seen: Seen | null; refused: Refused | null; silent: boolean }>({
    seen: null,
    refused: null,
    silent: false,
  });
  private readonly token: string;
  private timer = 0;

  constructor() {
    const told = new URLSearchParams(location.hash.slice(1)).get("token");
    if (told !== null) {
      sessionStorage.setItem(KEPT, told);
      history.replaceState(null, "", location.pathname);
    }
    this.token = told ?? sessionStorage.getItem(KEPT) ?? "";
  }

  /** Looks at the desk now, and goes on while something is being done. */
  async look(): Promise<void> {
    window.clearTimeout(this.timer);
    const answer = await this.ask<Seen>("GET", "/api/desk");
    if (answer !== null) this.state.seen = answer;
    const busy = this.state.seen?.doing !== null || this.state.silent;
    this.timer = window.setTimeout(() => void this.look(), busy ? LOOK_MS : 5 * LOOK_MS);
  }

  stop(): void {
    window.clearTimeout(this.timer);
  }

  async start(what: "seal" | "upload" | "withdraw" | "unlock", particulars: object): Promise<void> {
    this.state.refused = null;
    await this.ask("POST", `/api/${what}`, particulars);
    await this.look();
  }

  /** A folder of this machine; or what is wrong with it. */
  async shelf(path: string): Promise<Shelf | Trouble | null> {
    return this.ask<Shelf | Trouble>("POST", "/api/shelf", { path });
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T | null> {
    const headers: Record<string, string> = { "Tongchang-Token": this.token };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    try {
      const answer = await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
      const told = (await answer.json()) as { refused?: Refused; trouble?: Trouble };
      this.state.silent = false;
      if (told.refused !== undefined) {
        this.state.refused = told.refused;
        return null;
      }
      return (told.trouble !== undefined && path === "/api/shelf" ? told.trouble : told) as T;
    } catch {
      this.state.silent = true;
      return null;
    }
  }
}
