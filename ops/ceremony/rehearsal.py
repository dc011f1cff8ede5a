"""A whole opening with dummy bids: roll-call, releases, custody, recombination, read-out.

The custodians' services are asked through a `Desk`: functions in this process, or real processes behind HTTP
(`processes`). What is shown is that everything needed for tomorrow's opening is there; that is why it is held
the day before, as part of pre-flight.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from ops import places
from ops.ceremony.parties import PROJECT, VENUES, Parties, SealedBid
from ops.ceremony.processes import Processes
from ops.ceremony.table import Table
from ops.senses import now_ms, running_ms
from protocol import commands as cmd
from protocol.commands import parse
from protocol.entry import Entry
from protocol.ledger import quorum
from protocol.plan.case import Case, read_case
from protocol.refusals import Refusal
from protocol.session.ceremony import reading
from sub_venue.custody import recombining
from sub_venue.custody.judgement import BidHeader, Me
from sub_venue.custody.recombining import Fetched
from sub_venue.custody.releases import Releases
from sub_venue.custody.service import Answered, Asked, Service

BEGAN_MS_AGO: Final = 600_000
"""How long ago a rehearsal with real clocks is said to have begun."""


class Desk(Protocol):
    """Where custodians' services are asked."""

    def roll_call(self, custodian: str, asked: Asked) -> Answered | Refusal:
        """Ask one to answer the roll-call."""

    def release(self, custodian: str, asked: Asked) -> Answered | Refusal:
        """Ask one to release."""


class Clock:
    """A clock that the rehearsal sets, and dice of the seed's."""

    def __init__(self, parties: Parties, name: str, now: Callable[[], int]) -> None:
        """Read `now`; draw for `name`."""
        self._parties, self._name, self._now, self._drawn = parties, name, now, 0

    def now_ms(self) -> int:
        """The rehearsal's clock."""
        return self._now()

    def secret(self, size: int) -> bytes:
        """Bytes of the seed, never the same twice."""
        self._drawn += 1
        return self._parties.random("secret", self._name, str(self._drawn))[:size]


class Held(Struct, frozen=True):
    """What a rehearsal showed. Times in ms; `answered` and `released` name custodians."""

    bids: int
    custodians: int
    threshold: int
    suite: str
    answered: tuple[str, ...]
    released: tuple[str, ...]
    opened: tuple[str, ...]
    failed: tuple[str, ...]
    equal: bool
    phase: str
    entries: int
    opening_ms: int


def service(table: Table, name: str, folder: Path, step: Callable[[str], None] = lambda _: None) -> Service:
    """One custodian's service in this process."""
    parties = table.parties
    key = parties.key(name)
    me = Me(name, parties.author_text(name), key.public, frozenset({PROJECT}))
    return Service(
        me, parties.suite.name, key, parties.author(name), quorum.read(table.policy), Releases(folder / name),
        Clock(parties, name, lambda: table.now), step,
    )  # fmt: skip


def asked(table: Table, bids: Sequence[SealedBid] = (), note: str = "") -> Asked:
    """The question that whoever conducts the opening brings to a service."""
    entries = tuple(raw.decode() for raw in table.entries)
    headers = tuple(BidHeader(one.mark, one.header_raw) for one in bids)
    return Asked(note or table.checkpoint(), entries, headers, table.stage)


def enter(table: Table, answered: Answered) -> Entry | Refusal:
    """A service's act comes in."""
    result = table.take(parse(answered.command.encode()), answered.sig, answered.disclosures)
    if isinstance(result, Entry):
        table.settle()
    return result


def hold(
    table: Table,
    bids: Sequence[SealedBid],
    desk: Desk,
    folder: Path,
    *,
    late: Sequence[str] = (),
    window_ms: int = 60_000,
) -> Held:
    """The whole opening, from the appointment to the read-out.

    Args:
      table: a session that is booked.
      bids: the sealed bids.
      desk: where custodians are asked.
      folder: where containers and opened bids lie.
      late: bids whose bidders do not release.
      window_ms: how long bidders may.
    """
    table.prepare(window_ms)
    table.begin()
    answered = _call(table, table.parties.holders, desk.roll_call, lambda: asked(table))
    table.receive(tuple(bids))
    fetched = {venue: fetch(folder / venue, bids) for venue in VENUES}
    for one in bids:
        if one.bid not in late:
            assert table.release(one) == "", one.bid
    if late:
        table.settle(table.opening.until + 1)
    started = running_ms()
    released = _call(table, table.parties.holders, desk.release, lambda: asked(table, bids))
    equal = report(table, fetched, folder)
    opening_ms = running_ms() - started
    close(table, bids)
    found = table.opening
    gone = reading.unopened(found)
    return Held(
        bids=len(bids), custodians=len(table.parties.holders), threshold=table.parties.threshold,
        suite=table.parties.suite.name, answered=answered, released=released,
        opened=tuple(one.bid for one in found.received if one.bid not in gone), failed=gone, equal=equal,
        phase=table.here.phase, entries=len(table.entries), opening_ms=opening_ms,
    )  # fmt: skip


def fetch(folder: Path, bids: Sequence[SealedBid]) -> Mapping[str, Fetched]:
    """The ciphertext comes to a venue before anything is released, and is compared with the record."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for one in bids:
        path = folder / f"{one.bid}.tcbid"
        path.write_bytes(one.raw)
        fetched, mark = recombining.fetch(path)
        assert mark == one.received.mark, "the container is the one that was received"
        found[one.bid] = fetched
    return found


def report(table: Table, fetched: Mapping[str, Mapping[str, Fetched]], folder: Path) -> bool:
    """Every venue opens what was released to it, and says what it found; whether all found the same."""
    digests = set()
    for venue in VENUES:
        found = recombining.put_together(
            table.at, table.here, table.disclosed, fetched[venue], table.venue_key(venue),
            folder / venue / "opened",
        )  # fmt: skip
        table.must(f"node {venue}", found.report, table.stage)
        digests.add(table.opening.reports[venue].digest)
    return len(digests) == 1


def close(table: Table, bids: Sequence[SealedBid]) -> None:
    """Failures recorded, names and prices published, read out; signatures are people's, and not rehearsed."""
    found = table.opening
    gone = reading.unopened(found)
    for bid in gone:
        reason = "dealer_fault" if bid in found.released else "not_released"
        assert table.fail(bid, "revoked", reason) == ""
    assert table.publish({one.bid: one for one in bids if one.bid not in gone}) == ""
    for opened in table.here.bids:
        table.must("tenderee", cmd.ReadOut(opened.bidder), table.stage)


def _call(
    table: Table,
    holders: Mapping[str, str],
    ask: Callable[[str, Asked], Answered | Refusal],
    question: Callable[[], Asked],
) -> tuple[str, ...]:
    """Ask every custodian, and enter what comes; who did."""
    came = []
    for name in holders:
        answered = ask(name, question())
        if isinstance(answered, Answered) and isinstance(enter(table, answered), Entry):
            came.append(name)
    return tuple(came)


class InProcess:
    """Every service in this process."""

    def __init__(self, table: Table, folder: Path) -> None:
        """Make them all."""
        self.services = {name: service(table, name, folder) for name in table.parties.holders}

    def roll_call(self, custodian: str, asked: Asked) -> Answered | Refusal:
        """Ask one to answer the roll-call."""
        return self.services[custodian].answer_roll_call(asked)

    def release(self, custodian: str, asked: Asked) -> Answered | Refusal:
        """Ask one to release."""
        return self.services[custodian].release(asked)


def told(held: Held) -> bytes:
    """A rehearsal's result as JSON."""
    return msgspec.json.encode(held)


def rehearse(case: Case, parties: Parties, count: int, folder: Path) -> Held:
    """A rehearsal with everything in this process."""
    table = Table(case, parties)
    table.book()
    return hold(table, sealed(parties, count), InProcess(table, folder / "custody"), folder)


def with_processes(
    count: int, custodians: int, threshold: int, suite: str, folder: Path, late: Sequence[str] = ()
) -> Held:
    """A rehearsal whose custodians' services are real processes, with clocks of their own.

    Raises:
      Trouble: a service does not start.
    """
    parties = Parties(suite, custodians, threshold)
    table = Table(sample(), parties)
    # The services' clocks are this machine's: the rehearsal began so long ago that its window is over by now.
    table.now = now_ms() - BEGAN_MS_AGO
    table.book()
    with Processes(table, folder / "custody") as desk:
        window_ms = 60_000 + 4_000 * count if not late else BEGAN_MS_AGO // 2
        return hold(table, sealed(parties, count), desk, folder, late=late, window_ms=window_ms)


def sealed(parties: Parties, count: int) -> tuple[SealedBid, ...]:
    """So many dummy bids."""
    return tuple(parties.seal(number) for number in range(1, count + 1))


def sample() -> Case:
    """The sample tender's case, whose plan a rehearsal is booked under."""
    found = read_case(places.sample_case().read_bytes())
    assert isinstance(found, Case), found
    return found
