/**
 * A browser without a screen, for the trial of drafts: real `useDraft`, `DraftBook` and `Writing` in as many
 * windows as are asked for, on a clock that stands until it is moved and an IndexedDB that commits when it likes.
 *
 * Reads one command a line from stdin and answers each with what the windows asked of their node and what they
 * show. A window that is killed continues nowhere: what it waited for never comes.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

Object.assign(globalThis, { __VUE_OPTIONS_API__: true, __VUE_PROD_DEVTOOLS__: false, __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false });
const now = { ms: 1_790_000_000_000 };
const owner = new AsyncLocalStorage();
const settle = globalThis.setImmediate;
const windows = new Map();
const ROUNDS = 12;

// --- the clock: nothing runs before it is moved ---------------------------------------------------

const timers = new Map();
let timerIds = 0;

function later(run, afterMs, every) {
  timerIds += 1;
  timers.set(timerIds, { run, at: now.ms + Math.max(0, afterMs ?? 0), every, whose: owner.getStore() });
  return timerIds;
}

globalThis.setTimeout = (run, ms) => later(run, ms, null);
globalThis.setInterval = (run, ms) => later(run, ms, ms);
globalThis.clearTimeout = (id) => timers.delete(id);
globalThis.clearInterval = (id) => timers.delete(id);
Date.now = () => now.ms;

async function quiet() {
  for (let round = 0; round < ROUNDS; round += 1) await new Promise((resolve) => settle(resolve));
}

async function advance(ms) {
  const until = now.ms + ms;
  for (;;) {
    const due = [...timers].filter(([, one]) => one.at <= until).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
    if (due === undefined) break;
    const [id, one] = due;
    now.ms = Math.max(now.ms, one.at);
    if (one.every === null) timers.delete(id);
    else one.at += one.every;
    if (one.whose === undefined || one.whose.alive) owner.run(one.whose, one.run);
    await quiet();
  }
  now.ms = until;
}

// --- IndexedDB: one transaction after the other, each whole or not at all ----------------------------

const rooms = new Map();
const queue = [];
let pumping = false;
let slowMs = 1;

function request(run) {
  const made = { result: undefined, error: null };
  made.run = () => {
    made.result = run();
  };
  return made;
}

function transaction(room) {
  const made = { whose: owner.getStore(), requests: [], error: null };
  const data = () => rooms.get(room) ?? rooms.set(room, new Map()).get(room);
  const add = (run) => {
    const one = request(run);
    made.requests.push(one);
    return one;
  };
  const store = {
    transaction: made,
    get: (key) => add(() => structuredClone(data().get(key))),
    getAll: () => add(() => [...data()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => structuredClone(value))),
    put: (value, key) => {
      const copy = structuredClone(value);
      return add(() => void data().set(key, copy));
    },
    delete: (key) => add(() => void data().delete(key)),
  };
  made.objectStore = () => store;
  queue.push(made);
  pump();
  return made;
}

function pump() {
  if (pumping || queue.length === 0) return;
  pumping = true;
  owner.run(undefined, () => {
    later(() => {
      pumping = false;
      const one = queue.shift();
      if (one !== undefined) commit(one);
      pump();
    }, slowMs, null);
  });
}

/** A cursor-free store: a request may be made in the success of another, so run until none is left. */
function commit(one) {
  const tell = (what) => {
    if (one.whose === undefined || one.whose.alive) owner.run(one.whose, () => what?.());
  };
  for (let at = 0; at < one.requests.length; at += 1) {
    one.requests[at].run();
    tell(one.requests[at].onsuccess);
  }
  tell(one.oncomplete);
}

globalThis.indexedDB = {
  open: () => {
    const made = { result: { objectStoreNames: { contains: () => true }, transaction } };
    // Not a window's own: the connection is opened once for all of them.
    queueMicrotask(() => made.onsuccess());
    return made;
  },
};

// --- what else a window has -------------------------------------------------------------------------

let names = 0;
Object.defineProperty(globalThis.crypto, "randomUUID", {
  value: () => {
    names += 1;
    return `w${String((names * 7919) % 10_007).padStart(5, "0")}`;
  },
});
Object.defineProperty(globalThis.crypto, "subtle", {
  value: { digest: (_, bytes) => Promise.resolve(createHash("sha256").update(bytes).digest().buffer) },
});
globalThis.sessionStorage = {
  getItem: (key) => owner.getStore().session.get(key) ?? null,
  setItem: (key, value) => void owner.getStore().session.set(key, value),
};


const { createRenderer, reactive } = await import("@vue/runtime-core");
const { useDraft } = await import("@tongchang/protocol/kit/drafting.ts");
const { Writing } = await import("@tongchang/protocol/link/writing.ts");
const { freshState } = await import("@tongchang/protocol/link/desk_state.ts");
const { LineFault, RefusedError } = await import("@tongchang/protocol/link/socket.ts");

const nothing = () => ({});
const { createApp } = createRenderer({
  insert: nothing, remove: nothing, createElement: nothing, createText: nothing, createComment: nothing,
  setText: nothing, setElementText: nothing, parentNode: nothing, nextSibling: nothing, patchProp: nothing,
});
const ASK_MS = 10_000;
let asked = [];
let askIds = 0;

class Window {
  constructor(name, who, stage, session, up) {
    Object.assign(this, { name, session, alive: true, waiting: new Map(), handlers: new Map() });
    owner.run(this, () => {
      this.state = reactive({ ...freshState(), who, standing: up ? "following" : "proving", connected: up });
      const line = { ask: (event, payload) => this.ask(event, payload), on: (event, one) => void this.handlers.set(event, one), close: nothing };
      const key = { text: "ed25519:key", sign: () => Promise.resolve("sig") };
      this.writing = new Writing(line, this.state, () => key);
      const desk = {
        writing: this.writing,
        putDraft: (draft) => this.ask("draft_put", draft),
        getDraft: (session, seat, stage) => this.ask("draft_get", { session, seat, stage, revision: 0, scores: {} }),
      };
      this.app = createApp({
        setup: () => {
          this.drafting = useDraft({ desk, state: this.state }, who.session, who.seat, stage);
          return () => null;
        },
      });
      this.app.mount({});
    });
  }

  ask(event, payload) {
    if (!this.state.connected) return Promise.reject(new LineFault("no line"));
    askIds += 1;
    const id = askIds;
    asked.push({ ask: id, window: this.name, event, payload: structuredClone(JSON.parse(JSON.stringify(payload))) });
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      later(() => this.fail(id), ASK_MS, null);
    });
  }

  fail(id) {
    const one = this.waiting.get(id);
    this.waiting.delete(id);
    one?.reject(new LineFault("silence"));
  }

  answered({ ask, value, refused }) {
    const one = this.waiting.get(ask);
    this.waiting.delete(ask);
    if (one === undefined) return;
    if (refused === undefined) one.resolve(value);
    else one.reject(new RefusedError(refused));
  }

  async line(up) {
    if (!up) {
      this.state.connected = false;
      for (const id of [...this.waiting.keys()]) this.fail(id);
      return;
    }
    this.state.connected = true;
    await this.writing.proved();
    this.state.standing = "following";
  }

  shown() {
    const { scores, safety, ready, reading, unsent } = this.drafting;
    return {
      scores: scores.value, where: safety.value.where, ready: ready.value, reading: reading.value,
      unsent: unsent.value.map(({ bidder, criterion, centi }) => ({ bidder, criterion, centi })),
      pen: this.state.pen?.mine ?? null, connected: this.state.connected,
    };
  }
}

/** The tab is gone without a word: of what its transactions had begun, this many still reach the disk. */
function kill(one, commits) {
  one.alive = false;
  let left = commits;
  for (let at = 0; at < queue.length; at += 1) {
    if (queue[at].whose !== one) continue;
    if (left > 0) left -= 1;
    else queue.splice(at--, 1);
  }
  windows.delete(one.name);
}

const COMMANDS = {
  open: ({ window, who, stage, session, up }) => {
    windows.set(window, new Window(window, who, stage, new Map(Object.entries(session)), up));
  },
  line: ({ window, up }) => {
    const one = windows.get(window);
    owner.run(one, () => void one.line(up));
  },
  type: ({ window, bidder, criterion, centi }) => {
    const one = windows.get(window);
    now.ms += 1;
    owner.run(one, () => one.drafting.put(bidder, criterion, centi));
  },
  enter: ({ window }) => {
    now.ms += 1;
    owner.run(windows.get(window), () => windows.get(window).drafting.enterUnsent());
  },
  letgo: ({ window }) => owner.run(windows.get(window), () => windows.get(window).drafting.letUnsentGo()),
  takeover: ({ window }) => {
    const one = windows.get(window);
    owner.run(one, () => void one.writing.takeOver().catch(nothing));
  },
  close: ({ window }) => {
    const one = windows.get(window);
    owner.run(one, () => one.app.unmount());
    kill(one, Infinity);
  },
  kill: ({ window, commits }) => kill(windows.get(window), commits),
  answer: (told) => {
    const one = windows.get(told.window);
    if (one !== undefined) owner.run(one, () => one.answered(told));
  },
  push: ({ window, event, payload }) => {
    const one = windows.get(window);
    if (one !== undefined) owner.run(one, () => one.handlers.get(event)?.(payload));
  },
  slow: ({ ms }) => {
    slowMs = ms;
  },
  wait: ({ ms }) => advance(ms),
  forget: () => {
    for (const one of [...windows.values()]) kill(one, 0);
    for (const one of [rooms, timers]) one.clear();
    [queue.length, asked.length, pumping, slowMs, names] = [0, 0, false, 1, 0];
  },
};

for await (const text of createInterface({ input: process.stdin })) {
  const told = JSON.parse(text);
  await COMMANDS[told.do](told);
  await quiet();
  const shown = Object.fromEntries([...windows].map(([name, one]) => [name, { ...one.shown(), session: Object.fromEntries(one.session) }]));
  process.stdout.write(`${JSON.stringify({ asks: asked.splice(0), windows: shown, now: now.ms })}\n`);
}
