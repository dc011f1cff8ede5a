"""Clocks that are five minutes wrong: at the coordinator, at venues, at pages; and one that is set back.

What an author's or a venue's clock says is a claim and stands beside; order and time of the record are the
coordinator's, and never go back. Only the coordinator's clock makes a deadline pass. Source: DESIGN 1.1, 9.
"""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops import act, senses
from ops.faults.found import Found
from ops.faults.ground import Ground, Laying, laid
from ops.faults.notes import Notes
from ops.installation import COORDINATOR
from ops.people.person import Person
from ops.people.play import Play
from protocol import entry, record
from protocol.entry import Entry
from protocol.views import SeatView

OFF_MS: Final = 300_000
SCORING_MS: Final = 200_000
"""Longer than an evaluation here takes, shorter than a clock is wrong."""
PAGES: Final = {"M1": OFF_MS, "M3": -OFF_MS}
"""Whose own machine is wrong, and by how much."""
VENUES: Final = {"nanjing": OFF_MS, "hangzhou": -OFF_MS}
MARGIN_MS: Final = 120_000
"""Less than a clock is wrong, more than an evaluation here takes."""
WAIT_S: Final = 90.0


class _WrongClock(Person):
    """A person whose machine's clock is off."""

    def now_ms(self) -> int:
        return super().now_ms() + PAGES.get(self.seat, 0)


class _WrongClocks(Play):
    """A play in which some people's clocks are off."""

    def _seat(self, seat: SeatView) -> Person:
        key = Ed25519PrivateKey.from_private_bytes(self._dice.bytes32("key", self.session, seat.seat))
        node = self.installation.node(seat.venue)
        return _WrongClock(node, self.session, seat.seat, key, self._dice, listener=self._pulse)


async def elsewhere(data: Path, for_ms: int, found: Found) -> None:
    """Two venues and two pages are five minutes wrong, in both directions; the coordinator is right."""
    del for_ms
    found.injected = "the clocks of nanjing +5 min, hangzhou −5 min, M1's page +5 min, M3's page −5 min"
    async with laid(data, Laying(clocks=frozenset(VENUES), scoring_ms=SCORING_MS)) as ground:
        await ground.calm()
        for venue, off_ms in VENUES.items():
            ground.set_clock(venue, off_ms)
        notes = Notes()
        begun = senses.now_ms()
        people = ground.seat("wrong", notes, kind=_WrongClocks)
        played = await ground.broken(people, notes, _nothing(), found)
        entries = _entries(played)
        spans = [one.at - begun for one in entries]
        found.expect(
            min(spans) >= -1 and max(spans) < MARGIN_MS, "the record's time is the coordinator's clock"
        )
        found.expect(not _of(entries, "RaiseOverrun"), "no deadline has passed by their clocks")
        claims = {one.command.author_key: one.command.author_at - one.at for one in entries}
        found.expect(
            any(claim > MARGIN_MS for claim in claims.values())
            and any(claim < -MARGIN_MS for claim in claims.values()),
            "what their clocks said stands beside, as a claim",
        )
        found.figures["claims_off_max_ms"] = max(map(abs, claims.values()))


async def coordinator(data: Path, for_ms: int, found: Found) -> None:
    """The coordinator's clock is five minutes ahead, then set ten back while members score, then right."""
    del for_ms
    found.injected = "the coordinator's clock +5 min, set to −5 min while members score, right at the end"
    async with laid(data, Laying(clocks=frozenset({COORDINATOR}), scoring_ms=SCORING_MS)) as ground:
        await ground.calm()
        ground.set_clock(COORDINATOR, OFF_MS)
        notes = Notes()
        notes.when(lambda: notes.stage("M1") == "DETAILED", lambda: ground.set_clock(COORDINATOR, -OFF_MS))
        people = ground.seat("wrong", notes)
        played = await ground.broken(people, notes, _set_right(ground, notes), found)
        entries = _entries(played)
        stood = max(sum(1 for other in entries if other.at == one.at) for one in entries)
        found.figures["entries_at_one_ms"] = stood
        found.expect(stood > 10, "time stood still in the record until the clock had come up again")
        found.expect(not _of(entries, "RaiseOverrun"), "a clock set back makes no deadline pass")


async def deadline(data: Path, for_ms: int, found: Found) -> None:
    """The coordinator's clock jumps over the end of scoring while members score."""
    del for_ms
    found.injected = "the coordinator's clock set +5 min while members score, over the end of their time"
    async with laid(data, Laying(clocks=frozenset({COORDINATOR}), scoring_ms=SCORING_MS)) as ground:
        await ground.calm()
        notes = Notes()
        notes.when(lambda: notes.stage("M1") == "DETAILED", lambda: ground.set_clock(COORDINATOR, OFF_MS))
        people = ground.seat("wrong", notes)
        played = await ground.broken(people, notes, _nothing(), found)
        overruns = _of(_entries(played), "RaiseOverrun")
        found.expect(len(overruns) == 1, "the overrun is raised once")
        found.expect(
            not [told for told in notes.answers.values() if told.answer.refused is not None],
            "nobody is refused for it",
        )


async def _set_right(ground: Ground, notes: Notes) -> None:
    await notes.until(lambda: notes.count("ConfirmRanking"), WAIT_S, "the ranking is confirmed")
    ground.set_clock(COORDINATOR, 0)


async def _nothing() -> None:
    """The disturbance is there from the beginning."""


def _entries(played: act.Played) -> tuple[Entry, ...]:
    return tuple(entry.decode(raw) for raw in record.read(played.record.read_bytes()).entries)


def _of(entries: tuple[Entry, ...], type_: str) -> tuple[Entry, ...]:
    return tuple(one for one in entries if one.command.type == type_)
