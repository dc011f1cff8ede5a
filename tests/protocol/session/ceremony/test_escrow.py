"""Scores in escrow: complete when custodians hold them, opened by another venue when a machine is lost."""

import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import commands_escrow as acts
from protocol import hidden
from protocol.hidden import Opening as Sealed
from protocol.seal import dealing, escrowing, releasing
from protocol.seal.escrowing import SheetEscrow
from protocol.seal.refused import SealRefused
from protocol.seal.releasing import CustodyRelease, Shares
from protocol.session.state import Sheet, with_track
from tests.protocol.session.ceremony.opened import Opening

SEATS = ("M1", "M2", "M3", "M4", "M5")


class Scoring(Opening):
    """A stage in scoring, every member's sheet sealed."""

    def __init__(self) -> None:
        super().__init__()
        self.to_opened()
        sheets = {seat: Sheet(hidden.commitment(self.sheet(seat))) for seat in SEATS}
        state = with_track(self.at, "01", "1", phase="DETAILED", sheets=sheets)
        seated = {seat: replace(state.seats[seat], checked_in=True) for seat in SEATS}
        seats = {**state.seats, **seated}
        self.state = replace(state, phase="COMMITTEE_READY", roster=SEATS, seats=seats)

    def sheet(self, seat: str) -> Sealed:
        nonce = self.parties.random("nonce", seat)
        return Sealed(self.session, self.stage, seat, ("bidder-001",), {"bidder-001": {"A1": 100}}, nonce)

    def commitment(self, seat: str) -> bytes:
        return hidden.commitment(self.sheet(seat))

    def escrow(self, seat: str) -> hidden.Disclosure:
        group = next(one for one in self.parties.sealed_for if one.group == "centres")
        key = b"\0" + self.parties.random("escrow", seat)[1:]
        made = escrowing.escrow(self.parties.suite, self.sheet(seat), group, key)
        return self.hide("sheet_escrow", f"escrow {seat}", made)

    def give(self, seat: str, by: str = "hefei") -> hidden.Disclosure:
        shown = self.escrow(seat)
        content = acts.EscrowSheet(seat, self.commitment(seat), shown.digest)
        self.must(f"node {by}", content, self.stage, (shown,))
        return shown

    def to_closed_scores(self) -> "Scoring":
        for seat in SEATS:
            shown = self.give(seat)
            for name in ("centre-1", "centre-3"):
                content = acts.AcknowledgeEscrow(seat, self.commitment(seat), shown.digest)
                self.must(name, content, self.stage)
        self.must("agent", cmd.CloseScoring(), self.stage)
        return self

    def release_escrow(self, name: str, seat: str) -> str:
        held: SheetEscrow = self.disclosed.value(self.at.escrow.held[f"01/1 1 {seat}"].escrow, SheetEscrow)
        suite, key = self.parties.suite, self.parties.key(name)
        place = next(at for at, one in enumerate(held.dealing.members, 1) if one.custodian == name)
        share = dealing.take(suite, held.sheet, held.dealing, place, key)
        to = [one.public for one in self.opening.to]
        made = releasing.release_shares(
            suite, self.session, name, held.commitment, Shares((), (share,)), to,
            self.parties.random("fresh", name, seat),
        )  # fmt: skip
        shown = self.hide("escrow_release", f"release {name} {seat}", made)
        content = acts.ReleaseEscrow(seat, held.commitment, shown.digest)
        return self.code(name, content, self.stage, (shown,))


@pytest.fixture
def scoring() -> Scoring:
    return Scoring()


def test_a_sheet_counts_when_a_threshold_of_custodians_has_acknowledged_it(scoring: Scoring) -> None:
    close = cmd.CloseScoring()
    assert scoring.code("agent", close, scoring.stage) == "EscrowAwaited"
    for seat in SEATS:
        shown = scoring.give(seat)
        content = acts.AcknowledgeEscrow(seat, scoring.commitment(seat), shown.digest)
        assert scoring.code("tenderee-key", content, scoring.stage) == "NotCustodian"
        assert scoring.code("centre-1", content, scoring.stage) == ""
        assert scoring.code("centre-1", content, scoring.stage) == "AlreadyDone"
        other = replace(content, escrow=bytes(32))
        assert scoring.code("centre-2", other, scoring.stage) == "OpeningMismatch"
        assert scoring.code("agent", close, scoring.stage) == "EscrowAwaited"
        assert scoring.code("centre-2", content, scoring.stage) == ""
    assert scoring.code("agent", close, scoring.stage) == ""
    assert scoring.here.phase == "SCORES_SEALED"


def test_an_escrow_is_given_by_the_seats_own_venue_for_its_own_commitment(scoring: Scoring) -> None:
    shown, other = scoring.escrow("M1"), scoring.escrow("M2")
    content = acts.EscrowSheet("M1", scoring.commitment("M1"), shown.digest)
    assert scoring.code("node nanjing", content, scoring.stage, (shown,)) == "WrongVenue"
    foreign = replace(content, commitment=scoring.commitment("M2"))
    assert scoring.code("node hefei", foreign, scoring.stage, (shown,)) == "OpeningMismatch"
    swapped = replace(content, escrow=other.digest)
    assert scoring.code("node hefei", swapped, scoring.stage, (other,)) == "DisclosureMismatch"
    assert scoring.code("node hefei", replace(content, seat="M9"), scoring.stage, (shown,)) == "NotSealed"
    assert scoring.code("node hefei", content, scoring.stage, (shown,)) == ""
    assert scoring.code("node hefei", content, scoring.stage, (shown,)) == "AlreadyDone"


def test_no_custodian_releases_scores_before_they_are_closed(scoring: Scoring) -> None:
    scoring.give("M1")
    assert scoring.release_escrow("centre-1", "M1") == "WrongPhase"


def test_another_venue_opens_a_lost_machines_sheet_with_the_others(scoring: Scoring) -> None:
    scoring.to_closed_scores()
    lost = cmd.TryOpening("M2", scoring.commitment("M2"), "ok", "")
    assert scoring.code("node nanjing", lost, scoring.stage) == "WrongVenue"
    assert scoring.release_escrow("centre-1", "M2") == ""
    assert scoring.release_escrow("centre-1", "M2") == "AlreadyReleased"
    assert scoring.code("node nanjing", lost, scoring.stage) == "WrongVenue"
    assert scoring.release_escrow("centre-2", "M2") == ""
    one = scoring.at.escrow.held["01/1 1 M2"]
    key = scoring.venue_key("nanjing")
    suite = scoring.parties.suite
    shares = [
        share
        for digest in one.released.values()
        for share in releasing.shares_of(suite, scoring.disclosed.value(digest, CustodyRelease), key).shares
    ]
    held = scoring.disclosed.value(one.escrow, SheetEscrow)
    assert escrowing.recovered(suite, held, shares) == scoring.sheet("M2")
    with pytest.raises(SealRefused):
        escrowing.recovered(suite, held, shares[:1])
    assert scoring.code("node nanjing", lost, scoring.stage) == ""
    assert scoring.here.phase == "SCORES_SEALED"
    for seat in ("M1", "M3", "M4", "M5"):
        content = cmd.TryOpening(seat, scoring.commitment(seat), "ok", "")
        assert scoring.code("node hefei", content, scoring.stage) == ""
    assert scoring.here.phase == "SCORES_OPENING"


def test_what_was_sealed_for_escrow_is_the_opening_that_was_committed_to(scoring: Scoring) -> None:
    group = next(one for one in scoring.parties.sealed_for if one.group == "centres")
    suite, key = scoring.parties.suite, bytes(31) + b"\x09"
    made = escrowing.escrow(suite, scoring.sheet("M1"), group, key)
    twisted = replace(made, commitment=scoring.commitment("M2"))
    shares = [
        dealing.take(suite, made.sheet, made.dealing, at, scoring.parties.key(f"centre-{at}"))
        for at in (1, 2)
    ]
    assert escrowing.recovered(suite, made, shares) == scoring.sheet("M1")
    with pytest.raises(SealRefused):
        escrowing.recovered(suite, twisted, shares)


def test_an_escrow_of_a_sheet_that_counts_no_more_does_not_stand_for_the_one_sealed_now(
    scoring: Scoring,
) -> None:
    for seat in SEATS:
        shown = scoring.give(seat)
        for name in ("centre-1", "centre-2"):
            content = acts.AcknowledgeEscrow(seat, scoring.commitment(seat), shown.digest)
            scoring.must(name, content, scoring.stage)
    sealed_anew = {**scoring.here.sheets, "M1": Sheet(bytes(32))}
    scoring.state = with_track(scoring.at, "01", "1", sheets=sealed_anew)
    assert scoring.code("agent", cmd.CloseScoring(), scoring.stage) == "EscrowAwaited"
