"""A line between two networks: a process that carries IP packets from one TUN device to the other.

It loses a share of them, delays each by some time and a little more, carries no more than so many bits a
second, or nothing at all; told so by a line of JSON while it runs. The kernel needs no netem for it and no
nftables. What is lost is drawn from a seed, so that two runs lose alike as far as they send alike. Packets
keep their order; a queue that is longer than `QUEUE_MS` loses what comes last, as a router does.
"""

import asyncio
import heapq
import json
import os
import select
import sys
from typing import Any, Final, Self

from msgspec import Struct

from ops import senses
from ops.faults.apart import namespaces
from ops.stack import PROJECT

QUEUE_MS: Final = 300
"""How much may wait where the line carries no more."""
_BYTES: Final = 65_536
_BATCH: Final = 64
_START_S: Final = 20.0


class Fate(Struct, frozen=True, forbid_unknown_fields=True):
    """What happens to packets, each way: a share lost, ms of delay, ms at most on top, bits a second."""

    loss: float = 0.0
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    bits_per_s: int = 0
    """0 carries as much as comes."""
    cut: bool = False


class Link:
    """The process as a try holds it."""

    def __init__(self, process: asyncio.subprocess.Process, device: str) -> None:
        """A line that runs; see `open`."""
        self._process = process
        self.device = device
        self.fate = Fate()

    @classmethod
    async def open(cls, device: str, ends: tuple[tuple[str, str], tuple[str, str]]) -> Self:
        """A line under a device's name between two places, each (namespace, address).

        Raises:
          OSError: it does not come up.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ops.faults.apart.link", device, *ends[0], *ends[1],
            cwd=PROJECT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        link = cls(process, device)
        try:
            await link._answer()
        except BaseException:
            await link.close()
            raise
        return link

    async def set(self, fate: Fate) -> dict[str, int]:
        """Treat packets so from now on; what was carried and lost until now.

        Raises:
          OSError: the process has ended.
        """
        assert self._process.stdin is not None
        self.fate = fate
        told = {name: getattr(fate, name) for name in Fate.__struct_fields__}
        self._process.stdin.write(json.dumps(told).encode() + b"\n")
        return await self._answer()

    async def close(self) -> None:
        """End the process, and with it the devices."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def _answer(self) -> dict[str, int]:
        assert self._process.stdout is not None
        async with asyncio.timeout(_START_S):
            line = await self._process.stdout.readline()
        if not line:
            raise OSError(f"the line {self.device} has ended")
        told: dict[str, int] = json.loads(line)
        return told


class _Way:
    """One direction."""

    def __init__(self, seed: int) -> None:
        self._state = seed
        self._last_ns = self._free_ns = 0
        self.carried = self.lost = 0

    def due_ns(self, octets: int, now_ns: int, fate: Fate) -> int | None:
        """When a packet comes out; None where it does not."""
        if fate.cut or self._share() < fate.loss:
            self.lost += 1
            return None
        out_ns = now_ns
        if fate.bits_per_s:
            begins = max(now_ns, self._free_ns)
            if begins - now_ns > QUEUE_MS * 1_000_000:
                self.lost += 1
                return None
            out_ns = self._free_ns = begins + octets * 8 * 1_000_000_000 // fate.bits_per_s
        out_ns += int((fate.delay_ms + fate.jitter_ms * self._share()) * 1e6)
        self._last_ns = out_ns = max(out_ns, self._last_ns)
        self.carried += 1
        return out_ns

    def _share(self) -> float:
        """From 0 to 1, by a seed (Knuth's 64 bit linear congruence)."""
        self._state = (self._state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) & (1 << 64) - 1
        return (self._state >> 33) / (1 << 31)


def main() -> None:
    """Carry until the input ends."""
    device, first, first_address, second, second_address = sys.argv[1:]
    namespaces.die_with_parent()
    handles = []
    for path, address in ((first, first_address), (second, second_address)):
        namespaces.enter(path)
        handles.append(namespaces.tun(device, address))
    asking = sys.stdin.fileno()
    os.set_blocking(asking, False)
    poll = select.epoll()
    for handle in (*handles, asking):
        poll.register(handle, select.EPOLLIN)
    onward = {handles[0]: handles[1], handles[1]: handles[0]}
    ways = {handles[0]: _Way(1), handles[1]: _Way(2)}
    waiting: list[tuple[int, int, int, bytes]] = []
    fate, number, held = Fate(), 0, b""
    _tell(ways)
    while True:
        wait_s = max(0.0, (waiting[0][0] - senses.running_ns()) / 1e9) if waiting else -1
        for handle, _ in poll.poll(wait_s):
            if handle == asking:
                came = os.read(asking, _BYTES)
                if not came:
                    return
                *lines, held = (held + came).split(b"\n")
                for line in lines:
                    fate = Fate(**json.loads(line))
                    _tell(ways)
                continue
            for _ in range(_BATCH):
                try:
                    packet = os.read(handle, _BYTES)
                except BlockingIOError:
                    break
                due_ns = ways[handle].due_ns(len(packet), senses.running_ns(), fate)
                if due_ns is not None:
                    number += 1
                    heapq.heappush(waiting, (due_ns, number, onward[handle], packet))
        while waiting and waiting[0][0] <= senses.running_ns():
            _, _, handle, packet = heapq.heappop(waiting)
            try:
                os.write(handle, packet)
            except OSError:
                continue  # a device that is being given another address takes nothing


def _tell(ways: dict[Any, _Way]) -> None:
    told = {
        "carried": sum(one.carried for one in ways.values()),
        "lost": sum(one.lost for one in ways.values()),
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
