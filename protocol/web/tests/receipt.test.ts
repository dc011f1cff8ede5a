import { expect, test } from "vitest";
import golden from "../../../tests/protocol/golden/receipt-1.json";
import type { Kept } from "../src/generated/messages.ts";
import { proves } from "../src/receipt.ts";

const { command, kept, node_key } = golden as { command: string; kept: Kept; node_key: string };

test("a receipt that Python made holds here, for its command under its node's key", async () => {
  expect(await proves(kept, command, node_key)).toBe(true);
});

test("a receipt that was changed, or is for another command or key, proves nothing", async () => {
  const changes: Partial<Kept>[] = [
    { session: "s-2" },
    { command_id: "c-2" },
    { command_digest: "AAAA" },
    { journal_index: 8 },
    { at: kept.at + 1 },
    { sig: "ed25519:" },
    { sig: "none" },
  ];
  for (const change of changes) expect(await proves({ ...kept, ...change }, command, node_key), JSON.stringify(change)).toBe(false);
  expect(await proves(kept, command.replace('"author_seq":2', '"author_seq":3'), node_key)).toBe(false);
  expect(await proves(kept, command, "ed25519:LePXt3jRSZZC+gferf6vKKP3sTfzIIatvp6/hDG6ipk=")).toBe(false);
  expect(await proves(kept, command, "sm2:none")).toBe(false);
});
