import { expect, test } from "vitest";
import first from "../../../tests/protocol/golden/vectors-1.json";
import second from "../../../tests/protocol/golden/vectors-2.json";
import { fromBase64, fromHex, toHex } from "../src/bytes.ts";
import { decode, encode } from "../src/canonical.ts";
import type { Field, ObservationView } from "../src/generated/messages.ts";
import { disclose } from "../src/hidden.ts";
import { observationValue, recordOf } from "../src/witness_record.ts";

interface Value extends Omit<ObservationView, "seq" | "at" | "lot" | "envelope" | "round" | "text"> {
  readonly session: string;
  readonly stage: { readonly lot: string; readonly envelope: string; readonly round: number };
}

const told = second.observations.map((one) => ({ record: one.record, value: decode(one.value) as unknown as Value }));
const shown = told.map(({ value }) => ({ ...value, ...value.stage, seq: 0, at: 0, text: null }) as ObservationView);

test("an observation has the same canonical value here as in Python", () => {
  second.observations.forEach((one, index) => {
    expect(encode(observationValue("s-golden-2", shown[index]!))).toBe(one.value);
  });
});

test("the chain over a seat's observations is that of the golden record", async () => {
  const last = told.filter(({ value }) => value.seat === "witness-nanjing").at(-1);
  const record = await recordOf("s-golden-2", "witness-nanjing", shown);
  expect(toHex(fromBase64(record ?? ""))).toBe(last?.record);
});

test("a record of which some is not shown is not worked out", async () => {
  expect(await recordOf("s-golden-2", "witness-nanjing", shown.slice(1))).toBeNull();
  expect(await recordOf("s-golden-2", "nobody", shown)).toBe("A".repeat(43) + "=");
});

test("a hidden value has the same digest here as in Python", async () => {
  for (const one of first.hidden) {
    const found = await disclose(one.field as Field, decode(one.value), fromHex(one.salt));
    expect(toHex(fromBase64(found.digest))).toBe(one.digest);
    expect(found.value).toBe(one.value);
  }
});
