"""What each bidder gets for each criterion, and which pass marks stop it (SPEC 11.1, 3 to 7).

Pass marks are met in two turns: those that members alone decide come first, since a bid that fails goes no
further and its price may never be opened (双信封); the formulas work on the bids that are left, and then come
the pass marks that a formula decides, and that of the whole.
"""

from fractions import Fraction

from msgspec import UNSET

from protocol.plan.formulas import Rounding, TechnicalThenPrice
from protocol.plan.plan import Criterion
from tests.second_engine import awards, exact, faults, marks, policy
from tests.second_engine.prices import Worked, worked
from tests.second_engine.tender import SCORED, Place, Tender


class Criteria:
    """Points of a tender's criteria, worked out when asked for.

    `going` are the bids that passed what members decide, `looked_at` those whose prices and quantities are
    looked at, `ranked` those that pass all, with their technical. `wrong` are the faults that stopped the
    work on the way.
    """

    def __init__(self, tender: Tender) -> None:
        """Work out who goes on, the formulas and who passes."""
        self.tender = tender
        rounding = tender.scheme.rounding
        early = rounding.order == "round_then_sum"
        self._item: Rounding | None = rounding.item if early else None
        self._part: Rounding | None = rounding.part if early else None
        self._weighted: Rounding | None = rounding.weighted if early else None
        self._known: dict[tuple[str, str], Fraction] = {}
        self._best: dict[str, Fraction] = {}
        self.dropped: dict[tuple[str, str], tuple[str, ...]] = {}
        self.mean_price: Fraction | None = None
        self.base_price: Fraction | None = None
        self.going = tuple(one for one in tender.bidders if self._passes_members(one))
        self.not_qualified: tuple[str, ...] = ()
        if isinstance(tender.scheme.award, TechnicalThenPrice) and not tender.formulas:
            # The choice needs no price, so the others' prices may stay closed.
            passed = self._passed_whole(self.going)
            chosen = awards.qualified(tender, passed)
            self.not_qualified = tuple(one for one in passed if one not in chosen)
            self.ranked = {one: own for one, own in passed.items() if one in chosen}
            self.looked_at = tuple(self.ranked)
            self.wrong = faults.on_the_way(tender, self.looked_at)
            return
        self.looked_at = self.going
        self.ranked = {}
        self.wrong = faults.on_the_way(tender, self.going)
        if self.wrong:
            return
        for leaf in tender.formulas:
            self._take(leaf, worked(tender, leaf, self.going))
        passed = self._passed_whole(tuple(one for one in self.going if self._passes_formulas(one)))
        chosen = awards.qualified(tender, passed)
        self.not_qualified = tuple(one for one in passed if one not in chosen)
        self.ranked = {one: own for one, own in passed.items() if one in chosen}

    # --- points ---

    def points(self, name: str, bidder: str) -> Fraction:
        """A criterion before its weight and before normalising, settled by `part` at the top."""
        place = self.tender.places[name]
        own = self.exactly(place, bidder)
        return exact.rounded(own, self._part) if place.top else own

    def exactly(self, place: Place, bidder: str) -> Fraction:
        """The same, not settled by `part`."""
        key = (place.criterion.id, bidder)
        if key not in self._known:
            self._known[key] = self._work_out(place, bidder)
        return self._known[key]

    def _work_out(self, place: Place, bidder: str) -> Fraction:
        node = place.criterion
        if node.kind in SCORED or (place.of_members and place.how.of == "totals"):
            given = marks.totals(self.tender, place, bidder)
            if place.top and place.how.of == "totals":
                self.dropped[node.id, bidder] = marks.told(given, marks.left_out(given, place.how.trim))
            figure = marks.one_figure(given, place.how.trim)
            return exact.rounded(figure, self._item) if node.kind in SCORED else figure
        return sum(
            (
                self.exactly(self.tender.places[child.id], bidder) * exact.of(child.weight)
                for child in node.children
            ),
            Fraction(0),
        )

    def _take(self, leaf: Criterion, found: Worked) -> None:
        for bidder, value in found.points.items():
            own = policy.points(self.tender, leaf, bidder, value)
            self._known[leaf.id, bidder] = exact.rounded(own, self._item)
        if found.base_price is not None and self.base_price is None:
            self.mean_price, self.base_price = found.mean_price, found.base_price

    # --- pass marks ---

    def _passes_members(self, bidder: str) -> bool:
        scheme = self.tender.scheme
        for place in self.tender.places.values():
            if place.of_members and not self._reaches(place, bidder):
                return False
        first = min(scheme.envelopes, key=lambda one: one.order).id
        for envelope in scheme.envelopes:
            if envelope.pass_centi is not UNSET and envelope.pass_centi:
                total = Fraction(0)
                for top in scheme.criteria:
                    if (top.envelope or first) == envelope.id:
                        weighted = self.points(top.id, bidder) * exact.of(top.weight)
                        total += exact.rounded(weighted, self._weighted)
                if total * 100 < envelope.pass_centi:
                    return False
        return True

    def _passes_formulas(self, bidder: str) -> bool:
        return all(
            self._reaches(place, bidder) for place in self.tender.places.values() if not place.of_members
        )

    def _reaches(self, place: Place, bidder: str) -> bool:
        node = place.criterion
        return not node.pass_centi or self.points(node.id, bidder) * 100 >= node.pass_centi

    def _passed_whole(self, bidders: tuple[str, ...]) -> dict[str, Fraction]:
        """Bidder → technical, of those who reach the scheme's pass mark and can be ranked."""
        found = {bidder: self.technical(bidder) for bidder in bidders}
        least = self.tender.scheme.pass_centi
        return {
            bidder: own
            for bidder, own in found.items()
            if own * 100 >= least and awards.can_be_ranked(self.tender, own)
        }

    # --- what is summed ---

    def part(self, top: Criterion, bidder: str) -> Fraction:
        """A top criterion as it is summed, before its weight."""
        return exact.rounded(self.normalised(top, bidder), self._part)

    def normalised(self, top: Criterion, bidder: str) -> Fraction:
        """A top criterion; where the plan has it so, the best of those that go on has the full marks."""
        own = self.exactly(self.tender.places[top.id], bidder)
        if not top.normalise_centi or bidder not in self.going:
            # A bid that was stopped is told as it is: it may be better than the best of those that go on.
            return own
        if top.id not in self._best:
            place = self.tender.places[top.id]
            self._best[top.id] = max((self.exactly(place, one) for one in self.going), default=Fraction(0))
        best = self._best[top.id]
        return Fraction(top.normalise_centi, 100) * own / best if best else Fraction(0)

    def weighted(self, top: Criterion, bidder: str) -> Fraction:
        """A top criterion as it is summed."""
        return exact.rounded(self.part(top, bidder) * exact.of(top.weight), self._weighted)

    def technical(self, bidder: str) -> Fraction:
        """The sum of all top criteria."""
        return sum((self.weighted(top, bidder) for top in self.tender.scheme.criteria), Fraction(0))
