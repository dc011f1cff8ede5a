"""A committee drawn over real processes: anybody can draw it again, and nobody knew before whom or where.

两随机四不知 (355号 七): sub-venues and experts are random, and until check-in nobody knows who and where.
Held against what the desks of a real stack were pushed, and against what lay on its disks meanwhile.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from ops import act, drawn, experts, stack
from ops.act import Options, Played
from ops.people.listener import Listener, Seen
from ops.scripts import drawn_committee
from protocol import entry, record
from protocol.commands_draw import PublishDraw
from protocol.events_draw import DrawPublished, ReplacementCalled
from protocol.record import Record
from protocol.session.outcome import outcome
from protocol.session.state import State
from protocol.views import View

SCRIPT = drawn_committee.SCRIPT
MAIN, SUBS = "hefei", frozenset({"shanghai", "nanjing", "hangzhou"})
POOL = experts.sample()


class Pushed(Struct, frozen=True):
    """A view that a desk was pushed, and its text."""

    seat: str
    view: View
    text: str


class Watching(Listener):
    """Keeps every view that anybody is pushed, and what lies at the other venues and the coordinator when."""

    def __init__(self, data: Path) -> None:
        self.pushed: list[Pushed] = []
        self.disks: dict[str, dict[str, bytes]] = {}
        self._data = data

    def saw(self, person: Seen) -> None:
        view = person.view
        assert view is not None
        self.pushed.append(Pushed(person.seat, view, msgspec.json.encode(view).decode()))
        if person.seat == "agent" and view.phase not in self.disks:
            places = {name: self._data / "nodes" / name for name in SUBS}
            places["coordinator"] = self._data / "coordinator"
            self.disks[view.phase] = {name: _lies(folder) for name, folder in places.items()}

    def before(self, size: int) -> Iterator[Pushed]:
        """What was pushed while the record had no more entries than these."""
        return (one for one in self.pushed if one.view.as_of.size <= size)


class Held(Struct, frozen=True):
    """A session that was held over the real stack."""

    played: Played
    watching: Watching
    read: Record
    state: State
    published: int
    """The entry that shows the draw."""

    def names(self, venue: str = "") -> set[str]:
        """The names of who was shown as drawn, for a seat at this venue or at any; who did not come too."""
        taken = [
            one
            for raw in self.read.entries
            for event in entry.decode(raw).events
            if isinstance(event, DrawPublished | ReplacementCalled)
            for one in (event.members if isinstance(event, DrawPublished) else event.taken)
        ]
        return {self.read.disclosed.value(one.leaf.person) for one in taken if venue in ("", one.venue)}


def _lies(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    data = tmp_path_factory.mktemp("drawn") / "data"
    watching = Watching(data)
    played = asyncio.run(act.act(Options(own_stack=True, data=data, script=SCRIPT), watching))
    assert not stack.running(data)
    watching.disks["end"] = {name: _lies(data / "nodes" / name) for name in SUBS}
    read = record.read(played.record.read_bytes())
    contents = [entry.decode(raw).command.content for raw in read.entries]
    published = next(seq for seq, one in enumerate(contents) if isinstance(one, PublishDraw))
    return Held(played, watching, read, record.replay(read), published)


def test_the_record_of_a_committee_drawn_over_the_real_stack_verifies(held: Held) -> None:
    found = drawn.verify(held.played.record)
    assert found.differences == ()
    assert all(found.steps.values())
    assert drawn.show(found, as_json=False) == drawn.SAME
    frozen = held.state.drawn.frozen
    assert frozen is not None
    assert len(found.venues) == 3 < len(frozen.venues)
    assert tuple(held.state.venues) == found.venues
    assert sorted(one.party for one in frozen.parties) == sorted(held.state.drawn.revealed)
    assert all(one.eligible and one.left for one in frozen.strata)
    takes = [one.seat for one in held.state.drawn.takes]
    assert (takes.count("M2"), takes.count("M4"), len(takes)) == (2, 2, 6)
    told = json.loads(outcome(held.state, held.read.disclosed))
    assert {one["seat"]: one["index"] for one in told["taken"]} == found.seats


def test_before_the_draw_is_shown_no_desk_is_pushed_a_person_or_a_place(held: Held) -> None:
    early = list(held.watching.before(held.published))
    assert {one.seat for one in early} >= {"agent", "supervision"}
    assert {"BOOKED", "DRAWN", "CHECKIN"} <= {one.view.phase for one in early}
    hosts = {seat.seat for seat in held.state.seats.values() if seat.venue == MAIN}
    for one in early:
        assert one.seat in hosts | {"supervision"}
        assert not [who.id for who in POOL if who.name in one.text or who.id in one.text]
        assert {venue.venue for venue in one.view.venues} <= {MAIN}
        assert not [seat.seat for seat in one.view.seats if seat.kind == "expert"]
        # Candidates are named as parties and where a share is awaited of them, all alike, and nowhere else.
        rest = msgspec.json.encode(replace(one.view, draw=None, awaited=())).decode()
        assert not [name for name in SUBS if name in rest]
        if one.view.draw is not None:
            assert {party.party for party in one.view.draw.parties} == {MAIN, *SUBS, "supervision"}
            assert one.view.draw.seed == b""
    after = (one.view for one in held.watching.pushed if one.view.as_of.size > held.published)
    assert {venue.venue for venue in next(after).venues} == set(held.state.venues)


def test_before_the_draw_is_shown_names_lie_with_the_main_venue_alone(held: Held) -> None:
    for phase in ("DRAWN", "CHECKIN"):
        for place, lies in held.watching.disks[phase].items():
            assert not [who.id for who in POOL if who.name.encode() in lies], (phase, place)


def test_a_sub_venue_holds_names_of_its_own_experts_and_one_not_drawn_holds_none(held: Held) -> None:
    (left,) = SUBS - set(held.state.venues)
    for place in SUBS:
        own = held.names(place)
        others = {who.name for who in POOL} - own
        lies = held.watching.disks["COMMITTEE_READY"][place]
        assert all(name.encode() in lies for name in own)
        assert bool(own) == (place != left)
        assert not [name for name in others if name.encode() in lies], place
    names = [who.name for who in POOL] + [one.name for one in SCRIPT.case.bidders]
    assert not [name for name in names if name.encode() in held.watching.disks["end"][left]]


def test_members_and_tenderee_are_not_pushed_who_the_others_are(held: Held) -> None:
    """Until there is a report; those who watch are, each in its own province and at the main venue."""
    before_report = [one for one in held.watching.pushed if "SIGNING" not in one.view.path]
    for one in before_report:
        if one.view.role in ("expert", "tenderee", "keeper"):
            assert not [name for name in held.names() if name in one.text], one.seat
    for place in set(held.state.venues) - {MAIN}:
        sitting = {
            held.read.disclosed.value(one.leaf.person)
            for one in held.state.drawn.taken.values()
            if one.venue == place
        }
        texts = [one.text for one in before_report if one.seat == f"witness-{place}"]
        assert all(any(name in text for text in texts) for name in sitting)
        assert not [name for name in held.names() - held.names(place) for text in texts if name in text]


def test_of_a_secret_ballot_no_desk_is_pushed_a_vote_before_all_are_in(held: Held) -> None:
    ballots = [
        one.view.committee.ballot
        for one in held.watching.pushed
        if one.view.committee is not None and one.view.committee.ballot.number
    ]
    assert all(one.secret for one in ballots)
    early = [one for one in ballots if len(one.voted) < len(held.state.roster)]
    assert early
    assert all(not one.votes for one in early)
