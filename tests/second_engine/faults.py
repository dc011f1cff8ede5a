"""Inputs from which no result can come: what is missing, out of range, off step, zero or never a candidate.

Codes are those of the plan's findings. Before the evaluation: sheets and draws. On the way: prices,
quantities and drawn bids, asked only of bids that go on.
"""

from msgspec import UNSET

from protocol.plan.formulas import LowestEvaluatedPrice, PriceOverTechnical, SumOfPoints
from tests.second_engine import policy
from tests.second_engine.tender import SCORED, Tender


def before(tender: Tender) -> set[str]:
    """Faults of who is there, the sheets and the draws."""
    if not tender.bidders:
        return {"NothingToRank"}
    return _sheets(tender) | _draws(tender)


def on_the_way(tender: Tender, going: tuple[str, ...]) -> set[str]:
    """Faults of prices and quantities of the bids that go on."""
    found = set()
    bids = {name for name, candidates in draws_asked(tender).items() if candidates == tender.bidders}
    if going and any(tender.inputs.draws[name] not in going for name in bids):
        # A bid that goes no further cannot carry the base price of those that do.
        found.add("DrawNotCandidate")
    priced = not isinstance(tender.scheme.award, SumOfPoints) or any(
        leaf.kind == "price" for leaf in tender.formulas
    )
    quantities = _quantities(tender)
    for bidder in going:
        price = tender.price(bidder)
        if price is None and priced:
            found.add("PriceMissing")
        rule = tender.scheme.small_business
        shared = rule is UNSET or 0 <= (tender.quantity(bidder, rule.quantity) or 0) <= 100
        if not shared:
            found.add("ShareRange")
        # What a share out of range would take off a price is nobody's to say.
        if price is not None and (price == 0 or (shared and policy.price(tender, bidder) == 0)):
            found.add("PriceZero")
        for name, positive in quantities:
            value = tender.quantity(bidder, name)
            if value is None:
                found.add("QuantityMissing")
            elif positive and value <= 0:
                found.add("QuantityZero")
    return found


def draws_asked(tender: Tender) -> dict[str, tuple[str, ...]]:
    """The draws that the formulas rest on: name → what may have been drawn."""
    rates = {rate.id: rate for rate in tender.scheme.rates}
    wanted: dict[str, tuple[str, ...]] = {}
    for formula in tender.base_prices:
        for term in formula.terms:
            if term.draw:
                wanted[term.draw] = tender.bidders
            wanted |= {
                one.rate: rates[one.rate].candidates for one in term.factors if rates[one.rate].candidates
            }
    return wanted


def _sheets(tender: Tender) -> set[str]:
    leaves = {name: one.criterion for name, one in tender.places.items() if one.criterion.kind in SCORED}
    if leaves and not tender.seats:
        return {"MissingSheet"}
    found = set()
    for seat in tender.seats:
        sheet = tender.inputs.sheets[seat]
        for bidder in tender.bidders:
            given = sheet.get(bidder, {})
            if not leaves.keys() <= given.keys():
                found.add("MissingScore")
            for name, points in given.items():
                if name not in leaves:
                    found.add("UnknownId")
                elif not 0 <= points <= leaves[name].max_centi:
                    found.add("ScoreRange")
                elif points % leaves[name].step_centi:
                    found.add("ScoreStep")
    return found


def _draws(tender: Tender) -> set[str]:
    found = set()
    for name, candidates in draws_asked(tender).items():
        given = tender.inputs.draws.get(name)
        if given is None:
            found.add("DrawMissing")
        elif given not in candidates:
            found.add("DrawNotCandidate")
    for rule in tender.scheme.ties:
        if rule.by == "decided" and rule.of in tender.inputs.draws:
            order = tender.inputs.draws[rule.of].split()
            known = [bidder for bidder in order if bidder in tender.bidders]
            if len(known) < len(order):
                found.add("UnknownId")
            if not order or len(set(known)) < len(known):
                found.add("OrderUnfit")
    return found


def _quantities(tender: Tender) -> list[tuple[str, bool]]:
    """Names of quantities that are asked for, and whether each must be above zero."""
    wanted: dict[str, bool] = {}
    award = tender.scheme.award
    if isinstance(award, PriceOverTechnical):
        wanted |= {one.quantity: False for one in award.values}
    if isinstance(award, LowestEvaluatedPrice):
        wanted |= dict.fromkeys((*award.percents, *award.amounts), False)
    for rule in tender.scheme.ties:
        if rule.by in ("higher_quantity", "lower_quantity"):
            wanted.setdefault(rule.of, False)
    wanted |= {leaf.quantity: True for leaf in tender.formulas if leaf.quantity}
    return list(wanted.items())
