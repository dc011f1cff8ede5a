"""The tenders that are played: the sample as it is held, and for scripts changes of it under version 3.

Owns no course: who does what is each script's own. The fixed K is the one that the sample's table is of.
"""

import functools
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from ops import places
from ops.people import script
from ops.trouble import Trouble
from protocol.plan.case import Case, Drawing, DrawnSeat, Scores
from protocol.plan.conduct import conduct_of
from protocol.plan.formulas import Aggregate, LowPriceFirst, Rate
from protocol.plan.plan import Envelope, TieRule
from protocol.plan.review import review_of
from protocol.session.phases import RULES

K_OF_THE_TABLE: Final = "98"
SAMPLE_RULES: Final = "4"
"""By which version of the rules the sample is held where nobody says another."""
AS_IN_ITS_FILE: Final = frozenset({"1", "2"})
"""Versions by which the agent enters the drawn K, as the sample's file has it."""


def held(path: Path | None, rules: str = "") -> Case:
    """A case as it is held by a version of the rules: by the one named, else by its file's own.

    Without a path the sample, by version 4 with its K laid down: from version 3 on nobody can say beforehand
    what those who watch will draw, and its table is that of 98.

    Raises:
      Trouble: no such file, what is wrong with it, or no such version.
    """
    if rules and rules not in RULES:
        known = "、".join(RULES)
        raise Trouble(
            f"没有规则版本 {rules}。--rules 可取:{known}。",
            f"There is no version {rules} of the rules. --rules takes {', '.join(RULES)}.",
            2,
        )
    if path is not None:
        case = script.load(path)
        return replace(case, rules=rules) if rules else case
    rules = rules or SAMPLE_RULES
    case = script.load(places.sample_case())
    return replace(case, rules=rules) if rules in AS_IN_ITS_FILE else replace(laid_down(case), rules=rules)


@functools.cache
def drawn_k() -> Case:
    """The sample as it is: K is drawn by all who watch."""
    return replace(script.load(places.sample_case()), rules="3", turns=(), draws={})


def fixed_k() -> Case:
    """The sample with K laid down in the plan, so that nothing of the result is left to chance."""
    return laid_down(drawn_k())


def laid_down(case: Case) -> Case:
    """A case whose K is that of the table, said in its plan."""
    fixed = (Rate(id="K", zh="K 值", en="K", percent=K_OF_THE_TABLE),)
    return with_scheme(replace(case, draws={}), rates=fixed)


def with_scheme(case: Case, **changes: Any) -> Case:
    """A case whose one scheme has other parameters."""
    (scheme,) = case.plan.schemes
    return with_plan(case, schemes=(replace(scheme, **changes),))


def with_plan(case: Case, **changes: Any) -> Case:
    """A case whose plan has other parameters."""
    return replace(case, plan=replace(case.plan, **changes))


def with_drawing(case: Case) -> Case:
    """The same tender with its experts drawn, for two of the three sub-venues."""
    seats = (
        DrawnSeat(seat="M2", place="sub-1", speciality="A08"),
        DrawnSeat(seat="M3", place="sub-1", speciality="B01"),
        DrawnSeat(seat="M4", place="sub-2", speciality="B01"),
        DrawnSeat(seat="M5", place="sub-2", speciality="A08"),
    )
    concerned: dict[Any, str] = {"tenderee": "合肥示例片区建设办公室", "agent": "示例招标代理公司"}
    return replace(case, drawing=Drawing(subs=2, day="2026-11-26", seats=seats, concerned=concerned))


def with_chair(case: Case, chair: Any, ballot: Any = "any") -> Case:
    """A plan that says how there comes to be a chair, and how the members vote for it."""
    conduct = replace(conduct_of(case.plan.conduct), chair=chair, chair_ballot=ballot)
    return with_plan(case, conduct=conduct)


def with_secret_votes(case: Case) -> Case:
    """A plan in which members vote on rejections in secret."""
    return with_plan(case, review=replace(review_of(case.plan.review, case.plan.regime), ballot="secret"))


def with_committee_anew(case: Case, letter: str = "N") -> Case:
    """The same tender before other people: on each seat somebody new, who scores as those before did."""
    members = tuple(
        replace(one, seat=f"{letter}{one.seat[1:]}", name=f"{one.name}之后任")
        for one in case.members
        if not one.reserve
    )
    sheets = {
        lot: {f"{letter}{seat[1:]}": sheet for seat, sheet in before.items()}
        for lot, before in case.sheets.items()
    }
    return replace(case, members=members, sheets=sheets)


def in_two_envelopes(case: Case) -> Case:
    """The technical part, scored blind, in a first envelope, the price in a second one, opened later."""
    first = Envelope(id="1", zh="商务技术文件", en="technical", kind="technical", order=1)
    second = Envelope(id="2", zh="报价文件", en="price", kind="price", order=2)
    (scheme,) = case.plan.schemes
    criteria = tuple(replace(one, envelope="2" if one.kind == "price" else "1") for one in scheme.criteria)
    return with_scheme(case, envelopes=(first, second), criteria=criteria)


def with_pass_mark(case: Case, criterion: str, pass_centi: int) -> Case:
    """A case in which a bid with fewer points for a criterion goes no further."""
    (scheme,) = case.plan.schemes
    criteria = tuple(
        replace(one, pass_centi=pass_centi) if one.id == criterion else one for one in scheme.criteria
    )
    return with_scheme(case, criteria=criteria)


def as_purchase(case: Case) -> Case:
    """The sample as a purchase (87号令 55): a plain mean of all members, all points for the lowest price."""
    (scheme,) = case.plan.schemes
    criteria = tuple(
        replace(one, formula=LowPriceFirst())
        if one.kind == "price"
        else replace(one, aggregate=Aggregate(of="totals"))
        for one in scheme.criteria
    )
    return with_plan(with_scheme(case, criteria=criteria, rates=()), regime="GOV_PROC", category="services")


def with_a_tie(case: Case) -> Case:
    """丙 asks what 甲 asks and gets as much in all: a point more for its plan, one less for its team."""
    bids = tuple(
        replace(bid, price=_price_of(case, "b1")) if bid.bidder == "b3" else bid for bid in case.bids
    )
    sheets = {
        lot: {seat: {**sheet, "b3": _as_much(sheet["b1"])} for seat, sheet in members.items()}
        for lot, members in case.sheets.items()
    }
    ties = (TieRule(by="lower_price"), TieRule(by="higher_points", of="A"))
    return with_scheme(replace(case, bids=bids, sheets=sheets), ties=ties)


def _as_much(row: Scores) -> Scores:
    return {**row, "A1": row["A1"] + 100, "B3": row["B3"] - 100}


def _price_of(case: Case, bidder: str) -> str:
    return next(bid.price for bid in case.bids if bid.bidder == bidder)
