"""Three places with a network each, lines between them, and a camera's way from one to another.

The coordinator's place (this process is there) has a media worker; a venue has one of its own that records
and hands on; a seat there sends, and in a third place somebody looks. Owns starting and ending all that.
"""

import asyncio
import bisect
import contextlib
import json
import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final, Self

import aiohttp
import msgspec

from ops import files, senses
from ops.faults.apart import namespaces, within
from ops.faults.apart.crossing import Crossing
from ops.faults.apart.link import Fate, Link
from ops.faults.apart.namespaces import Place
from ops.installation import LOOPBACK
from ops.stack import PROJECT
from protocol import media
from protocol.media import Present, Table

SESSION: Final = "apart"
SEAT, VENUE, WATCHER = "M5", "hangzhou", "supervisor-nanjing"
SEATS: Final = (SEAT, "M6")
"""Who may send from the venue; where one camera is enough it is the first one's."""
READY_S: Final = 40.0
WAIT_S: Final = 40.0
ADDRESSES: Final = {"venue": ("10.77.1.1", "10.77.1.2"), "far": ("10.77.2.1", "10.77.2.2")}
"""By place: the coordinator's end of its line, and its own."""
ELSEWHERE: Final = {"venue": "10.77.1.3", "far": "10.77.2.3"}
"""What a place's own address changes to."""
LAN: Final = "192.168.77.2"
"""The venue's network within the house: the seat's way to the worker does not lead over the line."""
_SECRETS: Final = {"house": "house's node", "venue": "venue's node", "relay": "relay"}
_END_S: Final = 8.0


class End:
    """A camera, or somebody who looks, as a process; what it said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Read what it says; see `ends`."""
        self._process = process
        self._reading = asyncio.create_task(self._read())
        self.seen_ms: list[int] = []
        """When each picture was seen."""
        self.ages_ms: list[int] = []
        """How old each was then."""
        self.heard: list[tuple[int, int]] = []
        """When how many ms of the tone were heard."""
        self.offers_ms: list[int] = []
        """When a line was offered."""
        self.taken = 0
        self.stamps: list[int] = []
        """What each picture that a camera took says (`ends.stamped`)."""

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told = json.loads(line)
            for at, age in told.get("seen", ()):
                self.seen_ms.append(at)
                self.ages_ms.append(age)
            if "heard_ms" in told:
                self.heard.append((told["at"], told["heard_ms"]))
            self.offers_ms += [told["at"]] * (told["offered"] - len(self.offers_ms))
            self.taken = told.get("taken", 0)
            self.stamps += told.get("stamps", ())

    async def until_seen(self, since_ms: int) -> int:
        """Wait for a picture after a moment; when it was seen.

        Raises:
          TimeoutError: none comes.
        """
        async with asyncio.timeout(WAIT_S):
            while not self.seen_ms or self.seen_ms[-1] <= since_ms:  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0.02)
        return self.seen_ms[bisect.bisect_right(self.seen_ms, since_ms)]

    async def close(self) -> None:
        """End it."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await asyncio.gather(self._reading, return_exceptions=True)


class Rig:
    """All of it; see `stand`."""

    def __init__(self, data: Path, *, house_records: bool = False) -> None:
        """Nothing runs yet; with `house_records` the coordinator's worker keeps what it is sent."""
        self.data = data
        self._house_records = house_records
        self.places: dict[str, Place] = {}
        self.links: dict[str, Link] = {}
        self.pids: dict[str, int] = {}
        self._cleanup = contextlib.AsyncExitStack()
        self._controls: dict[str, int] = {}
        self._urls: dict[str, str] = {}

    @property
    def shelf(self) -> Path:
        """Where the venue's worker keeps what the seat sends."""
        return self.data / "recordings" / SESSION / f"{VENUE}.camera.{SEAT}"

    async def __aenter__(self) -> Self:
        """Make the places, the lines and the workers.

        Raises:
          Trouble: this machine lets no networks be made.
          OSError: a process does not come up.
        """
        await self._cleanup.__aenter__()
        try:
            await self._make()
        except BaseException:
            await self._cleanup.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """End every process; with them lines and networks go."""
        await self._cleanup.aclose()

    async def fate(self, fate: Fate, *names: str) -> None:
        """Let packets of all lines, or of these, fare so."""
        for name in names or tuple(self.links):
            await self.links[name].set(fate)

    def readdress(self, name: str) -> int:
        """Give a place another address; when, ms."""
        self.places[name].readdress(self.links[name].device, ELSEWHERE[name])
        return senses.running_ms()

    async def carry(self, near: str, far: str, port: int) -> None:
        """Carry a port of the coordinator's place to another one."""
        crossing = Crossing(self.places[near], self.places[far], ADDRESSES[far][0], port)
        await crossing.open()
        self._cleanup.push_async_callback(crossing.close)

    async def begin(self, what: str, *, afar: bool = False) -> End:
        """A camera at the venue (`publish`), or somebody who looks elsewhere (`watch`).

        A camera `afar` stands where else somebody looks, and sends to the coordinator's worker.
        """
        place, seat = ("venue", SEAT) if what == "publish" else ("far", WATCHER)
        worker = "venue" if what == "publish" else "house"
        if afar:
            place, worker = "far", "house"
        process = await asyncio.create_subprocess_exec(
            *within.command(self.places[place].path), "ops.faults.apart.ends",
            what, self._urls[worker], SESSION, SEAT, secret(seat),
            cwd=PROJECT, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        end = End(process)
        self.pids[what] = process.pid
        self._cleanup.push_async_callback(end.close)
        return end

    def url(self, worker: str) -> str:
        """Where a worker answers, at its own place's loopback and at those that it is carried to."""
        return self._urls[worker]

    async def until_live(self, worker: str, sources: tuple[str, ...]) -> None:
        """Wait until a worker carries these.

        Raises:
          TimeoutError: it does not.
        """
        wanted = {f"{SESSION}/{one}" for one in sources}
        async with asyncio.timeout(WAIT_S):
            while True:
                told = await self.stats(worker)
                if wanted <= {one["source"] for one in told["sources"] if one["is_live"]}:
                    return
                await asyncio.sleep(0.05)

    async def stats(self, worker: str) -> Any:
        """What a worker carries."""
        return await self._control(worker, "GET", "/stats", b"")

    async def _make(self) -> None:
        before = Place.here()
        self._cleanup.callback(before.close)
        for name in ("house", *ADDRESSES):
            self.places[name] = Place.make()
            self._cleanup.callback(self.places[name].close)
        self.places["house"].enter()
        self._cleanup.callback(before.enter)
        for number, (name, (near, own)) in enumerate(ADDRESSES.items(), 1):
            ends = ((self.places["house"].path, near), (self.places[name].path, own))
            self.links[name] = await Link.open(f"line{number}", ends)
            self._cleanup.push_async_callback(self.links[name].close)
        with self.places["venue"].inside():
            self._cleanup.callback(os.close, namespaces.tun("lan", LAN))
        files.make_folder(self.data)
        kept: dict[str, Any] = {"recordings": str(self.data / "recordings"), "venue": VENUE}
        await self._worker("house", kept if self._house_records else {})
        await self._worker("venue", {} if self._house_records else kept)
        port = int(self._urls["house"].rpartition(":")[2])
        for far in ADDRESSES:
            await self.carry("house", far, port)
        cameras = tuple(Present(media.token_digest(secret(seat)), seat, "expert", VENUE) for seat in SEATS)
        node = Present(media.token_digest(_SECRETS["relay"]), "", "venue", VENUE)
        watcher = Present(media.token_digest(secret(WATCHER)), WATCHER, "supervisor", "nanjing")
        for worker, people in (("house", (*cameras, node, watcher)), ("venue", cameras)):
            table = msgspec.json.encode(Table(1, SESSION, 0, "CHECKIN", people))
            await self._control(worker, "PUT", f"/allow/{SESSION}", table)
        relay = {"url": self._urls["house"], "secret": _SECRETS["relay"]}
        await self._control("venue", "PUT", f"/relay/{SESSION}", json.dumps(relay).encode())

    async def _worker(self, name: str, more: dict[str, Any]) -> None:
        folder = files.make_folder(self.data / name)
        (folder / "secret").write_text(_SECRETS[name])
        config = {"control_secret": str(folder / "secret"), "http_host": LOOPBACK, "log_level": "info"}
        files.write_json(folder / "media.json", {**config, **more})
        process = await asyncio.create_subprocess_exec(
            *within.command(self.places[name].path), "server.media", "--config", str(folder / "media.json"),
            cwd=PROJECT, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self.pids[f"{name}_worker"] = process.pid
        assert process.stderr is not None
        log = (folder / "log").open("wb")
        self._cleanup.callback(log.close)
        self._cleanup.push_async_callback(_ended, process)
        async with asyncio.timeout(READY_S):
            told = json.loads(await process.stderr.readline() or b"{}")
        if "port" not in told:
            raise OSError(f"the media worker of {name} does not come up: {told}")
        reading = asyncio.create_task(_log(process.stderr, log))
        self._cleanup.callback(reading.cancel)
        self._urls[name], self._controls[name] = f"http://{LOOPBACK}:{told['port']}", int(told["control"])

    async def _control(self, worker: str, method: str, path: str, body: bytes) -> Any:
        """Ask a worker as its node does, at its place's loopback."""
        place = self.places[worker]

        def made(info: Any) -> socket.socket:
            with place.inside():
                return socket.socket(info[0], info[1], info[2])

        headers = {"Authorization": f"Bearer {_SECRETS[worker]}"}
        url = f"http://{LOOPBACK}:{self._controls[worker]}{path}"
        connector = aiohttp.TCPConnector(socket_factory=made, force_close=True)
        async with (
            aiohttp.ClientSession(connector=connector) as http,
            http.request(method, url, data=body, headers=headers) as answer,
        ):
            answer.raise_for_status()
            return await answer.json()


@contextlib.asynccontextmanager
async def stand(data: Path, *, house_records: bool = False) -> AsyncIterator[Rig]:
    """The places with their workers, until the block ends."""
    async with Rig(data, house_records=house_records) as rig:
        yield rig


def secret(seat: str) -> str:
    """What a seat's page has to bear.

    >>> secret("M5")
    'secret of M5'
    """
    return f"secret of {seat}"


async def _log(out: asyncio.StreamReader, file: Any) -> None:
    while line := await out.readline():
        file.write(line)
        file.flush()


async def _ended(process: asyncio.subprocess.Process) -> None:
    """A worker is asked to end, and is given `_END_S` for the last of its recording."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(_END_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
