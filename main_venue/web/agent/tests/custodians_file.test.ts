import { expect, test } from "vitest";
import { appointing, custodiansOf } from "../src/custodians_file.ts";

const POLICY = {
  envelope: "1", lot: "01", project: "T-1", suite: "gm-1",
  groups: [{ group: "centres", members: [{ custodian: "c1", public: "UDE=" }, { custodian: "c2", public: "UDI=" }], threshold: 1 }],
};
const health = (custodian: string, of: string) => JSON.stringify({ at: 1, custodian, key: `ed25519:${custodian}`, ok: true, public: of, suite: "gm-1" });

test("a sealing policy and what each service says of itself make the act's content", () => {
  const told = custodiansOf([health("c1", "UDE="), JSON.stringify(POLICY), health("c2", "UDI=")])!;
  expect([told.keyless, told.differing]).toEqual([[], []]);
  expect(appointing(told, 600_000)).toEqual({
    project: "T-1", suite: "gm-1", window_ms: 600_000,
    groups: [
      {
        group: "centres", threshold: 1,
        members: [{ custodian: "c1", key: "ed25519:c1", public: "UDE=" }, { custodian: "c2", key: "ed25519:c2", public: "UDI=" }],
      },
    ],
  });
});

test("a service that is missing, or says another key than the tender document, is named", () => {
  expect(custodiansOf([JSON.stringify(POLICY), health("c1", "UDE=")])!.keyless).toEqual(["c2"]);
  expect(custodiansOf([JSON.stringify(POLICY), health("c1", "WFg="), health("c2", "UDI=")])!.differing).toEqual(["c1"]);
});

test("a window that the file fixes is nobody's to choose; what is no policy is none", () => {
  const told = custodiansOf([JSON.stringify({ ...POLICY, window_ms: 60_000 }), health("c1", "UDE="), health("c2", "UDI=")])!;
  expect(appointing(told, 1).window_ms).toBe(60_000);
  expect(custodiansOf([health("c1", "UDE=")])).toBeNull();
  expect(custodiansOf(["{"])).toBeNull();
});
