"""The law of an evaluation as events tell it (DOMAIN: process), for tests: written apart from the rules.

`Law.hear` takes entries one by one and knows nothing of states, guards or tables. Whatever the acts were,
by the time a report begins all that the law asks for before it has happened.
"""

import re
from typing import Any

from protocol import entry

SCORED = ("DETAILED", "SCORES_SEALED", "SCORES_OPENING", "SUMMARY", "RANKED")


class Bids:
    """What has happened to one stage's bids in the present round."""

    def __init__(self) -> None:
        self.bids: tuple[str, ...] = ()
        self.items: dict[str, tuple[str, str]] = {}
        self.blind = False
        self.checks: dict[str, str] = {}
        self.marks: dict[tuple[str, str, str], str] = {}
        self.asked: dict[int, Any] = {}
        self.closed: dict[int, str] = {}
        self.votes: dict[tuple[str, str], Any] = {}
        self.open_votes: set[tuple[str, str]] = set()
        self.objections: dict[int, bool] = {}
        self.sealed: set[str] = set()
        self.opened: set[str] = set()
        self.valid: tuple[str, ...] = ()
        self.tally = False
        self.drawn: set[str] = set()
        self.begun: set[str] = set()

    def out(self) -> set[str]:
        """Bids that a vote has rejected."""
        return {bidder for (bidder, _), vote in self.votes.items() if bidder and vote.rejected}


class Law:
    """What must hold, out of the entries alone."""

    def __init__(self, bids_min: int = 3) -> None:
        self.bids_min = bids_min
        self.phase = ""
        self.phases: dict[tuple[str, str], str] = {}
        self.stages: dict[tuple[str, str], Bids] = {}
        self.roster: tuple[str, ...] = ()
        self.kinds: dict[str, str] = {}
        self.seated: set[str] = set()
        self.recused: set[str] = set()
        self.gone: set[str] = set()
        self.drawn = False
        self.chair = ""
        self.reports = 0

    def hear(self, raw: bytes) -> None:
        """One more entry."""
        one = entry.decode(raw)
        for event in one.events:
            name = type(event).__name__
            speaker = getattr(event, "seat", "")
            if name in ("SheetSealed", "VoteCast", "VoteSealed", "ItemsMarked", "ItemCorrected"):
                desk = speaker in ("agent", "tenderee")
                assert desk or (speaker in self.roster and speaker in self.seated), (name, speaker)
            getattr(self, "_" + re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower(), self._nothing)(event)

    def _nothing(self, event: Any) -> None:
        """Events that the law asks nothing of."""

    def _of(self, event: Any) -> Bids:
        return self.stages.setdefault((event.lot, event.envelope), Bids())

    # --- who sits -----------------------------------------------------------------------------------------

    def _committee_imported(self, event: Any) -> None:
        self.kinds = {seat.seat: seat.kind for seat in event.seats if seat.role == "expert"}

    _committee_rebuilt = _committee_imported

    def _committee_drawn(self, event: Any) -> None:
        self.drawn = True
        self.kinds |= {seat.seat: seat.kind for seat in event.hosts if seat.role == "expert"}

    def _draw_published(self, event: Any) -> None:
        self.kinds |= dict.fromkeys((one.seat for one in event.members), "expert")

    def _committee_redrawn(self, event: Any) -> None:
        self.kinds |= dict.fromkeys((one.seat for one in event.members), "expert")
        self.kinds |= {seat.seat: seat.kind for seat in event.named}

    def _replacement_called(self, event: Any) -> None:
        self.seated.discard(event.seat)
        self.recused.discard(event.seat)

    def _seat_checked_in(self, event: Any) -> None:
        self.seated.add(event.seat)

    def _recusal_declared(self, event: Any) -> None:
        self.recused.add(event.seat)

    def _roster_locked(self, event: Any) -> None:
        self.roster = event.members
        self._lawful()

    def _member_replaced(self, event: Any) -> None:
        self.gone.add(event.seat)
        self.roster = tuple(event.successor if seat == event.seat else seat for seat in self.roster)
        self.kinds[event.successor] = self.kinds[event.seat]
        for bids in self.stages.values():
            bids.sealed.discard(event.seat)
            bids.marks = {key: mark for key, mark in bids.marks.items() if key[0] != event.seat}

    def _chair_elected(self, event: Any) -> None:
        assert event.named or 2 * event.votes > len(self.roster or self.kinds)
        assert event.seat in self.seated
        self.chair = event.seat

    def _lawful(self) -> None:
        size = len(self.roster)
        experts = sum(self.kinds[seat] == "expert" for seat in self.roster)
        assert size >= 5
        assert size % 2 == 1
        assert 3 * experts >= 2 * size
        assert set(self.roster) <= self.seated
        assert not set(self.roster) & (self.recused | self.gone)

    # --- the bids -----------------------------------------------------------------------------------------

    def _opening_imported(self, event: Any) -> None:
        self._of(event).bids = tuple(bid.bidder for bid in event.bids)

    def _items_published(self, event: Any) -> None:
        bids = self._of(event)
        bids.items = {item.item: (item.by, item.ground) for item in event.items}
        bids.blind = event.blind

    def _blind_part_checked(self, event: Any) -> None:
        self._of(event).checks[event.bidder] = event.result

    def _objection_raised(self, event: Any) -> None:
        self._of(event).objections[event.number] = False

    def _objection_answered(self, event: Any) -> None:
        self._of(event).objections[event.number] = True

    def _items_marked(self, event: Any) -> None:
        for mark in event.marks:
            desk = self._of(event).items[mark.item][0] == "desk"
            self._of(event).marks["desk" if desk else event.seat, event.bidder, mark.item] = mark.mark

    def _clarification_asked(self, event: Any) -> None:
        assert event.seat in self.roster
        self._of(event).asked[event.number] = event

    def _clarification_answered(self, event: Any) -> None:
        assert event.number in self._of(event).asked

    def _clarification_closed(self, event: Any) -> None:
        self._of(event).closed[event.number] = event.result

    def _vote_opened(self, event: Any) -> None:
        bids = self._of(event)
        if event.ground in ("51-5-cost", "87-60"):
            heard = {bids.asked[n].bidder for n in bids.closed if bids.asked[n].purpose == "low_price"}
            assert event.bidder in heard
        bids.open_votes.add((event.bidder, event.ground))

    def _vote_closed(self, event: Any) -> None:
        bids = self._of(event)
        assert event.rejected == (2 * event.yes > event.members)
        assert event.members == len(self.roster)
        bids.votes[event.bidder, event.ground] = event
        bids.open_votes.discard((event.bidder, event.ground))
        if event.rejected and event.bidder in bids.valid:
            bids.valid = tuple(one for one in bids.valid if one != event.bidder)

    def _preliminary_concluded(self, event: Any) -> None:
        bids = self._of(event)
        bids.valid = event.valid
        assert event.valid
        self._reviewed(bids)

    def _reviewed(self, bids: Bids) -> None:
        """Everybody marked everything; what is material was voted on; too few bids were, too."""
        self._lawful()
        assert all(bids.objections.values())
        out = bids.out()
        for bidder in bids.valid:
            assert bidder not in out
            for item, (by, ground) in bids.items.items():
                seats = ["desk"] if by == "desk" else list(self.roster)
                given = [bids.marks[seat, bidder, item] for seat in seats]
                assert "material" not in given or (bidder, ground) in bids.votes
            if bids.blind:
                failed = bids.checks[bidder] == "fail"
                assert not failed or any(name == bidder for name, _ in bids.votes)
        if len(bids.valid) < self.bids_min <= len(bids.bids):
            assert not bids.votes["", "27"].rejected

    # --- scores -------------------------------------------------------------------------------------------

    def _sheet_sealed(self, event: Any) -> None:
        assert event.seat not in self._of(event).sealed
        self._of(event).sealed.add(event.seat)

    def _sheet_opened(self, event: Any) -> None:
        bids = self._of(event)
        assert set(self.roster) <= bids.sealed, "nobody's scores are shown before everybody's are sealed"
        bids.opened.add(event.seat)

    def _item_corrected(self, event: Any) -> None:
        assert self.phases[event.lot, event.envelope] == "RECHECK"

    def _tally_published(self, event: Any) -> None:
        bids = self._of(event)
        assert set(self.roster) <= bids.opened
        bids.tally = True

    def _tally_set_aside(self, event: Any) -> None:
        self._of(event).tally = False

    # --- the way ------------------------------------------------------------------------------------------

    def _stage_entered(self, event: Any) -> None:
        where = (event.lot, event.envelope)
        before = self.phases.get(where, "")
        self.phases[where] = event.phase
        bids = self._of(event)
        if event.phase in SCORED:
            assert self.phase == "COMMITTEE_READY"
        if event.phase == "PRELIM" and before == "OPENED":
            assert not self.drawn or self.chair
            assert set(bids.bids) <= set(bids.checks) or not bids.blind
            assert all(bids.objections.values())
        if event.phase in ("SCORES_SEALED", "RANKED"):
            assert not bids.open_votes
            assert set(bids.closed) == set(bids.asked)
            assert not set(self.roster) & self.recused
        if event.phase == "SCORES_SEALED":
            assert set(self.roster) <= bids.sealed
        if event.phase == "RANKED":
            assert bids.tally
            assert bids.valid
        if event.phase == "PRELIM" and before in ("DETAILED", "SCORES_SEALED"):
            bids.opened = set()

    def _committee_voided(self, event: Any) -> None:
        """Nothing of it counts; bids and what was answered about them at the opening stay."""
        fresh = {}
        for where, bids in self.stages.items():
            one = fresh[where] = Bids()
            one.bids, one.objections = bids.bids, bids.objections
        self.stages = fresh
        self.roster, self.seated, self.chair = (), set(), ""

    def _reevaluation_begun(self, event: Any) -> None:
        """The report is none; everything before it stands."""

    def _phase_entered(self, event: Any) -> None:
        if event.phase == "REPORT_DRAFT" and self.phase == "COMMITTEE_READY":
            self.reports += 1
            self._lawful()
            assert set(self.phases.values()) <= {"RANKED", "FAILED"}
            for bids in self.stages.values():
                if bids.tally:
                    self._reviewed(bids)
            assert not self.drawn or self.chair
        self.phase = event.phase
