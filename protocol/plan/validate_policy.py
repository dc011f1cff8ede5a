"""Do a scheme's policies hold together, and are they what the law has? (价格政策、入围与候选人的校验).

Owns: envelope pass marks, the deduction for small businesses, low-price checks, and the warnings where a plan
is unlike the rules that its regime usually follows. Must not know: lots, bids, members. A warning never stops
anything: a tender document may have its reasons.

Sources: 财库〔2020〕46号 9, 财库〔2022〕19号 (see `protocol.plan.policy`); 财政部令第87号 57; 实施条例 53,
12号令 45; 公路工程标准施工招标文件 (2018).
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from protocol.plan.findings import Finding, finding, warning
from protocol.plan.formulas import BasePriceDeviation, LowPriceFirst, SumOfPoints, TechnicalThenPrice
from protocol.plan.lawful_ties import as_87_has_them
from protocol.plan.needs import price_needed
from protocol.plan.numbers import exact_text, number, points, total
from protocol.plan.plan import Plan, Scheme
from protocol.plan.policy import SmallBusiness
from protocol.plan.stages import SCORED_KINDS, full_marks, nodes

CANDIDATES_MAX: Final = 3
"""实施条例 53: one to three candidates, in order."""

QUALIFY_MIN: Final = 3
"""技术评分最低标价法: the first three at least go on to the price."""

_DEDUCTIONS: Final = {"goods": ((10, 20), (4, 6)), "services": ((10, 20), (4, 6)), "works": ((3, 5), (1, 2))}
"""Category → percent for a small business, percent for a consortium: least and most."""


def check_policy(plan: Plan, scheme: Scheme, pointer: str) -> Iterator[Finding]:
    """Yield every fault and warning of one scheme's policies; the scheme stands at `pointer`."""
    yield from _envelope_marks(scheme, pointer)
    if scheme.small_business:
        yield from _small_business(plan, scheme, scheme.small_business, f"{pointer}/small_business")
    if isinstance(scheme.low_prices, tuple):
        yield from _low_prices(scheme, f"{pointer}/low_prices")
    if isinstance(scheme.award, TechnicalThenPrice) and scheme.award.qualify < QUALIFY_MIN:
        where = f"{pointer}/award/qualify"
        yield warning("QualifyFew", where, count=str(scheme.award.qualify), wanted=str(QUALIFY_MIN))
    for node in nodes(scheme, pointer):
        formula = node.criterion.formula
        if isinstance(formula, BasePriceDeviation) and number(formula.e_above) < number(formula.e_below):
            yield warning("DeviationMild", f"{node.pointer}/formula/e_above", name=node.criterion.zh)
    if plan.regime == "GOV_PROC" and not as_87_has_them(scheme):
        yield warning("TiesUnlike", f"{pointer}/ties", scheme=scheme.id)


def check_candidates(plan: Plan, pointer: str) -> Iterator[Finding]:
    """Warn of more candidates than the law has."""
    if plan.candidates_max > CANDIDATES_MAX:
        where, count = f"{pointer}/candidates_max", str(plan.candidates_max)
        yield warning("CandidatesMany", where, count=count, wanted=str(CANDIDATES_MAX))


def _envelope_marks(scheme: Scheme, pointer: str) -> Iterator[Finding]:
    """The mark of an envelope is held against what members score in it, nothing else."""
    for position, envelope in enumerate(scheme.envelopes):
        if not envelope.pass_centi:
            continue
        at = f"{pointer}/envelopes/{position}/pass_centi"
        inside = [node for node in nodes(scheme) if not node.above and node.envelope == envelope.id]
        below = [
            node for node in nodes(scheme) if inside and (*node.above, node.criterion)[0] in
            [top.criterion for top in inside]
        ]  # fmt: skip
        if not inside:
            yield _unfit(at, "该信封内没有评分项,不能设合格分", "the envelope holds no criteria to pass by")
        elif any(node.envelope != envelope.id for node in below):
            zh, en = (
                "该信封的大类含有其他信封的评分项",
                "a group of the envelope holds items of another envelope",
            )
            yield _unfit(at, zh, en)
        elif any(node.criterion.kind not in ("group", *SCORED_KINDS) for node in below):
            zh, en = "该信封内有由公式计算的项", "something in the envelope is worked out by a formula"
            yield _unfit(at, zh, en)
        elif any(node.criterion.normalise_centi for node in inside):
            zh, en = "该信封内的评分项须折算,不能设合格分", "a criterion of the envelope is normalised"
            yield _unfit(at, zh, en)
        elif points(envelope.pass_centi) > total(full_marks(node.criterion) for node in inside):
            yield _unfit(at, "信封的合格分高于其满分", "the pass mark is above the envelope's full marks")


def _small_business(plan: Plan, scheme: Scheme, rule: SmallBusiness, pointer: str) -> Iterator[Finding]:
    if not price_needed(scheme):
        yield _unfit(pointer, "该评标办法不用报价,不能作价格扣除", "nothing here uses a price to deduct from")
    for field, text in (("percent", rule.percent), ("consortium_percent", rule.consortium_percent)):
        if text and not number(text) < 100:
            yield _unfit(f"{pointer}/{field}", "扣除比例须小于 100%", "a deduction is below 100 %")
    if not 0 < number(rule.consortium_share_min) < 100:
        where = f"{pointer}/consortium_share_min"
        yield _unfit(where, "联合体份额下限须大于 0%、小于 100%", "the least share lies between 0 and 100 %")
    if rule.on == "points":
        yield from _bonus(scheme, rule, pointer)
    elif rule.capped:
        zh, en = "“capped”只用于增加价格分", "“capped” is for points that are added"
        yield _unfit(f"{pointer}/capped", zh, en)
    yield from _usual(plan, rule, pointer)


def _bonus(scheme: Scheme, rule: SmallBusiness, pointer: str) -> Iterator[Finding]:
    """财库〔2020〕46号 9: more points only where price has points, and those not by 低价优先法."""
    priced = [node.criterion for node in nodes(scheme) if node.criterion.kind == "price"]
    where = f"{pointer}/on"
    if not priced or not isinstance(scheme.award, SumOfPoints):
        yield _unfit(where, "没有价格分,不能增加价格分", "there are no points for price to add to")
    elif any(isinstance(criterion.formula, LowPriceFirst) for criterion in priced):
        zh = "价格分采用低价优先法的,应扣除报价而不是增加价格分"
        yield _unfit(where, zh, "under 低价优先法 the price is deducted from; no points are added")
    if rule.rounding is not None:
        zh, en = "增加价格分时不对报价修约", "no price is rounded where points are added"
        yield _unfit(f"{pointer}/rounding", zh, en)


def _usual(plan: Plan, rule: SmallBusiness, pointer: str) -> Iterator[Finding]:
    own, consortium = _DEDUCTIONS[plan.category]
    for field, text, (least, most) in (
        ("percent", rule.percent, own),
        ("consortium_percent", rule.consortium_percent, consortium),
    ):
        if text and not least <= number(text) <= most:
            yield warning(
                "DeductionUnusual",
                f"{pointer}/{field}",
                percent=exact_text(number(text)),
                least=str(least),
                most=str(most),
            )


def _low_prices(scheme: Scheme, pointer: str) -> Iterator[Finding]:
    checks = scheme.low_prices or ()
    if not checks:
        yield finding("Empty", pointer, what_zh="异常低价的判断", what_en="The checks for low prices")
    if checks and not price_needed(scheme):
        yield _unfit(pointer, "该评标办法不用报价,不能判断异常低价", "nothing here uses a price to check")
    for position, check in enumerate(checks):
        if check in checks[:position]:
            yield _unfit(f"{pointer}/{position}", "该判断重复", "this check stands twice")
        if not Fraction(0) < number(check.percent) <= 100:
            where = f"{pointer}/{position}/percent"
            yield _unfit(
                where, "比例须大于 0%、不超过 100%", "the percentage lies above 0 and at most at 100"
            )


def _unfit(pointer: str, zh: str, en: str) -> Finding:
    return finding("RuleUnfit", pointer, zh=zh, en=en)
