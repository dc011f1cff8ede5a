/** When the light of a venue's line is good, weak, down or unknown. */
import { expect, it } from "vitest";
import type { VenueLine } from "../src/generated/messages.ts";
import { LOSING_PERCENT, SLOW_MS, UNEVEN_MS, lightOf } from "../src/kit/lines.ts";

const line = (trip: number, jitter: number, lost: number, state: VenueLine["line"] = "up"): VenueLine => ({
  venue: "hefei", line: state, measured: { round_trip_ms: trip, jitter_ms: jitter, lost_percent: lost },
});

it("goes by the worst of delay, jitter and loss, and by whether the venue is there at all", () => {
  expect(lightOf(line(SLOW_MS - 1, UNEVEN_MS - 1, LOSING_PERCENT - 1))).toBe("good");
  expect(lightOf(line(-1, -1, 0))).toBe("good");
  expect(lightOf(line(SLOW_MS, 0, 0))).toBe("weak");
  expect(lightOf(line(0, UNEVEN_MS, 0))).toBe("weak");
  expect(lightOf(line(0, 0, LOSING_PERCENT))).toBe("weak");
  expect(lightOf(line(0, 0, 0, "down"))).toBe("down");
  expect(lightOf(line(0, 0, 0, "unknown"))).toBe("unknown");
  expect(lightOf(undefined)).toBe("unknown");
});
