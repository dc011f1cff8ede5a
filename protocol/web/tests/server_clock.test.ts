import { expect, test } from "vitest";
import { ServerClock, timeLeft } from "../src/link/server_clock.ts";

/** A world with its own time: `steady` is ours, `server` the coordinator's; asking takes the way there and back. */
class World {
  steady = 1_000;
  server = 1_800_000_000_000;
  readonly clock = new ServerClock(() => this.steady);

  pass(ms: number): void {
    this.steady += ms;
    this.server += ms;
  }

  async ask(there: number, back: number): Promise<void> {
    await this.clock.measure(() => {
      this.pass(there);
      const told = this.server;
      this.pass(back);
      return Promise.resolve(told);
    });
  }

  get off(): number {
    return Math.abs((this.clock.now() ?? Number.NaN) - this.server);
  }
}

test("before the first measurement there is no clock", () => {
  const { clock } = new World();
  expect(clock.now()).toBeNull();
  expect(clock.error()).toBe(Number.POSITIVE_INFINITY);
});

test("an even way there and back gives the coordinator's clock exactly, and it runs on by itself", async () => {
  const world = new World();
  await world.ask(40, 40);
  expect(world.off).toBe(0);
  world.pass(5_000);
  expect(world.off).toBe(0);
});

test("a crooked way is wrong by no more than half of it, and says so", async () => {
  const world = new World();
  await world.ask(300, 0);
  expect(world.off).toBe(150);
  expect(world.clock.error()).toBe(150);
});

test("the shortest way wins, whichever comes first", async () => {
  const world = new World();
  await world.ask(300, 0);
  await world.ask(2, 3);
  await world.ask(0, 400);
  expect(world.off).toBeLessThanOrEqual(2.5);
});

test("a measurement that contradicts the one held says that a clock was set or the machine slept", async () => {
  const world = new World();
  await world.ask(1, 1);
  world.server += 60_000;
  await world.ask(50, 50);
  expect(world.off).toBeLessThanOrEqual(50);
});

test("an old measurement grows unsure, so that a fresh one takes its place", async () => {
  const world = new World();
  await world.ask(1, 1);
  world.pass(3_600_000);
  expect(world.clock.error()).toBeCloseTo(361, 0);
  await world.ask(20, 20);
  expect(world.clock.error()).toBe(20);
});

test("an answer that does not come leaves the clock as it was", async () => {
  const world = new World();
  await world.ask(1, 1);
  await expect(world.clock.measure(() => Promise.reject(new Error("cut")))).rejects.toThrow("cut");
  expect(world.off).toBe(0);
});

test("what is left is told in whole seconds, the begun one counted, and never below nothing", () => {
  expect(timeLeft(90_061_001, 0)).toEqual({ days: 1, hours: 1, minutes: 1, seconds: 2 });
  expect(timeLeft(1, 0)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 1 });
  expect(timeLeft(5, 5)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 0 });
  expect(timeLeft(0, 99_999)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 0 });
});
