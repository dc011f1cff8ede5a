import { expect, test } from "vitest";
import { moved } from "../src/order.ts";

test("one is moved past its neighbour, and nobody past the ends", () => {
  const order = ["b1", "b2", "b3"];
  expect(moved(order, 2, -1)).toEqual(["b1", "b3", "b2"]);
  expect(moved(order, 0, 1)).toEqual(["b2", "b1", "b3"]);
  expect(moved(order, 0, -1)).toEqual(order);
  expect(moved(order, 2, 1)).toEqual(order);
  expect(order).toEqual(["b1", "b2", "b3"]);
});
