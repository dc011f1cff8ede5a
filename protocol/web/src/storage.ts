/**
 * What this browser keeps by itself, in IndexedDB: seat keys, commands not yet answered, drafts.
 * One database for each node's own name.
 */

export type Room = "keys" | "outbox" | "drafts";

const DATABASE = "tongchang";
const VERSION = 1;
const ROOMS: readonly Room[] = ["keys", "outbox", "drafts"];

let opened: Promise<IDBDatabase> | null = null;

export async function readOne<T>(room: Room, key: string): Promise<T | undefined> {
  const store = await storeOf(room, "readonly");
  return settled(store.get(key) as IDBRequest<T | undefined>);
}

export async function readAll<T>(room: Room): Promise<T[]> {
  const store = await storeOf(room, "readonly");
  return settled(store.getAll() as IDBRequest<T[]>);
}

export async function keysOf(room: Room): Promise<string[]> {
  const store = await storeOf(room, "readonly");
  return (await settled(store.getAllKeys())).map(String);
}

/** Writes and waits until the transaction is complete, so that a reload just after finds it. */
export async function writeOne(room: Room, key: string, value: unknown): Promise<void> {
  const store = await storeOf(room, "readwrite");
  store.put(value, key);
  await completed(store.transaction);
}

export async function dropOne(room: Room, key: string): Promise<void> {
  const store = await storeOf(room, "readwrite");
  store.delete(key);
  await completed(store.transaction);
}

/** Drops a value if it still is what was read, in one transaction: what was written since stays. */
export async function dropIfSame(room: Room, key: string, read: unknown): Promise<void> {
  const store = await storeOf(room, "readwrite");
  const asked = store.get(key);
  asked.onsuccess = () => {
    if (JSON.stringify(asked.result) === JSON.stringify(read)) store.delete(key);
  };
  await completed(store.transaction);
}

async function storeOf(room: Room, mode: IDBTransactionMode): Promise<IDBObjectStore> {
  opened ??= openDatabase();
  const database = await opened;
  return database.transaction(room, mode, { durability: "strict" }).objectStore(room);
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, VERSION);
  request.onupgradeneeded = () => {
    for (const room of ROOMS) {
      if (!request.result.objectStoreNames.contains(room)) request.result.createObjectStore(room);
    }
  };
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("IndexedDB"));
    transaction.onerror = () => reject(transaction.error ?? new Error("IndexedDB"));
  });
}
