/** What of a picture is covered: everything that is not known to show no face (SPEC 31.5). */
import { describe, expect, it } from "vitest";
import { BEYOND, Cover, STALE_MS } from "../src/mask/cover.ts";

const FACE = { x: 0.4, y: 0.4, width: 0.2, height: 0.2 };

describe("a cover", () => {
  it("is of everything before anybody has looked, and where no face is found", () => {
    const cover = new Cover();
    expect(cover.covered(0)).toBe("all");
    cover.found([], 10);
    expect(cover.covered(11)).toBe("all");
    cover.found([FACE], 20);
    cover.found([], 30);
    expect(cover.covered(31)).toBe("all");
  });

  it("reaches beyond a face on every side, and no further than the picture", () => {
    const cover = new Cover();
    cover.found([FACE, { x: 0, y: 0.9, width: 0.1, height: 0.1 }], 0);
    const [one, other] = cover.covered(1) as readonly { x: number; y: number; width: number; height: number }[];
    expect(one?.x).toBeCloseTo(FACE.x - BEYOND * FACE.width);
    expect(one?.width).toBeCloseTo(FACE.width * (1 + 2 * BEYOND));
    expect(other?.x).toBe(0);
    expect((other?.y ?? 0) + (other?.height ?? 0)).toBeCloseTo(1);
  });

  it("holds where a face was a look ago", () => {
    const cover = new Cover();
    cover.found([FACE], 0);
    cover.found([{ ...FACE, x: 0.1 }], 200);
    expect(cover.covered(201)).toHaveLength(2);
    cover.found([{ ...FACE, x: 0.1 }], 400);
    expect((cover.covered(401) as readonly { x: number }[]).every((one) => one.x < 0.1)).toBe(true);
  });

  it("is of everything again when nobody has looked for a while, or can look no more", () => {
    const cover = new Cover();
    cover.found([FACE], 0);
    expect(cover.covered(STALE_MS)).not.toBe("all");
    expect(cover.covered(STALE_MS + 1)).toBe("all");
    cover.found([FACE], 1_000);
    cover.lost();
    expect(cover.covered(1_001)).toBe("all");
  });
});
