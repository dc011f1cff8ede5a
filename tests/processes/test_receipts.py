"""`strace` shows an fdatasync before each receipt, at the coordinator and at a venue (DESIGN 1.4).

One whole session is traced at three processes at once. The judge is held against traces that must not
convince it: the same one without its syncs, with syncs that failed, that went elsewhere, that came late.
"""

from collections.abc import Callable

import pytest
import pytest_asyncio
from msgspec import Struct
from msgspec.structs import replace

from ops import places
from ops.installation import COORDINATOR
from ops.people import script
from ops.people.listener import Listener
from ops.stack import Stack
from protocol import wire
from protocol.commands import Command
from tests.processes import receipts, system_calls
from tests.processes.held_play import HeldPlay
from tests.processes.receipts import NotShown, Shown, Told
from tests.processes.system_calls import SYNCS, Call

pytestmark = pytest.mark.asyncio(loop_scope="module")

VENUES = ("hefei", "nanjing")
ONE_BY_ONE = ("BookSession", "ImportCommittee", "ImportOpening", "DrawK", "OpenCheckIn")
"""The agent's acts before anybody else sits at a desk."""


class Done(Struct, frozen=True):
    """An act that was accepted: whose, at which venue, and which."""

    seat: str
    type: str
    command_id: str


class Witness(Listener):
    """Remembers what was accepted."""

    def __init__(self) -> None:
        self.accepted: list[Done] = []

    def answered(self, who: str, command: Command, answer: wire.Answer) -> None:
        if answer.status == "accepted":
            self.accepted.append(Done(who, command.type, command.command_id))


class Traced(Struct, frozen=True):
    """A traced session: its calls, what was accepted at which venue, and where things were."""

    calls: list[Call]
    accepted: dict[str, tuple[Done, ...]]
    told: dict[str, dict[str, Told]]
    journals: dict[str, str]
    wal: str
    line: str

    def names(self, venue: str, *types: str) -> list[str]:
        """The ids of what was accepted at a venue, of these types or all."""
        return [one.command_id for one in self.accepted[venue] if not types or one.type in types]

    def at_venue(self, calls: list[Call], venue: str, name: str) -> Shown:
        return receipts.at_venue(calls, self._told(venue, name), name, self.journals[venue])

    def at_coordinator(self, calls: list[Call], venue: str, name: str) -> Shown:
        return receipts.at_coordinator(calls, self._told(venue, name), name, self.wal, self.line)

    def behind_both(self, calls: list[Call], venue: str, name: str) -> Shown:
        return receipts.behind_both(calls, self._told(venue, name), name, self.journals[venue], self.wal)

    def _told(self, venue: str, name: str) -> Told:
        return self.told[venue].get(name, Told())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def traced(running: Stack, tmp_path_factory: pytest.TempPathFactory) -> Traced:
    found, witness = running.installation, Witness()
    play = HeldPlay(found, script.load(places.sample_case()), "traced", listener=witness)
    path = tmp_path_factory.mktemp("trace") / "calls.txt"
    pids = {name: running.pid(name) for name in (COORDINATOR, *VENUES)}
    async with system_calls.traced(pids.values(), path) as tracing:
        played = await play.to_the_end()
    assert played.result.rows
    calls = tracing.calls()
    at = {name: str(found.config(name).parent) for name in (COORDINATOR, *VENUES)}
    seats = {seat: person.node.place.node for seat, person in play.people.items()}
    return Traced(
        calls,
        {venue: tuple(one for one in witness.accepted if seats[one.seat] == venue) for venue in VENUES},
        {venue: receipts.pages(calls, found.node(venue).port) for venue in VENUES},
        {venue: f"{at[venue]}/journal.log" for venue in VENUES},
        f"{at[COORDINATOR]}/coordinator.db-wal",
        receipts.line_of(calls, pids["hefei"], found.node_port),
    )


async def test_a_venue_syncs_its_journal_before_each_receipt(traced: Traced) -> None:
    for venue in VENUES:
        types = {one.type for one in traced.accepted[venue]}
        assert types >= {"BindSeat", "CheckIn", "SealSheet", "SignReport"}
        for name in traced.names(venue):
            way = traced.at_venue(traced.calls, venue, name)
            assert 0 < way.arrived < way.written < way.synced < way.told


async def test_the_coordinator_syncs_its_log_before_each_answer(traced: Traced) -> None:
    names = traced.names("hefei", *ONE_BY_ONE)
    assert len(names) == len(ONE_BY_ONE)
    for name in names:
        way = traced.at_coordinator(traced.calls, "hefei", name)
        assert 0 < way.arrived < way.written < way.synced < way.told


async def test_a_page_is_told_accepted_only_behind_both_syncs(traced: Traced) -> None:
    for venue in VENUES:
        names = traced.names(venue)
        assert len(names) >= 10
        for name in names:
            way = traced.behind_both(traced.calls, venue, name)
            assert 0 < way.arrived < way.written < way.synced < way.told


# --- the judge itself ---------------------------------------------------------------------------


def _without(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.name not in SYNCS]


def _failed(calls: list[Call]) -> list[Call]:
    return [replace(call, result=-1) if call.name in SYNCS else call for call in calls]


def _elsewhere(calls: list[Call]) -> list[Call]:
    return [replace(call, target="elsewhere") if call.name in SYNCS else call for call in calls]


def _late(calls: list[Call]) -> list[Call]:
    """Every sync comes only after the last receipt."""
    end = calls[-1].ended
    return [
        replace(call, begun=call.begun + end, ended=call.ended + end) if call.name in SYNCS else call
        for call in calls
    ]


def _unended(calls: list[Call]) -> list[Call]:
    """Every sync begins in time and ends only after the last receipt."""
    end = calls[-1].ended
    return [replace(call, ended=call.ended + end) if call.name in SYNCS else call for call in calls]


@pytest.mark.parametrize("worsen", [_without, _failed, _elsewhere, _late, _unended])
async def test_a_trace_without_its_syncs_shows_no_receipt_at_all(
    traced: Traced, worsen: Callable[[list[Call]], list[Call]]
) -> None:
    calls = worsen(traced.calls)
    for venue in VENUES:
        for name in traced.names(venue):
            for judge in (traced.at_venue, traced.behind_both):
                with pytest.raises(NotShown, match="told before an fdatasync"):
                    judge(calls, venue, name)
    for name in traced.names("hefei", *ONE_BY_ONE):
        with pytest.raises(NotShown, match="told before an fdatasync"):
            traced.at_coordinator(calls, "hefei", name)


async def test_an_act_that_never_came_is_not_shown(traced: Traced) -> None:
    for judge in (traced.at_venue, traced.behind_both, traced.at_coordinator):
        with pytest.raises(NotShown, match="never came in"):
            judge(traced.calls, "hefei", "no-such-act")
