import { expect, test, vi } from "vitest";
import { isLoopback, placeLink, takePlace, takeTicket } from "../src/kit/ticket.ts";

const HASH = "#session=sample&seat=M5&code=ABCDE-23456";

function at(hostname: string, hash = HASH) {
  return { hostname, pathname: "/expert/", search: "", hash };
}

test("a ticket is taken on this machine's names, and the address forgets it at once", () => {
  const past = { replaceState: vi.fn() };
  expect(takeTicket(at("hangzhou.localhost"), past)).toEqual({ session: "sample", seat: "M5", code: "ABCDE-23456" });
  expect(past.replaceState).toHaveBeenCalledExactlyOnceWith(null, "", "/expert/");
});

test.each(["venue.example.cn", "localhost.example.cn", "127.0.0.1.example.cn", "192.168.0.7", "notlocalhost"])(
  "a page on %s takes no ticket and leaves its address alone",
  (name) => {
    const past = { replaceState: vi.fn() };
    expect(takeTicket(at(name), past)).toBeNull();
    expect(past.replaceState).not.toHaveBeenCalled();
    expect(isLoopback(name)).toBe(false);
  },
);

test("a fragment that is no whole ticket is left as it is", () => {
  const past = { replaceState: vi.fn() };
  for (const hash of ["", "#main", "#session=sample&seat=M5", "#code=ABCDE-23456"]) {
    expect(takeTicket(at("localhost", hash), past)).toBeNull();
  }
  expect(past.replaceState).not.toHaveBeenCalled();
});

test("a link of the page itself names a session and a seat on any host, never with a code", () => {
  const past = { replaceState: vi.fn() };
  expect(takePlace(at("venue.example.cn", placeLink("场次 1", "supervisor-nanjing")), past)).toEqual({ session: "场次 1", seat: "supervisor-nanjing" });
  expect(past.replaceState).toHaveBeenCalledExactlyOnceWith(null, "", "/expert/");
  for (const hash of ["", "#main", "#session=sample", HASH]) expect(takePlace(at("localhost", hash), past)).toBeNull();
});
