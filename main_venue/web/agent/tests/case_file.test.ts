import { expect, test } from "vitest";
import { outlineOf, proposeSession, readCase, sampleCase, wholeSampleCase } from "../src/case_file.ts";
import { personName } from "../src/people.ts";

test("the sample is a case with a title", async () => {
  const sample = await sampleCase();
  expect(outlineOf(sample.text)?.title).toBe("合肥市示例片区雨污分流改造工程(施工)");
});

test("for a whole evaluation it is the same tender under rules version 3, without version 2's turns", async () => {
  const sample = JSON.parse((await sampleCase()).text) as Record<string, unknown>;
  const { turns: _turns, draws: _draws, ...rest } = sample;
  expect(sample).toHaveProperty("rules", "2");
  expect(JSON.parse((await wholeSampleCase()).text)).toEqual({ ...rest, rules: "3" });
});

test("a file that is no case, or too large, is refused before anything is sent", async () => {
  expect(await readCase(new File(["not json"], "x.json"))).toBe("Unreadable");
  expect(await readCase(new File(['{"plan":{}}'], "x.json"))).toBe("Unreadable");
  expect(await readCase(new File([new Uint8Array(1_048_577)], "x.json"))).toBe("TooLarge");
});

test("a file with a byte order mark is read like one without", async () => {
  const text = '\ufeff{"plan":{"tender":"T-1","title":"工程"}}';
  expect(outlineOf(text)).toEqual({ tender: "T-1", title: "工程", title_en: "" });
});

test("a proposed session id is one, and names the tender", () => {
  const id = proposeSession("HF-2026-SAMPLE-01", new Date(2026, 10, 4, 9, 5));
  expect(id).toBe("HF-2026-SAMPLE-01-11040905");
  expect(proposeSession("x".repeat(64), new Date()).length).toBeLessThanOrEqual(64);
});

test("a person's name is shown where it is disclosed", () => {
  expect([personName("俞示远"), personName({ name: "俞示远", speciality: "市政" }), personName(null), personName("")]).toEqual([
    "俞示远", "俞示远", null, null,
  ]);
});
