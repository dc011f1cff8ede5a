/** What the landing page is told and what it may ask: the picture, pushed whole, and the buttons. */

import { type Ref, onBeforeUnmount, onMounted, ref } from "vue";
import type { Refused, View } from "@tongchang/protocol/generated/messages.ts";

export interface Process {
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly province: string;
  readonly role: string;
  readonly url: string;
  readonly online: boolean;
  readonly cut: "" | "reset" | "silence";
}

export interface Seat {
  readonly seat: string;
  readonly role: string;
  readonly venue: string;
  readonly kind: string;
  readonly speciality: string;
  readonly page: string;
  readonly standing: "idle" | "system" | "offered" | "person";
  readonly bound: boolean;
  readonly checked_in: boolean;
  readonly signed: boolean;
  readonly sealed: boolean | null;
  readonly waits: string;
  readonly awaited: readonly string[];
  readonly fault: Refused | null;
  readonly cannot: "" | "line" | "over" | "starting";
}

export type PointId = "opening" | "mismatch" | "cut" | "reveal" | "deviation" | "signatures";

export interface Point {
  readonly id: PointId;
  readonly armed: boolean;
  readonly passed: boolean;
  readonly here: boolean;
  readonly seat: string;
}

export type Pace = "hand" | "slow" | "brisk" | "fast";

export interface Playing {
  readonly begun: boolean;
  readonly paused: boolean;
  readonly pace: Pace;
  readonly next: readonly [string, string] | null;
  readonly points: readonly Point[];
}

export interface Ranked {
  readonly lot: string;
  readonly id: string;
  readonly code: string;
  readonly bidder: string;
  readonly rank: number;
  readonly total: string;
  readonly price: string;
  readonly status: string;
}

export interface Otherwise {
  readonly lot: string;
  readonly id: string;
  readonly rank: number;
  readonly total: string;
}

export interface Result {
  readonly rows: readonly Ranked[];
  readonly otherwise: readonly Otherwise[];
  readonly outcome: string;
  readonly entries: number;
  readonly record: string;
  readonly report: boolean;
  /** Where archive and policy lie once it was found valid; empty before. */
  readonly archive: string;
  readonly policy: string;
  readonly signed: boolean;
}

export interface Turn {
  readonly kind: "first_entry" | "explain";
  readonly seat: string;
  readonly bidder: string;
  readonly criterion: string;
  readonly zh: string;
  readonly en: string;
  readonly item_zh: string;
  readonly item_en: string;
}

export interface Act {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly who: string;
  readonly venue: string;
  readonly role: string;
}

export interface Session {
  readonly session: string;
  readonly title: string;
  readonly title_en: string;
  readonly notice_zh: string;
  readonly notice_en: string;
  readonly view: View | null;
  readonly acts: readonly Act[];
  readonly desks: readonly Seat[];
  readonly playing: Playing;
  readonly bidders: readonly (readonly [string, string, boolean])[];
  readonly turns: readonly Turn[];
  readonly far: string;
  readonly result: Result | null;
  readonly trouble: Refused | null;
  readonly documents: "coming" | "there" | "missing";
  readonly bids: "none" | "sealing" | "receiving" | "received" | "missing";
  /** Until when sealed bids are received, ms. */
  readonly deadline: number;
  /** The scripted evaluation that it is; empty for none. */
  readonly script: string;
}

/** Something to begin; an empty name is the sample. */
export interface Offer {
  readonly name: string;
  readonly title_zh: string;
  readonly title_en: string;
  readonly zh: string;
  readonly en: string;
}

export interface Earlier {
  readonly session: string;
  readonly ended: boolean;
  readonly record: boolean;
}

export interface Picture {
  readonly standing: "starting" | "ready" | "stopping";
  readonly trouble: Refused | null;
  readonly coordinators: readonly Process[];
  readonly venues: readonly Process[];
  /** Cosigners, custodians and media workers. */
  readonly services: readonly Process[];
  readonly overview: string;
  /** Whether there is a demonstration UKey for whoever sits down. */
  readonly ukey: boolean;
  readonly session: Session | null;
  readonly preparing: boolean;
  readonly earlier: readonly Earlier[];
}

export interface Done {
  readonly url: string;
  readonly refused: Refused | null;
}

export interface House {
  readonly picture: Ref<Picture | null>;
  readonly connected: Ref<boolean>;
  readonly refused: Ref<Refused | null>;
  /** An address that the browser did not let us open: for a click of the person's own. */
  readonly blocked: Ref<string>;
  readonly press: (button: string, asked?: object) => Promise<Done | null>;
  readonly sit: (seat: string) => Promise<void>;
  readonly admit: (bidder: string) => Promise<void>;
  /** What may be begun; none where nobody answers. */
  readonly offers: () => Promise<readonly Offer[]>;
}

/** Follows the demonstration while the page is open. */
export function useHouse(): House {
  const picture = ref<Picture | null>(null);
  const connected = ref(false);
  const refused = ref<Refused | null>(null);
  const blocked = ref("");
  let source: EventSource | null = null;

  onMounted(() => {
    source = new EventSource("/api/events");
    source.onopen = () => {
      connected.value = true;
    };
    source.onerror = () => {
      connected.value = false;
    };
    source.onmessage = (event: MessageEvent<string>) => {
      picture.value = JSON.parse(event.data) as Picture;
    };
  });
  onBeforeUnmount(() => source?.close());

  async function press(button: string, asked: object = {}): Promise<Done | null> {
    refused.value = null;
    const done = await post(button, asked);
    if (done === null) connected.value = false;
    refused.value = done?.refused ?? null;
    return done;
  }

  const sit = (seat: string) => enter("sit", seat);
  const admit = (bidder: string) => enter("admit", bidder);

  /** The tab is opened with the click itself, since browsers open none later; its code follows. */
  async function enter(button: string, seat: string): Promise<void> {
    const tab = window.open("", "_blank");
    const done = await press(button, { seat });
    if (done === null || done.url === "") tab?.close();
    else if (tab === null) blocked.value = done.url;
    else {
      tab.opener = null;
      tab.location.replace(done.url);
    }
  }

  return { picture, connected, refused, blocked, press, sit, admit, offers };
}

async function offers(): Promise<readonly Offer[]> {
  try {
    const answer = await fetch("/api/scripts");
    return answer.ok ? ((await answer.json()) as Offer[]) : [];
  } catch {
    return [];
  }
}

async function post(button: string, asked: object): Promise<Done | null> {
  try {
    const answer = await fetch(`/api/${button}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(asked),
    });
    return answer.ok ? ((await answer.json()) as Done) : null;
  } catch {
    return null;
  }
}
