"""Are the inputs of an evaluation complete and in range? (评审输入的校验).

Owns: the checks before anything is worked out, so that no formula meets a missing or impossible number.
Must not know: the formulas. Findings point into the inputs (`/sheets/M1/b1/A1`).

Source: 财政部令第87号 64 (an item over its range is corrected before the result stands).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from protocol.methods.evaluation import Inputs
from protocol.methods.small_business import compared_price
from protocol.plan.findings import Finding, finding
from protocol.plan.locate import step
from protocol.plan.needs import check_order, check_share, draws_needed, price_needed, quantities_needed
from protocol.plan.numbers import number
from protocol.plan.plan import Plan, Scheme
from protocol.plan.shape import suggest
from protocol.plan.stages import check_scores, leaves, nodes, scheme_of

_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?")


def check_inputs(plan: Plan, lot: str, inputs: Inputs) -> tuple[Finding, ...]:
    """Return what keeps a lot from being evaluated, save the prices: who passes decides whose are needed."""
    if lot not in (form.id for form in plan.lots):
        known = [form.id for form in plan.lots]
        return (_no("标段", "lot", lot, known, ""),)
    if not inputs.valid:
        return (finding("NothingToRank", "/valid", lot=lot),)
    return tuple(_check(plan, lot, inputs))


def check_prices(plan: Plan, lot: str, inputs: Inputs, passing: Iterable[str]) -> tuple[Finding, ...]:
    """Return what is missing or impossible among the prices and quantities of the bidders that go on."""
    return tuple(_check_prices(plan, lot, inputs, sorted(passing)))


def _check(plan: Plan, lot: str, inputs: Inputs) -> Iterator[Finding]:
    scheme = scheme_of(plan, lot)
    for position, bidder in enumerate(inputs.valid):
        if bidder in inputs.valid[:position]:
            zh, en = "在有效投标人中出现两次", "it stands twice among the valid bidders"
            yield finding("DuplicateBidder", f"/valid/{position}", id=bidder, zh=zh, en=en)
    for field, named in (("prices", inputs.prices), ("quantities", inputs.quantities)):
        for bidder in named:
            texts = [inputs.prices[bidder]] if field == "prices" else list(inputs.quantities[bidder].values())
            for text in texts:
                if text and _DECIMAL.fullmatch(text) is None:
                    wanted = {"wanted_zh": "十进制数字", "wanted_en": "a decimal number in digits"}
                    yield finding("BadForm", step(f"/{field}", bidder), given=text, **wanted)
    yield from _check_sheets(plan, lot, inputs)
    yield from _check_draws(scheme, lot, inputs)


def _check_sheets(plan: Plan, lot: str, inputs: Inputs) -> Iterator[Finding]:
    envelopes = scheme_of(plan, lot).envelopes
    wanted = tuple(leaf for envelope in envelopes for leaf in leaves(plan, lot, envelope.id))
    if wanted and not inputs.sheets:
        yield finding("MissingSheet", "/sheets", seat="", lot=lot)
    for seat in sorted(inputs.sheets):
        sheet = inputs.sheets[seat]
        # A bidder rejected after it was scored leaves its scores behind; they count for nothing.
        scored = {bidder: sheet[bidder] for bidder in sorted(sheet) if bidder in inputs.valid}
        yield from check_scores(wanted, inputs.valid, scored, seat=seat, pointer=step("/sheets", seat))


def _check_draws(scheme: Scheme, lot: str, inputs: Inputs) -> Iterator[Finding]:
    for name, candidates in draws_needed(scheme).items():
        allowed = candidates or inputs.valid
        if name not in inputs.draws:
            yield finding("DrawMissing", "/draws", lot=lot, draw=name)
        elif inputs.draws[name] not in allowed:
            drawn = inputs.draws[name]
            shown = "、".join(sorted(allowed))
            yield finding("DrawNotCandidate", step("/draws", name), draw=name, given=drawn, candidates=shown)
    for name in sorted({rule.of for rule in scheme.ties if rule.by == "decided"} & inputs.draws.keys()):
        yield from check_order(name, inputs.draws[name], inputs.valid, step("/draws", name))


def _check_prices(plan: Plan, lot: str, inputs: Inputs, passing: list[str]) -> Iterator[Finding]:
    scheme = scheme_of(plan, lot)
    priced = price_needed(scheme)
    for bidder in passing:
        price = inputs.prices.get(bidder, "")
        if priced and not price:
            yield finding("PriceMissing", "/prices", bidder=bidder)
        elif price and number(price) <= 0:
            yield finding("PriceZero", step("/prices", bidder), bidder=bidder)
        given = inputs.quantities.get(bidder, {})
        wrong = tuple(check_share(scheme, bidder, given, step("/quantities", bidder)))
        yield from wrong
        if price and number(price) > 0 and not wrong and compared_price(scheme, inputs, bidder) <= 0:
            # A price so small that its deduction rounds it away.
            yield finding("PriceZero", step("/prices", bidder), bidder=bidder)
        for name, positive in quantities_needed(scheme):
            if name not in given:
                yield finding("QuantityMissing", "/quantities", bidder=bidder, quantity=name)
            elif positive and number(given[name]) <= 0:
                where = step(f"/quantities/{bidder}", name)
                yield finding("QuantityZero", where, bidder=bidder, quantity=name)
    drawn = {term.draw for node in nodes(scheme) for term in getattr(node.criterion.formula, "terms", ())}
    # Where nobody goes on, no base price is worked out, and everybody is told to be below a mark.
    for name in sorted(drawn - {""}) if passing else ():
        if inputs.draws[name] not in passing:
            shown = "、".join(passing)
            result = inputs.draws[name]
            yield finding("DrawNotCandidate", step("/draws", name), draw=name, given=result, candidates=shown)


def _no(what_zh: str, what_en: str, given: str, known: list[str], pointer: str) -> Finding:
    near = suggest(given, known)
    return finding("UnknownId", pointer, what_zh=what_zh, what_en=what_en, id=given, **near)
