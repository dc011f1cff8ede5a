/** How the house stands, as the coordinator tells it live; and the way in where it is another machine's browser. */

import { reactive } from "vue";

export interface Problem {
  readonly code: string;
  readonly grave: "bad" | "warn";
  readonly about: string;
  readonly zh: string;
  readonly en: string;
  readonly remedy_zh: string;
  readonly remedy_en: string;
}

export interface NodeState {
  readonly node: string;
  readonly zh: string;
  readonly en: string;
  readonly province: string;
  readonly online: boolean;
  readonly since: number;
  readonly behind: number;
}

export interface SessionState {
  readonly session: string;
  readonly size: number;
  readonly phase: string;
  readonly at: number;
  readonly stages: readonly { readonly lot: string; readonly envelope: string; readonly phase: string }[];
  readonly awaited: readonly { readonly role: string; readonly act: string; readonly count: number }[];
  readonly writer: string;
}

/** `server/gateway/overview.py`: Overview. */
export interface Overview {
  readonly coordinator: string;
  readonly installation_key: string;
  readonly at: number;
  readonly since: number;
  readonly ready: boolean;
  readonly durable: boolean;
  readonly database: "sqlite" | "postgresql";
  readonly held: number;
  readonly bus: "alone" | "here" | "away";
  readonly nodes: readonly NodeState[];
  readonly sessions: readonly SessionState[];
  readonly sessions_awake: number;
  readonly bidders_watching: number;
  readonly appends: { readonly p50_ms: number; readonly p99_ms: number };
  readonly machine: {
    readonly process_bytes: number;
    readonly available_bytes: number;
    readonly disk_free_bytes: number;
    readonly disk_bytes: number;
    readonly database_bytes: number;
  };
  readonly versions: { readonly tongchang: string; readonly python: string; readonly system: string };
  readonly problems: readonly Problem[];
}

export interface OverviewState {
  standing: "starting" | "denied" | "watching";
  /** Whether the coordinator has a token to sign in with. */
  token: boolean;
  connected: boolean;
  wrong: boolean;
  told: Overview | null;
}

export class OverviewDesk {
  readonly state: OverviewState = reactive<OverviewState>({
    standing: "starting", token: false, connected: false, wrong: false, told: null,
  });
  private source: EventSource | null = null;

  async open(): Promise<void> {
    const access = await ask("/overview/api/access");
    if (access === null) return void setTimeout(() => void this.open(), 2_000);
    const told = (await access.json()) as { allowed: boolean; token: boolean };
    this.state.token = told.token;
    if (told.allowed) this.watch();
    else this.state.standing = "denied";
  }

  async signIn(token: string): Promise<void> {
    const headers = { "Content-Type": "application/json" };
    const answer = await ask("/overview/api/sign_in", { method: "POST", headers, body: JSON.stringify({ token }) });
    this.state.wrong = !(answer?.ok ?? false);
    if (!this.state.wrong) this.watch();
  }

  close(): void {
    this.source?.close();
  }

  /** A stream that the coordinator ended is asked for anew; whether one may, it says each time. */
  private watch(): void {
    this.source?.close();
    const source = new EventSource("/overview/api/events");
    this.source = source;
    this.state.standing = "watching";
    source.addEventListener("overview", (event) => {
      this.state.told = JSON.parse((event as MessageEvent<string>).data) as Overview;
      this.state.connected = true;
    });
    source.addEventListener("error", () => {
      this.state.connected = false;
      if (source.readyState === EventSource.CLOSED) setTimeout(() => void this.open(), 2_000);
    });
  }
}

async function ask(path: string, init: RequestInit = {}): Promise<Response | null> {
  try {
    return await fetch(path, { cache: "no-store", ...init });
  } catch {
    return null;
  }
}
