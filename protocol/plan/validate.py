"""Does a plan or a case make sense? (评标办法与案例的校验).

Owns: the checks that need more than one field. Must not know: JSON (the form is checked before), or what
comes out of a formula. Every finding says where it is, why, and what to do.

Sources: 招标投标法 28, 37; 12号令 9-11; 财政部令第87号 47, 55, 64; 发改法规〔2022〕355号 四.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from protocol import limits
from protocol.plan import locate
from protocol.plan.findings import Finding, finding, warning, with_lines
from protocol.plan.numbers import exact_text, number
from protocol.plan.plan import Criterion, Lot, Plan, Scheme
from protocol.plan.regions import suspicious_words
from protocol.plan.shape import suggest
from protocol.plan.stages import nodes
from protocol.plan.validate_bids import check_proceedings
from protocol.plan.validate_conduct import check_conduct
from protocol.plan.validate_policy import check_candidates, check_policy
from protocol.plan.validate_review import check_review
from protocol.plan.validate_scheme import check_scheme

if TYPE_CHECKING:
    from protocol.plan.case import Case


def validate_plan(plan: Plan, text: bytes | None = None, pointer: str = "") -> tuple[Finding, ...]:
    """Return every error and warning of a plan.

    Args:
        plan: the plan, right in form.
        text: the file it was read from, for the lines; without it lines are 0.
        pointer: where the plan stands in that file.
    """
    found = tuple(_plan(plan, pointer))
    return _located(found, text)


def validate_case(case: Case, text: bytes | None = None, *, complete: bool = True) -> tuple[Finding, ...]:
    """Return every error and warning of a case, its plan's among them (pointers begin with `/plan`).

    Args:
        case: the case, right in form.
        text: the file it was read from, for the lines; without it lines are 0.
        complete: whether every sheet and draw must be there, as for a ranking; a session that is still to
            be held has none.
    """
    of_plan = tuple(_plan(case.plan, "/plan"))
    # Bids cannot be held against a plan whose lots and schemes do not fit together.
    broken = any(found.code in ("DuplicateId", "UnknownId", "Empty") for found in of_plan)
    of_bids = () if broken else tuple(check_proceedings(case, complete=complete))
    return _located((*of_plan, *of_bids), text)


def _located(found: tuple[Finding, ...], text: bytes | None) -> tuple[Finding, ...]:
    located = locate.parse(text) if text is not None else None
    return with_lines(found, located.lines if isinstance(located, locate.Located) else {})


def _plan(plan: Plan, pointer: str) -> Iterator[Finding]:
    yield from _counts(plan, pointer)
    yield from check_candidates(plan, pointer)
    yield from check_review(plan, f"{pointer}/review")
    yield from check_conduct(plan, f"{pointer}/conduct")
    yield from _duplicates([lot.id for lot in plan.lots], "标段", "lot", f"{pointer}/lots")
    names = [scheme.id for scheme in plan.schemes]
    yield from _duplicates(names, "评标办法", "scheme", f"{pointer}/schemes")
    for position, lot in enumerate(plan.lots):
        at = f"{pointer}/lots/{position}"
        if lot.scheme not in names:
            near = suggest(lot.scheme, names)
            yield finding(
                "UnknownId", f"{at}/scheme", what_zh="评标办法", what_en="scheme", id=lot.scheme, **near
            )
        yield from _lot_prices(plan, lot, at)
    for position, scheme in enumerate(plan.schemes):
        at = f"{pointer}/schemes/{position}"
        yield from check_scheme(scheme, at)
        yield from check_policy(plan, scheme, at)
        yield from _preferences(scheme, at)
        if plan.regime == "GOV_PROC":
            yield from _government_prices(plan, scheme, at)


def _counts(plan: Plan, pointer: str) -> Iterator[Finding]:
    if not plan.lots:
        yield finding("Empty", f"{pointer}/lots", what_zh="标段", what_en="The lots")
    if not plan.schemes:
        yield finding("Empty", f"{pointer}/schemes", what_zh="评标办法", what_en="The schemes")
    if len(plan.lots) > limits.LOTS_MAX:
        most = str(limits.LOTS_MAX)
        count = str(len(plan.lots))
        yield finding("TooMany", f"{pointer}/lots", what_zh="标段", what_en="lots", count=count, limit=most)
    if plan.committee.experts_num > plan.committee.experts_den:
        yield finding(
            "RuleUnfit",
            f"{pointer}/committee/experts_num",
            zh="专家比例大于 1",
            en="the share of experts is above 1",
        )


def _duplicates(ids: Sequence[str], what_zh: str, what_en: str, pointer: str) -> Iterator[Finding]:
    for position, name in enumerate(ids):
        if name in ids[:position]:
            yield finding(
                "DuplicateId", f"{pointer}/{position}/id", what_zh=what_zh, what_en=what_en, id=name
            )


def _lot_prices(plan: Plan, lot: Lot, pointer: str) -> Iterator[Finding]:
    """A term of a base price that is taken from the lot must stand there."""
    scheme = next((scheme for scheme in plan.schemes if scheme.id == lot.scheme), None)
    if scheme is None:
        return
    for source, given, zh, en in (
        ("ceiling", lot.price_ceiling, "评标办法用到最高投标限价", "the scheme uses the ceiling"),
        ("reference", lot.reference_price, "评标办法用到标底", "the scheme uses the reference price"),
    ):
        if not given and _uses(scheme, source):
            yield finding(
                "RuleUnfit", pointer, zh=f"{zh},而标段没有给出", en=f"{en}, which the lot does not give"
            )


def _uses(scheme: Scheme, source: str) -> bool:
    if any(check.than == source for check in scheme.low_prices or ()):
        return True
    for node in nodes(scheme):
        fields = ("terms", "range_from", "range_to")
        if any(
            term.of == source for field in fields for term in getattr(node.criterion.formula, field, ()) or ()
        ):
            return True
        ranged = getattr(node.criterion.formula, "count_from_percent", "") or getattr(
            node.criterion.formula, "count_to_percent", ""
        )
        if source == "ceiling" and ranged:
            return True
    return False


def _preferences(scheme: Scheme, pointer: str) -> Iterator[Finding]:
    for node in nodes(scheme, pointer):
        criterion = node.criterion
        for field in ("zh", "rule_zh", "en", "rule_en"):
            words = suspicious_words(getattr(criterion, field))
            if words:
                yield warning(
                    "RegionalPreference",
                    f"{node.pointer}/{field}",
                    name=criterion.zh,
                    words=words,
                )
                break


def _government_prices(plan: Plan, scheme: Scheme, pointer: str) -> Iterator[Finding]:
    """财政部令第87号 55: no dropping of prices; price counts for 30 % (goods) or 10 % (services) at least."""
    share = Fraction(0)
    priced = False
    for node in nodes(scheme, pointer):
        criterion = node.criterion
        if getattr(criterion.formula, "drop", ()):
            yield warning(
                "PriceDropForbidden",
                f"{node.pointer}/formula/drop",
                name=criterion.zh,
            )
        if criterion.kind == "price":
            priced = True
            share += _share(criterion, node.above)
    wanted = {"goods": 30, "services": 10}.get(plan.category)
    if priced and wanted is not None and scheme.max_centi:
        percent = share / scheme.max_centi * 100
        if percent < wanted:
            yield warning(
                "PriceShareLow",
                f"{pointer}/criteria",
                share=exact_text(percent),
                wanted=str(wanted),
            )


def _share(criterion: Criterion, above: tuple[Criterion, ...]) -> Fraction:
    """The full marks of a leaf as they reach the total, in hundredths."""
    share = Fraction(criterion.max_centi)
    for node in (*above, criterion):
        share *= number(node.weight)
    return share
