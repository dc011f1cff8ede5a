"""The ground that a fault happens on: a stack of real processes and one case, played calm and disturbed.

Owns laying it (wrong clocks, lines that can be cut, small disks, narrower bounds) and playing an evaluation
on it while something breaks. Must not know what breaks, or what that should do.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import aiohttp
from msgspec import Struct
from msgspec.structs import replace

from ops import act, backing, files, installation, places, ports, postgres, senses
from ops.backing import Size
from ops.faults import senses as clocks
from ops.faults.commits import Doubt
from ops.faults.forwarder import Line
from ops.faults.found import Found
from ops.faults.judge import judge
from ops.faults.notes import Notes
from ops.faults.volume import Volume
from ops.installation import DEFAULT_PLACES, LOOPBACK, PORTS_SPAN, Installation
from ops.people import script
from ops.people.play import Play
from ops.postgres import Cluster
from ops.senses import Dice
from ops.stack import Stack
from protocol.plan.case import Case

LINES_MS: Final = 30_000
"""How long the nodes' lines may take to come up."""
SILENCE_MS: Final = 60_000
"""How long a disturbed session may stand still beyond the disturbance itself."""
_ASK_S = 5.0
_POLL_S = 0.05


class Laying(Struct, frozen=True, kw_only=True):
    """What is special about a ground: by process, `coordinator` or a node's id."""

    clocks: frozenset[str] = frozenset()
    """Processes whose clock can be put wrong."""
    lines: frozenset[str] = frozenset()
    """Nodes whose line can be cut."""
    volumes: Mapping[str, int] = {}
    """Process → size in bytes of the small disk that its folder lies on."""
    scoring_ms: int = 0
    """How long members may score, where it is other than the sample's."""
    rules: Literal["", "3", "4"] = ""
    """The rules' version of its sessions, where it is other than the sample's."""
    size: Size = Size()
    """How many coordinators, on which database, with which bus."""
    standby: bool = False
    """Whether PostgreSQL has a synchronous standby, which the coordinators know of."""
    in_doubt: bool = False
    """Whether the way to PostgreSQL can be cut when a commit is answered."""
    bounds: Mapping[str, Mapping[str, int]] = {}
    """Process → bounds that are other than its own."""


class Ground:
    """A stack that runs, and what can be done to it."""

    def __init__(self, stack: Stack, case: Case, lines: dict[str, Line], volumes: dict[str, Volume]) -> None:
        """Stand on a running stack; see `laid`."""
        self.stack = stack
        self.case = case
        self.lines = lines
        self.volumes = volumes
        self.standby: Cluster | None = None
        self.doubt: Doubt | None = None
        self.calm_notes = Notes()
        self._calm: act.Played | None = None

    @property
    def installation(self) -> Installation:
        """Where everything lies."""
        return self.stack.installation

    async def calm(self) -> act.Played:
        """The evaluation as it is when nothing happens to it; played once."""
        if self._calm is None:
            self._calm = await self.play(self.seat("calm", self.calm_notes))
        return self._calm

    def seat(self, session: str, notes: Notes, stands_ms: int = 0, kind: type[Play] = Play) -> Play:
        """The people of one session; it may stand still so long, and a little longer."""
        return kind(
            self.installation, self.case, session, Dice(), listener=notes, silence_ms=SILENCE_MS + stands_ms
        )

    async def play(self, people: Play) -> act.Played:
        """A whole evaluation from booking to its checked record.

        Raises:
          Trouble: nothing moves, an act is refused, or a process does not keep running.
        """
        return await self.stack.unless_broken(self._play(people))

    async def broken(
        self, people: Play, notes: Notes, breaking: Coroutine[Any, Any, None], found: Found
    ) -> act.Played:
        """An evaluation while something breaks; then the judge looks at it.

        Raises:
          Trouble, AssertionError: it did not come to its end, or the disturbance did not.
        """
        calm = await self.calm()
        playing = asyncio.create_task(self.play(people))
        disturbing = asyncio.create_task(breaking)
        both: set[asyncio.Task[Any]] = {playing, disturbing}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_EXCEPTION)
            for task in (disturbing, playing):
                if task.done():
                    task.result()
            played = await playing
            await disturbing
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
        found.findings += await judge(self.installation, played, calm, notes)
        found.figures |= notes.took()
        found.figures["entries"] = played.result.entries
        return played

    def set_clock(self, process: str, off_ms: int) -> None:
        """Put a process's clock wrong from now on."""
        clocks.set_off(_clock_file(self.installation, process), off_ms)

    async def readyz(self, process: str) -> tuple[int, str]:
        """What a process says at /readyz: status and text; 0 where it says nothing."""
        part = next(part for part in self.stack.parts if part.name == process)
        try:
            async with asyncio.timeout(_ASK_S), aiohttp.ClientSession() as http:
                url = f"http://{LOOPBACK}:{part.health_port}/readyz"
                async with http.get(url, headers={"Host": part.host}) as answer:
                    return answer.status, await answer.text()
        except (OSError, TimeoutError, aiohttp.ClientError):
            return 0, ""

    async def until_ready(self, process: str, wanted: bool, timeout_ms: int) -> int:
        """Wait until /readyz says so, or says otherwise; how long that took, ms.

        Raises:
          AssertionError: it does not in time.
        """
        start = senses.running_ms()
        while (await self.readyz(process))[0] != (200 if wanted else 503):
            spent = senses.running_ms() - start
            assert spent < timeout_ms, f"{process} does not say {'ready' if wanted else 'not ready'}"
            await asyncio.sleep(_POLL_S)
        return senses.running_ms() - start

    async def online(self) -> frozenset[str]:
        """The nodes whose line is up, as the coordinators see it."""
        found: set[str] = set()
        for name in self.installation.coordinators:
            url = f"http://{LOOPBACK}:{self.installation.listens(name)[1]}/overview"
            with contextlib.suppress(OSError, TimeoutError, aiohttp.ClientError):
                async with asyncio.timeout(_ASK_S), aiohttp.ClientSession() as http, http.get(url) as answer:
                    told = await answer.json()
                    found |= {node["node"] for node in told["nodes"] if node["online"]}
        return frozenset(found)

    async def lines_up(self) -> None:
        """Wait until every node's line is up.

        Raises:
          AssertionError: they are not in time.
        """
        until = senses.running_ms() + LINES_MS
        wanted = {node.place.node for node in self.installation.nodes}
        while await self.online() != wanted:
            assert senses.running_ms() < until, "the lines do not come up"
            await asyncio.sleep(_POLL_S)

    async def _play(self, people: Play) -> act.Played:
        async with people.open():
            await people.prepare(booked=False)
            await people.hand_out()
            view = await people.perform()
        assert view.phase == "ARCHIVED", view.phase
        path = self.installation.data / f"{people.session}.record"
        options = act.Options(record=path)
        return await act.conclude(self.installation, self.case, people.session, options)


@contextlib.asynccontextmanager
async def laid(data: Path, laying: Laying) -> AsyncIterator[Ground]:
    """A ground in a new data folder, its lines up; everything ends with the block.

    Raises:
      Trouble: a process does not come up, or this machine gives no small disk.
    """
    case = script.load(places.sample_case())
    if laying.scoring_ms:
        case = replace(case, plan=replace(case.plan, scoring_ms=laying.scoring_ms))
    if laying.rules:
        case = replace(case, rules=laying.rules)
    places_ = len(DEFAULT_PLACES)
    media = 2 * (places_ + (laying.size.coordinators or 1)) * (laying.size.media_workers or 0)
    base = ports.free_base(PORTS_SPAN + places_ + max(len(laying.lines), media and places_ + media), Dice())
    found = installation.ensure(
        data, now_ms=senses.now_ms(), ports_from=base, shape=backing.shape(data, laying.size)
    )
    for process, bounds in laying.bounds.items():
        _change(found, process, bounds=dict(bounds))
    async with contextlib.AsyncExitStack() as cleanup:
        lines: dict[str, Line] = {}
        for number, node in enumerate(sorted(laying.lines)):
            port = base + PORTS_SPAN + len(DEFAULT_PLACES) + number
            _change(found, node, coordinator_url=f"https://{LOOPBACK}:{port}")
            lines[node] = await Line.open(port, found.node_port)
            cleanup.push_async_callback(lines[node].close)
        volumes: dict[str, Volume] = {}
        for process, size in laying.volumes.items():
            volumes[process] = Volume(found.config(process).parent, size)
            cleanup.callback(volumes[process].close)
        doubt = await _in_doubt(found, cleanup) if laying.in_doubt else None
        if laying.standby:
            _know_standby(found)
        stack = Stack(found, restart=True, revive=False)
        for process in laying.clocks:
            clocks.set_off(_clock_file(found, process), 0)
        stack.parts = tuple(
            replace(part, module=clocks.__name__, arguments=(part.module, str(_clock_file(found, part.name))))
            if part.name in laying.clocks
            else part
            for part in stack.parts
        )
        cleanup.push_async_callback(stack.stop)
        await stack.start()
        ground = Ground(stack, case, lines, volumes)
        ground.doubt = doubt
        if laying.standby:
            assert stack.backing.postgres is not None
            ground.standby = await asyncio.to_thread(
                stack.backing.postgres.standby, _standby_folder(stack.backing.postgres)
            )
            cleanup.callback(ground.standby.stop)
        await ground.lines_up()
        yield ground


def _change(found: Installation, process: str, **changes: Any) -> None:
    path = found.config(process)
    files.write_json(path, {**files.read_json(path), **changes})


def _standby_folder(primary: Cluster) -> Path:
    return primary.data_dir.with_name(f"{primary.data_dir.name}-standby")


def _know_standby(found: Installation) -> None:
    """Tell the coordinators of a standby, so that they find whichever can be written to."""
    primary = Cluster(postgres.home_for(found.data))
    both = primary.url("postgres", Cluster(_standby_folder(primary)))
    for name in found.coordinators:
        _change(found, name, database=both)


async def _in_doubt(found: Installation, cleanup: contextlib.AsyncExitStack) -> Doubt:
    """Lead the coordinators' way to PostgreSQL through one that can be cut."""
    primary = Cluster(postgres.home_for(found.data))
    doubt = Doubt(primary.data_dir.with_name("doubt"), primary.data_dir / f".s.PGSQL.{postgres.PORT}")
    await doubt.open()
    cleanup.push_async_callback(doubt.close)
    for name in found.coordinators:
        _change(found, name, database=Cluster(doubt.folder).url())
    return doubt


def _clock_file(found: Installation, process: str) -> Path:
    return found.data / f"clock-{process}"
