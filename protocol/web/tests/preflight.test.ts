/** What a page makes of what it measured of its own seat. */
import { describe, expect, it } from "vitest";
import type { VoiceView } from "../src/generated/messages.ts";
import {
  CLOCK_WEAK_MS, DARK, LINE_ASKS, LINE_WEAK_MS, PARTS, VOICE_WEAK_MS,
  brightness, certificateOf, clockOf, lineOf, loudness, untried, whole,
} from "../src/preflight/judging.ts";
import { PREFLIGHT_EN, PREFLIGHT_ZH } from "../src/preflight/words.ts";

const trips = (...took: number[]) => took.map((one) => ({ took: one, ahead: 3 }));
const FIVE = trips(9, 4, 6, 5, 30);

describe("the line", () => {
  it("is good when all was answered soon and the venue is on line", () => {
    expect(lineOf(FIVE, true)).toEqual({ state: "good", median: 6, jitter: 26 });
  });
  it("is weak when the venue works by itself, when it is slow, when something was not answered", () => {
    expect(lineOf(FIVE, false).state).toBe("weak");
    expect(lineOf(trips(...Array<number>(LINE_ASKS).fill(LINE_WEAK_MS)), true).state).toBe("weak");
    expect(lineOf(FIVE.slice(1), true).state).toBe("weak");
  });
  it("is bad when nothing was answered", () => expect(lineOf([], true).state).toBe("bad"));
});

describe("the clock", () => {
  it("is told of the shortest way", () => {
    expect(clockOf([{ took: 90, ahead: 70 }, { took: 10, ahead: -8 }])).toEqual({ state: "good", ahead: -8, within: 5 });
  });
  it("is wrong only where that is certain", () => {
    expect(clockOf([{ took: 100, ahead: CLOCK_WEAK_MS + 51 }])?.state).toBe("weak");
    expect(clockOf([{ took: 100, ahead: -CLOCK_WEAK_MS - 50 }])?.state).toBe("good");
    expect(clockOf([])).toBeNull();
  });
});

describe("who sits here", () => {
  const voice = (stands: VoiceView["stands"], until: number): VoiceView => ({ key: "", stands, means: "", until, by: "", confirms: [] });
  it("goes by the voice of the seat's key", () => {
    expect(certificateOf(null, 0)).toBe("good");
    expect(certificateOf(voice("none", 0), 0)).toBe("weak");
    expect(certificateOf(voice("revoked", 0), 0)).toBe("bad");
    expect(certificateOf(voice("ended", 0), 0)).toBe("bad");
    expect(certificateOf(voice("given", VOICE_WEAK_MS), 1)).toBe("weak");
    expect(certificateOf(voice("given", VOICE_WEAK_MS), 0)).toBe("good");
  });
});

describe("devices", () => {
  it("tells a dark picture from a bright one", () => {
    expect(brightness(new Uint8ClampedArray([255, 255, 255, 0, 0, 0, 0, 0]))).toBeCloseTo(127.5);
    expect(brightness(new Uint8ClampedArray([0, 0, 200, 255]))).toBeLessThan(DARK);
    expect(brightness(new Uint8ClampedArray())).toBe(0);
  });
  it("tells silence from sound", () => {
    expect(loudness(new Float32Array([0.5, -0.5]))).toBeCloseTo(0.5);
    expect(loudness(new Float32Array())).toBe(0);
  });
});

it("is as bad as the worst, and not done while something is untried", () => {
  const all = { ...untried(), line: "good", clock: "good", certificate: "good", camera: "good", microphone: "good", speaker: "good" } as const;
  expect(whole(all, PARTS)).toBe("good");
  expect(whole({ ...all, camera: "untried" }, PARTS)).toBe("untried");
  expect(whole({ ...all, camera: "untried", line: "weak" }, PARTS)).toBe("weak");
  expect(whole({ ...all, camera: "bad", line: "weak" }, PARTS)).toBe("bad");
  expect(whole({ ...all, camera: "bad" }, ["line", "clock"])).toBe("good");
});

it("says what to do for all that can be amiss, in both languages", () => {
  for (const words of [PREFLIGHT_ZH, PREFLIGHT_EN]) {
    for (const part of ["camera", "microphone"] as const) {
      for (const text of Object.values(words.remedy[part])) expect(text).not.toBe("");
    }
    expect(Object.keys(words.part).sort()).toEqual([...PARTS].sort());
  }
});
