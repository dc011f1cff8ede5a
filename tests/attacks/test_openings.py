"""Those who want to see bids early, to choose twice, or to force an opening, against the services themselves.

Each says what the attacker had, what it tried, what stopped it, and has its control that succeeds.
"""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ops.ceremony import rehearsal
from ops.ceremony.table import COSIGNERS, Table
from protocol import canonical
from protocol import commands_ceremony as acts
from protocol.commands import parse
from protocol.entry import Entry
from protocol.refusals import Refusal
from protocol.seal import container, releasing
from protocol.seal.refused import SealRefused
from protocol.seal.releasing import BidRelease, CustodyRelease
from sub_venue.custody import recombining
from sub_venue.custody.judgement import BidHeader, Refused
from sub_venue.custody.service import Answered, Asked, Service
from tests.protocol.session.ceremony.opened import Opening, parties


@pytest.fixture
def opening() -> Opening:
    return Opening()


@pytest.fixture
def services(opening: Opening, tmp_path: Path) -> dict[str, Service]:
    return rehearsal.InProcess(opening, tmp_path).services


def part(service: Service, asked: Asked) -> str:
    """Which part of a question a service does not believe; empty where it answers."""
    try:
        service.release(asked)
    except Refused as refused:
        return refused.part
    return ""


def question(opening: Opening, note: str = "") -> Asked:
    return rehearsal.asked(opening, opening.bids, note)


def enter(opening: Opening, answered: Answered) -> str:
    result = rehearsal.enter(opening, answered)
    return result.code if isinstance(result, Refusal) else ""


# --- the coordinator ----------------------------------------------------------------------------------------


def test_a_coordinator_that_forges_the_closed_window_gets_nothing(
    opening: Opening, services: dict[str, Service]
) -> None:
    """Had: the installation's key, the log's, two cosigners.

    Tried: an early `CloseRelease`, its own milestone.

    Stopped by: the quorum that the custodian's own policy asks for. Control: with it, and in time, it
    answers.
    """
    opening.to_received()
    opening.release(opening.bids[0])
    forged = opening.opening.until + 1
    opening.settle(forged)
    assert opening.here.phase == "CUSTODIANS_RELEASE"
    for some in ((), COSIGNERS[:1], COSIGNERS[:2]):
        assert part(services["centre-1"], question(opening, opening.checkpoint(some))) == "checkpoint"
    assert part(services["centre-1"], question(opening)) == ""


def test_a_coordinator_whose_clock_runs_ahead_opens_nothing(
    opening: Opening, services: dict[str, Service]
) -> None:
    """Had: cosigners that it deceived about the time.

    Tried: its clock an hour ahead, the window over at once.

    Stopped by: the custodian's own clock. Control: when that, too, says that the window is over, it answers.
    """
    opening.to_received()
    true_now = opening.now
    opening.release(opening.bids[0])
    opening.settle(opening.opening.until + 1)
    asked = question(opening)
    opening.now = true_now
    assert part(services["centre-1"], asked) == "window"
    opening.now = true_now - 600_000
    assert part(services["centre-1"], asked) == "clock"
    opening.now = opening.opening.until + 1
    assert part(services["centre-1"], asked) == ""


def test_another_history_than_the_cosigned_one_opens_nothing(
    opening: Opening, services: dict[str, Service]
) -> None:
    """Had: everything of the coordinator's.

    Tried: an entry left out, changed, or another session's checkpoint.

    Stopped by: replay, and the root. Control: the true history.
    """
    opening.to_closed()
    true = question(opening)
    service = services["centre-2"]
    assert part(service, replace(true, entries=true.entries[:-1])) == "checkpoint"
    assert part(service, replace(true, entries=(*true.entries[:9], *true.entries[10:]))) == "entries"
    changed = true.entries[-1].replace("release_closed", "bids_received_")
    assert part(service, replace(true, entries=(*true.entries[:-1], changed))) == "entries"
    other = Table(opening.case, opening.parties, "s-other")
    other.book()
    assert part(service, replace(true, checkpoint=other.checkpoint())) == "checkpoint"
    assert part(service, true) == ""


def test_before_the_window_is_closed_no_custodian_releases(
    opening: Opening, services: dict[str, Service]
) -> None:
    """Had: a true record. Tried: to ask early. Stopped by: the phase. Control: afterwards."""
    opening.to_received()
    for one in opening.bids:
        assert part(services["centre-1"], question(opening)) == "phase"
        opening.release(one)
    assert part(services["centre-1"], question(opening)) == ""


def test_a_bid_that_was_not_received_is_not_slipped_in(
    opening: Opening, services: dict[str, Service]
) -> None:
    """Had: the headers. Tried: one of another bid under a received mark, a changed one, one left out.

    Stopped by: the mark in the cosigned entry. Control: the true headers.
    """
    opening.to_closed()
    true = question(opening)
    one, *rest = true.headers
    other = parties().seal(9)
    swapped = BidHeader(one.mark, other.header_raw)
    assert part(services["centre-1"], replace(true, headers=(swapped, *rest))) == "bids"
    assert part(services["centre-1"], replace(true, headers=tuple(rest))) == "bids"
    assert (
        part(services["centre-1"], replace(true, headers=(BidHeader(other.mark, other.header_raw), *rest)))
        == "bids"
    )
    assert part(services["centre-1"], true) == ""


def test_a_custodian_gives_the_same_release_again_and_never_one_for_other_bids(
    opening: Opening, services: dict[str, Service]
) -> None:
    """Had: a custodian's answer that got lost.

    Tried: to ask again; then to show another list of the same opening.

    Stopped by: the record on the custodian's disk. Control: the same question gives the same boxes.
    """
    opening.to_received()
    for one in opening.bids[:3]:
        opening.release(one)
    fork = Opening().to_received()
    for one in fork.bids:
        fork.release(one)
    opening.settle(opening.opening.until + 1)
    first = services["centre-1"].release(question(opening))
    fork.now = opening.now
    assert part(services["centre-1"], question(fork)) == "bids"
    again = services["centre-1"].release(question(opening))
    assert again.disclosures == first.disclosures
    assert enter(opening, again) == ""
    assert enter(opening, first) in ("OutOfOrder", "AlreadyReleased")


# --- custodians ---------------------------------------------------------------------------------------------


def test_fewer_custodians_than_the_threshold_open_nothing(
    opening: Opening, services: dict[str, Service], tmp_path: Path
) -> None:
    """Had: t - 1 centres and the tenderee's key. Tried: to report, and to put a bid together.

    Stopped by: the rule, and by arithmetic. Control: one more centre.
    """
    opening.to_closed()
    venue = opening.venue_key("hefei")
    fetched = rehearsal.fetch(tmp_path / "v", opening.bids)
    for name in ("centre-1", "tenderee-key"):
        assert enter(opening, services[name].release(question(opening))) == ""
    with pytest.raises(SealRefused) as refused:
        recombining.put_together(opening.at, opening.here, opening.disclosed, fetched, venue, None)
    assert refused.value.code == "SharesTooFew"
    assert opening.report("hefei") == "CustodiansTooFew"
    assert enter(opening, services["centre-3"].release(question(opening))) == ""
    found = recombining.put_together(opening.at, opening.here, opening.disclosed, fetched, venue, None)
    assert {one.result for one in found.report.bids} == {"opened"}


def test_all_custodians_without_the_bidder_open_nothing(opening: Opening) -> None:
    """Had: every custodian's private key. Tried: to open a bid whose bidder did not release.

    Stopped by: the bidder's own key is part of the bid's. Control: with it, the same shares open it.
    """
    opening.to_closed(late=("bid-004",))
    suite, bid = opening.parties.suite, opening.bids[3]
    custody = {
        name: releasing.take_all(suite, name, group, [bid.header], opening.parties.key(name))
        for name, group in opening.parties.holders.items()
    }
    venue = opening.venue_key("hefei")
    own = bytes(31) + b"\x01"
    with pytest.raises(SealRefused):
        container.release(suite, bid.header, bid.digest, own, [venue.public])
    release = opening.parties.release(opening.session, bid, [venue.public])
    stolen = opening.parties.release(opening.session, opening.bids[0], [venue.public])
    assert (
        releasing.put_together(suite, bid.header, bid.digest, stolen, custody, venue).result
        == "release_false"
    )
    assert releasing.put_together(suite, bid.header, bid.digest, release, custody, venue).result == "opened"


def test_a_dealer_whose_shares_disagree_is_found_by_every_venue_alike(
    opening: Opening, tmp_path: Path
) -> None:
    """Had: a bidder's program of its own. Tried: a header whose shares are not one dealing.

    Stopped by: dealing again from the key. Control: the other bids open.
    """
    suite = opening.parties.suite
    good, evil = opening.bids[0], opening.bids[1]
    opening.to_closed()
    custody = {name: opening.shares(name) for name in opening.parties.holders}
    group = next(one for one in evil.header.groups if one.group == "centres")
    members = (replace(group.members[0], commitment=bytes(32)), *group.members[1:])
    bent = replace(group, members=members)
    groups = tuple(bent if one is group else one for one in evil.header.groups)
    header = replace(evil.header, groups=groups)
    custody = {name: held for name, held in custody.items() if name != "centre-1"}
    raw = canonical.encode(header)
    digest = container.header_digest(suite, raw)
    venue = opening.venue_key("hefei")
    unlocking = container.release(suite, header, digest, evil.own, [venue.public])
    mark = replace(evil.mark, header=digest)
    release = releasing.release_bid(suite, opening.session, mark, unlocking, evil.signer)
    found = releasing.put_together(suite, header, digest, release, custody, venue)
    assert found.result == "dealer_fault"
    honest = opening.parties.release(opening.session, good, [venue.public])
    assert releasing.put_together(suite, good.header, good.digest, honest, custody, venue).result == "opened"


# --- bidders ------------------------------------------------------------------------------------------------


def test_a_bidder_sees_no_price_before_it_has_released_or_its_window_is_over(
    opening: Opening, services: dict[str, Service]
) -> None:
    """Had: the record, and every release so far. Tried: to wait for others' prices, then to choose.

    Stopped by: custodians release after the window; what is there before are boxes to the venues alone.
    Control: after the window custodians do release, and the bidder can no more.
    """
    opening.to_received()
    for one in opening.bids[:3]:
        opening.release(one)
    waiting = opening.bids[3]
    for digest in opening.opening.released.values():
        release = opening.disclosed.value(digest, BidRelease)
        for box in release.unlocking.boxes:
            with pytest.raises(SealRefused):
                opening.parties.suite.unwrap(waiting.signer, b"", box.box)
    assert part(services["centre-1"], question(opening)) == "phase"
    opening.settle(opening.opening.until + 1)
    assert part(services["centre-1"], question(opening)) == ""
    assert opening.release(waiting) == "WrongPhase"


def test_a_release_is_not_taken_back_nor_replaced(opening: Opening) -> None:
    """Had: the bidder's own key. Tried: a second release, another key bound, a false one first.

    Stopped by: a release is entered once for a bid; a forged one is not taken at all. Control: the true one.
    """
    opening.to_received()
    one = opening.bids[0]
    to = [key.public for key in opening.opening.to]
    true = opening.parties.release(opening.session, one, to)
    forged = replace(true, sig=true.sig[:-1] + bytes([true.sig[-1] ^ 1]))
    shown = opening.hide("bid_release", "forged", forged)
    content = acts.ReleaseBid(one.bid, shown.digest)
    assert opening.code(one.bidder, content, opening.stage, (shown,)) == "ReleaseForged"
    elsewhere = opening.hide("bid_release", "elsewhere", opening.parties.release("s-else", one, to))
    content = acts.ReleaseBid(one.bid, elsewhere.digest)
    assert opening.code(one.bidder, content, opening.stage, (elsewhere,)) == "ReleaseForeign"
    assert opening.release(one) == ""
    assert opening.release(one) == "AlreadyReleased"


# --- venues -------------------------------------------------------------------------------------------------


def test_a_venue_with_an_old_key_is_released_nothing(opening: Opening, services: dict[str, Service]) -> None:
    """Had: the key that a venue used before it offered a new one. Tried: to be boxed to.

    Stopped by: the keys that the opening fixed, in every release. Control: the venue's present key opens it.
    """
    opening.to_prepared()
    old, new = opening.venue_key("nanjing"), opening.parties.key("nanjing", "newer")
    opening.must("node nanjing", acts.OfferOpeningKey("intl-1", new.public))
    opening.begin()
    for name in opening.parties.holders:
        opening.roll(name)
    opening.receive(opening.bids)
    one, keys = opening.bids[0], [key.public for key in opening.opening.to]
    swapped = [old.public if key == new.public else key for key in keys]
    shown = opening.hide("bid_release", "old", opening.parties.release(opening.session, one, swapped))
    content = acts.ReleaseBid(one.bid, shown.digest)
    assert opening.code(one.bidder, content, opening.stage, (shown,)) == "ReleaseForeign"
    for bid in opening.bids:
        opening.release(bid)
    answered = services["centre-1"].release(question(opening))
    release = opening.disclosed.plus(answered.disclosures).value(
        answered.disclosures[0].digest, CustodyRelease
    )
    with pytest.raises(SealRefused):
        releasing.shares_of(opening.parties.suite, release, old)
    assert releasing.shares_of(opening.parties.suite, release, new).shares
    stale = opening.boxed("centre-2", to=swapped)
    assert opening.custody("centre-2", stale) == "ReleaseForeign"


def test_a_destroyed_key_opens_no_later_opening(opening: Opening) -> None:
    """Had: a copy of a key whose destruction a venue has recorded. Tried: to destroy another, or twice.

    Stopped by: the rule. Control: its own, once.
    """
    key = opening.to_prepared().venue_key("hefei").public
    state = opening.at
    opening.state = replace(state, phase="SUBMITTED")
    assert opening.code("node nanjing", acts.DestroyOpeningKey(key)) == "NoOpeningKey"
    assert opening.code("node hefei", acts.DestroyOpeningKey(key)) == ""
    assert opening.code("node hefei", acts.DestroyOpeningKey(key)) == "AlreadyDone"
    opening.state = replace(opening.at, phase="DRAWN")
    assert opening.code("tenderee", acts.BeginOpening(bytes(32)), opening.stage) == "GuardUnmet"


def test_a_release_that_was_entered_is_entered_once(opening: Opening, services: dict[str, Service]) -> None:
    """Had: a custodian's signed act. Tried: to enter it twice. Stopped by: the record. Control: once."""
    opening.to_closed()
    answered = services["centre-1"].release(question(opening))
    command = parse(answered.command.encode())
    assert isinstance(opening.take(command, answered.sig, answered.disclosures), Entry)
    again = opening.take(command, answered.sig, answered.disclosures)
    assert isinstance(again, Refusal)
    assert len(opening.opening.custody) == 1
