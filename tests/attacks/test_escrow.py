"""Whoever wants scores early: a coordinator that forges, custodians too few, boxes moved (DESIGN 5, 7)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from protocol import canonical
from protocol import commands as cmd
from protocol import commands_escrow as acts
from protocol.entry import Entry
from protocol.hidden import commitment as commitment_of
from protocol.plan.case import Case, read_case
from protocol.refusals import Refusal
from protocol.seal import escrowing
from protocol.seal.escrowing import SheetEscrow
from protocol.seal.refused import SealRefused
from protocol.session.escrow import asking
from protocol.words import Stage
from sub_venue.custody import scores
from sub_venue.custody.judgement import Refused
from tests.house import ground
from tests.protocol.session.ceremony.scored import ENVELOPE, LOT, Hall

_WAY = ("sealed", "held", "closed")
_MADE: dict[str, Hall] = {}


def copied(base: Hall, folder: Path) -> Hall:
    """The same session, whose custodians have disks of their own."""
    hall = Hall(base.case, folder)
    hall.entries, hall.held, hall.seqs = [*base.entries], [*base.held], {**base.seqs}
    hall.state, hall.disclosed, hall.now, hall.names = base.state, base.disclosed, base.now, base.names
    hall.sealed, hall.drawn = base.sealed, base.drawn
    return hall


def hall_at(where: str, case: Case, folder: Path) -> Hall:
    """A hall as far as somewhere, made once from the place before."""
    if where not in _MADE:
        place = _WAY.index(where)
        before = Hall(case, folder / where) if place == 0 else hall_at(_WAY[place - 1], case, folder / where)
        _MADE[where] = getattr(before, f"to_{where}")()
    return copied(_MADE[where], folder / "hall")


@pytest.fixture(scope="module")
def case() -> Case:
    found = read_case((ground.ROOT / "ops/sample/case.json").read_bytes())
    assert isinstance(found, Case)
    return found


@pytest.fixture
def sealed(case: Case, tmp_path: Path) -> Hall:
    return hall_at("sealed", case, tmp_path)


@pytest.fixture
def held(case: Case, tmp_path: Path) -> Hall:
    return hall_at("held", case, tmp_path)


@pytest.fixture
def closed(case: Case, tmp_path: Path) -> Hall:
    return hall_at("closed", case, tmp_path)


@pytest.fixture(scope="module", autouse=True)
def forgotten() -> Iterator[None]:
    yield
    _MADE.clear()


def refused(hall: Hall, name: str, seat: str, **changes: Any) -> str:
    with pytest.raises(Refused) as found:
        hall.ask_release(name, seat, **changes)
    return found.value.part


def waited(hall: Hall) -> None:
    """The venues have had their time."""
    hall.now += scores.VENUE_WAIT_MS


def test_a_sheet_is_complete_once_two_of_three_services_hold_it_on_their_own_disks(sealed: Hall) -> None:
    seats, close, stage = sealed.members(), cmd.CloseScoring(), sealed.stage(LOT, ENVELOPE)
    for seat in seats:
        sealed.give(seat)
    assert [seat for seat, _ in asking.to_hold(sealed.at, sealed.here, "centre-1")] == [*sealed.here.sheets]
    assert asking.to_hold(sealed.at, sealed.here, "tenderee-key") == ()
    sealed.hold("centre-1", *seats)
    assert asking.to_hold(sealed.at, sealed.here, "centre-1") == ()
    waiting = sealed.do("agent", close, stage)
    assert isinstance(waiting, Refusal)
    assert waiting.code == "EscrowAwaited"
    sealed.hold("centre-2", *seats)
    assert isinstance(sealed.do("agent", close, stage), Entry)
    assert sealed.here.phase == "SCORES_SEALED"


def test_a_lost_machines_sheet_opens_with_the_others_and_nothing_is_shown_before(closed: Hall) -> None:
    lost, *others = closed.members()
    for seat in others:
        assert isinstance(closed.tried(seat), Entry)
    assert refused(closed, "centre-1", lost) == "venue"
    waited(closed)
    assert [seat for seat, _ in asking.to_release(closed.at, closed.here, "centre-1")] == [lost]
    for name in ("centre-1", "centre-3"):
        closed.release(name, lost)
    assert asking.to_release(closed.at, closed.here, "centre-2") == ()
    assert closed.here.phase == "SCORES_SEALED"
    venue = asking.stands_in(closed.at, closed.here, lost)
    assert venue not in ("", closed.at.seats[lost].venue)
    assert closed.recovered(lost, venue) == closed.opening(lost, LOT, ENVELOPE)
    assert isinstance(closed.tried(lost, f"node {venue}"), Entry)
    assert closed.here.phase == "SCORES_OPENING"
    for seat in others:
        assert isinstance(closed.opened(seat), Entry)
    assert closed.here.phase == "SCORES_OPENING"
    assert isinstance(closed.opened(lost, f"node {venue}"), Entry)
    assert closed.here.phase == "SUMMARY"


def test_a_fault_is_said_once_and_healed_by_the_custodians_without_waiting(closed: Hall) -> None:
    lost = closed.members()[0]
    assert isinstance(closed.tried(lost, "", "fault", "missing"), Entry)
    for name in ("centre-1", "centre-2"):
        closed.release(name, lost)
    assert isinstance(closed.tried(lost), Entry)
    assert closed.here.sheets[lost].tried == "ok"


def test_a_coordinator_that_forges_scores_closed_gets_no_share(held: Hall) -> None:
    """Without the milestone, under an older head, a cosigner too few, entries cut, swapped, altered."""
    seat = held.members()[0]
    assert refused(held, "centre-1", seat) == "phase"
    honest, before = held.checkpoint(), tuple(raw.decode() for raw in held.entries)
    held.must("agent", cmd.CloseScoring(), held.stage(LOT, ENVELOPE))
    waited(held)
    good = held.asked().entries
    for note in (honest, *(held.checkpoint(some) for some in ((), ("anhui",), ("anhui", "jiangsu")))):
        assert refused(held, "centre-1", seat, checkpoint=note) == "checkpoint"
    assert refused(held, "centre-1", seat, entries=before) == "checkpoint"
    assert refused(held, "centre-1", seat, entries=(*good[:-2], good[-1], good[-2])) == "entries"
    altered = good[-1].replace("scores_closed", "scores_opened")
    assert altered != good[-1]
    assert refused(held, "centre-1", seat, entries=(*good[:-1], altered)) == "entries"
    assert held.ask_release("centre-1", seat).disclosures


def test_a_service_that_was_not_told_of_the_project_or_has_another_key_gives_nothing(closed: Hall) -> None:
    waited(closed)
    seat, service = closed.members()[0], closed.services["centre-1"]
    me = service.me
    for other, part in (
        (replace(me, projects=frozenset()), "project"), (replace(me, public=b"\4" * 65), "key"),
    ):  # fmt: skip
        service.me = other
        assert refused(closed, "centre-1", seat) == part
    service.me = me
    assert closed.ask_release("centre-1", seat).disclosures


def test_what_a_venue_can_open_takes_nobodys_share(closed: Hall) -> None:
    seat = closed.members()[0]
    assert isinstance(closed.tried(seat), Entry)
    waited(closed)
    assert refused(closed, "centre-1", seat) == "venue"


def test_one_custodian_fewer_than_the_threshold_opens_nothing(closed: Hall) -> None:
    seat = closed.members()[0]
    waited(closed)
    closed.release("centre-1", seat)
    with pytest.raises(SealRefused) as found:
        closed.recovered(seat, "hefei")
    assert found.value.code == "SharesTooFew"
    assert asking.stands_in(closed.at, closed.here, seat) == ""
    other = next(venue for venue in closed.at.venues if venue != closed.at.seats[seat].venue)
    wrong = closed.tried(seat, f"node {other}")
    assert isinstance(wrong, Refusal)
    assert wrong.code == "WrongVenue"


def test_the_tenderees_own_service_is_of_another_group_and_holds_no_scores(closed: Hall) -> None:
    waited(closed)
    assert refused(closed, "tenderee-key", closed.members()[0]) == "custodian"


def test_a_box_moved_to_another_seat_is_held_by_nobody(sealed: Hall) -> None:
    """A venue gives the boxes of one seat under another's commitment."""
    first, second = sealed.members()[:2]
    stage = sealed.stage(LOT, ENVELOPE)
    theirs = sealed.box(second)
    wrong = acts.EscrowSheet(first, sealed.commitment(first), theirs.digest)
    done = sealed.do(sealed.node(first), wrong, stage, (theirs,))
    assert isinstance(done, Refusal)
    assert done.code == "DisclosureMismatch"
    value = canonical.decode(theirs.value.encode(), object, 1 << 20)
    assert isinstance(value, dict)
    value["commitment"] = canonical.decode(canonical.encode(sealed.commitment(first)), str)
    twisted = sealed.hide("sheet_escrow", "twisted", value)
    done = sealed.do(sealed.node(first), replace(wrong, escrow=twisted.digest), stage, (twisted,))
    assert isinstance(done, Refusal)
    assert done.code == "DisclosureMismatch"


def test_a_box_whose_name_was_changed_too_opens_to_no_custodian(sealed: Hall) -> None:
    """Renamed for the other seat throughout, the record takes it; the box itself does not."""
    first, second = sealed.members()[:2]
    text = sealed.box(second).value
    renamed = text.replace(sealed.commitment(second).hex(), sealed.commitment(first).hex())
    value = canonical.decode(renamed.encode(), object, 1 << 20)
    assert isinstance(value, dict)
    value["commitment"] = canonical.decode(canonical.encode(sealed.commitment(first)), str)
    twisted = sealed.hide("sheet_escrow", "renamed", value)
    content = acts.EscrowSheet(first, sealed.commitment(first), twisted.digest)
    sealed.must(sealed.node(first), content, sealed.stage(LOT, ENVELOPE), (twisted,))
    with pytest.raises(Refused) as found:
        sealed.ask_hold("centre-1", first)
    assert found.value.part == "box"


def test_a_box_of_an_earlier_round_opens_to_no_custodian_in_the_next(sealed: Hall) -> None:
    """The same seat's box, under the commitment of another round: names and boxes hold the commitment."""
    seat = sealed.members()[0]
    now = sealed.give(seat)
    value: SheetEscrow = sealed.disclosed.value(now.digest, SheetEscrow)
    later = replace(sealed.opening(seat, LOT, ENVELOPE), stage=Stage(LOT, ENVELOPE, 2))
    commitment = commitment_of(later)
    sheet = escrowing.sheet_of(sealed.parties.suite, sealed.session, LOT, ENVELOPE, commitment)
    moved = replace(value, commitment=commitment, sheet=sheet)
    with pytest.raises(SealRefused) as found:
        escrowing.take(sealed.parties.suite, moved, "centre-1", sealed.parties.key("centre-1"))
    assert found.value.code == "BoxRefused"


def test_a_custodian_that_dies_at_any_step_has_held_and_released_the_same(closed: Hall) -> None:
    seat = closed.members()[0]
    waited(closed)

    def dies_at(where: str) -> None:
        def die(step: str) -> None:
            if step == where:
                raise KeyboardInterrupt(step)

        closed.start("centre-1", die)
        with pytest.raises(KeyboardInterrupt):
            closed.ask_release("centre-1", seat)

    dies_at("made")
    dies_at("kept")
    closed.start("centre-1")
    first = closed.ask_release("centre-1", seat)
    dies_at("kept")
    closed.start("centre-1")
    assert closed.ask_release("centre-1", seat).disclosures == first.disclosures
    assert isinstance(closed.enter(first), Entry)
    twice = closed.enter(closed.ask_release("centre-1", seat))
    assert isinstance(twice, Refusal)
    assert twice.code == "AlreadyReleased"


def test_what_a_service_holds_need_not_be_brought_again(held: Hall) -> None:
    """The coordinator's disk is lost with every box on it; the services that acknowledged have theirs."""
    first, second = held.members()[:2]
    held.start("centre-3")
    held.hold("centre-3", first)
    held.must("agent", cmd.CloseScoring(), held.stage(LOT, ENVELOPE))
    waited(held)
    held.start("centre-3")
    assert held.ask_release("centre-3", first, brought=False).disclosures
    with pytest.raises(Refused) as found:
        held.ask_release("centre-3", second, brought=False)
    assert found.value.part == "seat"


def test_no_score_stands_in_what_is_carried_to_custodians(sealed: Hall) -> None:
    """Neither the boxes nor what a service keeps hold an opening's nonce or its points in clear."""
    seat = sealed.members()[0]
    sealed.give(seat)
    sealed.hold("centre-1", seat)
    opening = sealed.opening(seat, LOT, ENVELOPE)
    nonce = canonical.encode(opening.nonce)[1:-1]
    points = canonical.encode(opening.scores)
    kept = [path.read_bytes() for path in (sealed.folder / "centre-1").rglob("*.json")]
    assert kept
    for raw in (*kept, *sealed.entries, *(one.value.encode() for one in sealed.held)):
        assert nonce not in raw
        assert points not in raw
