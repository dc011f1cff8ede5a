"""Does an evaluation scheme hold together? (单个评标办法的校验).

Owns: the checks of envelopes, criteria tree, formulas, rates, award rule, ties and deviation of one scheme.
Must not know: lots, bids, members.
"""

from collections.abc import Iterator

from protocol import limits
from protocol.plan.findings import Finding, finding
from protocol.plan.formulas import (
    BasePriceDeviation,
    SumOfPoints,
    TechnicalOverPrice,
    TechnicalThenPrice,
    Trim,
)
from protocol.plan.numbers import exact_text, number, points, total
from protocol.plan.plan import CRITERIA_DEPTH_MAX, Criterion, Scheme
from protocol.plan.shape import suggest
from protocol.plan.stages import SCORED_KINDS, Node, all_scored, full_marks, nodes, points_text


def check_scheme(scheme: Scheme, pointer: str) -> Iterator[Finding]:
    """Yield every fault of one scheme that stands at `pointer`."""
    if not scheme.envelopes:
        yield finding("Empty", f"{pointer}/envelopes", what_zh="信封", what_en="The envelopes")
    if not scheme.criteria and isinstance(scheme.award, SumOfPoints):
        yield finding("Empty", f"{pointer}/criteria", what_zh="评分项", what_en="The criteria")
    yield from _envelopes(scheme, pointer)
    yield from _tree(scheme, pointer)
    yield from _rates(scheme, pointer)
    yield from _formulas(scheme, pointer)
    yield from _aggregates(scheme, pointer)
    yield from _award(scheme, pointer)
    yield from _references(scheme, pointer)


def _envelopes(scheme: Scheme, pointer: str) -> Iterator[Finding]:
    ids = [envelope.id for envelope in scheme.envelopes]
    orders = [envelope.order for envelope in scheme.envelopes]
    at = f"{pointer}/envelopes"
    for position, name in enumerate(ids):
        if name in ids[:position]:
            yield finding("DuplicateId", f"{at}/{position}/id", what_zh="信封", what_en="envelope", id=name)
        if orders[position] in orders[:position]:
            yield _unfit(f"{at}/{position}/order", "两个信封的开启次序相同", "two envelopes have one order")
    most = limits.ENVELOPES_PER_LOT_MAX
    if len(ids) > most:
        yield finding(
            "TooMany", at, what_zh="信封", what_en="envelopes", count=str(len(ids)), limit=str(most)
        )


def _tree(scheme: Scheme, pointer: str) -> Iterator[Finding]:
    seen: set[str] = set()
    scored = 0
    envelopes = [envelope.id for envelope in scheme.envelopes]
    for node in nodes(scheme, pointer):
        criterion = node.criterion
        if criterion.id in seen:
            yield finding(
                "DuplicateId",
                f"{node.pointer}/id",
                what_zh="评分项",
                what_en="criterion",
                id=criterion.id,
            )
        seen.add(criterion.id)
        scored += criterion.kind in SCORED_KINDS
        if criterion.envelope and criterion.envelope not in envelopes:
            yield _unknown("信封", "envelope", criterion.envelope, envelopes, f"{node.pointer}/envelope")
        yield from _node(node)
    if scored > limits.CRITERIA_PER_STAGE_MAX:
        yield finding(
            "TooMany",
            f"{pointer}/criteria",
            what_zh="评分项",
            what_en="scored items",
            count=str(scored),
            limit=str(limits.CRITERIA_PER_STAGE_MAX),
        )
    if scheme.criteria:
        yield from _sum(scheme.criteria, scheme.max_centi, scheme.id, f"{pointer}/max_centi")


def _node(node: Node) -> Iterator[Finding]:
    criterion, at = node.criterion, node.pointer
    if len(node.above) >= CRITERIA_DEPTH_MAX:
        deep = str(CRITERIA_DEPTH_MAX)
        yield _shape(criterion, at, f"处于第 {deep} 层以下,最多 {deep} 层", f"is deeper than {deep} levels")
    if criterion.kind == "group":
        if not criterion.children:
            yield _shape(criterion, at, "是大类,却没有下级评分项", "is a group without children")
        else:
            yield from _sum(criterion.children, criterion.max_centi, criterion.zh, f"{at}/max_centi")
    elif criterion.children:
        yield _shape(criterion, f"{at}/children", "不是大类,不能有下级评分项", "is no group but has children")
    if criterion.max_centi == 0:
        yield _shape(criterion, f"{at}/max_centi", "满分为零", "has no full marks")
    calculated = criterion.kind in ("price", "quantity")
    if calculated and criterion.formula is None:
        yield _shape(criterion, at, "由公式计算,却没有“formula”", "is worked out, but has no formula")
    if not calculated and criterion.formula is not None:
        yield _shape(criterion, f"{at}/formula", "由成员打分,不能有公式", "is scored, so it takes no formula")
    if (criterion.kind == "quantity") != bool(criterion.quantity):
        zh = "须且仅须在 quantity 类评分项中写明数值名称"
        yield _shape(criterion, at, zh, "names a quantity exactly if it is of kind quantity")
    if isinstance(criterion.formula, BasePriceDeviation) and criterion.kind != "price":
        yield _shape(
            criterion, f"{at}/formula", "不是价格项,不能用基准价法", "is no price, so has no base price"
        )
    if criterion.kind in SCORED_KINDS and criterion.max_centi % criterion.step_centi:
        yield finding(
            "StepDivides",
            f"{at}/step_centi",
            name=criterion.zh,
            max=points_text(criterion.max_centi),
            step=points_text(criterion.step_centi),
        )
    if criterion.pass_centi > (criterion.normalise_centi or criterion.max_centi):
        yield _shape(criterion, f"{at}/pass_centi", "及格分高于满分", "has a pass mark above its full marks")
    if criterion.normalise_centi and node.above:
        yield _shape(
            criterion,
            f"{at}/normalise_centi",
            "不是最上层,不能归一",
            "is not at the top, so is not normalised",
        )


def _sum(children: tuple[Criterion, ...], max_centi: int, name: str, pointer: str) -> Iterator[Finding]:
    added = total(full_marks(child) for child in children)
    if added != points(max_centi):
        yield finding("WeightSum", pointer, name=name, sum=exact_text(added), wanted=points_text(max_centi))


def _rates(scheme: Scheme, pointer: str) -> Iterator[Finding]:
    ids = [rate.id for rate in scheme.rates]
    for position, rate in enumerate(scheme.rates):
        at = f"{pointer}/rates/{position}"
        if rate.id in ids[:position]:
            yield finding("DuplicateId", f"{at}/id", what_zh="系数", what_en="rate", id=rate.id)
        if bool(rate.percent) == bool(rate.candidates):
            zh = f"系数“{rate.id}”须写明固定值或备选值之一"
            yield _unfit(at, zh, f"the rate “{rate.id}” is either fixed or drawn from candidates")
        values = [number(candidate) for candidate in rate.candidates]
        if len(set(values)) != len(values):
            zh = f"系数“{rate.id}”的备选值重复"
            yield _unfit(f"{at}/candidates", zh, f"a candidate of “{rate.id}” stands twice")


def _formulas(scheme: Scheme, pointer: str) -> Iterator[Finding]:
    rates = [rate.id for rate in scheme.rates]
    for node in nodes(scheme, pointer):
        formula = node.criterion.formula
        if not isinstance(formula, BasePriceDeviation):
            continue
        at = f"{node.pointer}/formula"
        if not formula.terms:
            yield finding("Empty", f"{at}/terms", what_zh="基准价的组成", what_en="The base price's terms")
        yield from _terms(formula, rates, at)
        yield from _bounds(formula, at)
        if number(formula.step_percent) == 0:
            yield _unfit(f"{at}/step_percent", "步长为零", "the step is zero")
        if formula.floor_centi > node.criterion.max_centi:
            yield _unfit(f"{at}/floor_centi", "最低分高于满分", "the floor is above the full marks")
        bounds = [row.bids_min for row in formula.drop]
        if bounds != sorted(set(bounds)):
            yield _unfit(f"{at}/drop", "去高去低表须按投标数由小到大排列", "the drop table must rise by bids")
        for position, row in enumerate(formula.drop):
            if row.high + row.low >= row.bids_min:
                where = f"{at}/drop/{position}"
                yield _unfit(where, "去掉的报价不少于全部报价", "every price would be dropped")


def _terms(formula: BasePriceDeviation, rates: list[str], pointer: str) -> Iterator[Finding]:
    for field in ("terms", "range_from", "range_to"):
        for place, term in enumerate(getattr(formula, field) or ()):
            at = f"{pointer}/{field}/{place}"
            for position, factor in enumerate(term.factors):
                if factor.rate not in rates:
                    yield _unknown("系数", "rate", factor.rate, rates, f"{at}/factors/{position}/rate")
            if (term.of == "drawn_bid") != bool(term.draw):
                zh = "须且仅须对抽取的报价写明抽取名称"
                yield _unfit(at, zh, "a draw is named exactly for a drawn bid")
            if term.of == "drawn_bid" and field != "terms":
                yield _unfit(
                    at, "计入范围不能由抽取的报价确定", "a drawn bid cannot bound the range that counts"
                )


def _bounds(formula: BasePriceDeviation, pointer: str) -> Iterator[Finding]:
    """A range that nothing uses could only stop an evaluation, never bear on it."""
    ranges = {field: getattr(formula, field) for field in ("range_from", "range_to")}
    for field, terms in ranges.items():
        if terms == ():
            at = f"{pointer}/{field}"
            yield finding("Empty", at, what_zh="计入范围的界限", what_en="The bound of the range that counts")
    ranged = any(isinstance(terms, tuple) for terms in ranges.values())
    sources = {term.of for term in formula.terms}
    counting = sources & ({"mean", "lowest", "drawn_bid"} if ranged else {"mean", "lowest"})
    if (ranged or formula.count_from_percent or formula.count_to_percent) and formula.terms and not counting:
        zh = "设有计入范围,而基准价不用范围内的报价"
        yield _unfit(pointer, zh, "a range is given, but the base price uses no bid that counts")


def _aggregates(scheme: Scheme, pointer: str) -> Iterator[Finding]:
    if scheme.aggregate.trim is not None:
        yield from _trim(scheme.aggregate.trim, f"{pointer}/aggregate/trim")
    for node in nodes(scheme, pointer):
        aggregate = node.criterion.aggregate
        if aggregate is None:
            continue
        if node.criterion.kind not in ("group", *SCORED_KINDS):
            zh = "由公式计算,没有成员评分可以汇总"
            yield _shape(node.criterion, f"{node.pointer}/aggregate", zh, "is worked out, not aggregated")
        if _within_totals(scheme, node):
            zh = "的上级已按总分汇总"
            yield _shape(
                node.criterion, f"{node.pointer}/aggregate", zh, "stands in a group aggregated by totals"
            )
        if aggregate.trim is not None:
            yield from _trim(aggregate.trim, f"{node.pointer}/aggregate/trim")


def _within_totals(scheme: Scheme, node: Node) -> bool:
    """Whether a group above is summed by totals, by its own word or by what it inherits."""
    aggregate = scheme.aggregate
    for group in node.above:
        aggregate = group.aggregate or aggregate
        own = group.aggregate is not None
        if aggregate.of == "totals" and (own or all_scored(group)):
            return True
    return False


def _trim(trim: Trim, pointer: str) -> Iterator[Finding]:
    if trim.high + trim.low >= trim.members_min:
        zh = "去掉的评分不少于成员人数"
        yield _unfit(pointer, zh, "no member would be left after dropping the highest and lowest")


def _award(scheme: Scheme, pointer: str) -> Iterator[Finding]:
    if isinstance(scheme.award, SumOfPoints):
        return
    wanted = "highest" if isinstance(scheme.award, TechnicalOverPrice) else "lowest"
    if scheme.wins != wanted:
        zh = f"该评标办法须为“{wanted}”者优"
        yield _unfit(f"{pointer}/wins", zh, f"under this award rule the {wanted} wins")
    if isinstance(scheme.award, TechnicalThenPrice) and not scheme.criteria:
        yield finding("Empty", f"{pointer}/criteria", what_zh="评分项", what_en="The criteria")


def _references(scheme: Scheme, pointer: str) -> Iterator[Finding]:
    ids = [node.criterion.id for node in nodes(scheme)]
    scored = {
        criterion.id
        for node in nodes(scheme)
        if node.criterion.kind in SCORED_KINDS
        for criterion in (*node.above, node.criterion)
    }
    for position, rule in enumerate(scheme.ties):
        at = f"{pointer}/ties/{position}"
        if (rule.by == "lower_price") == bool(rule.of):
            yield _unfit(
                at, "“of”须写明所比较的对象,按报价时除外", "“of” names what is compared, save for price"
            )
        if rule.by == "higher_points" and rule.of and rule.of not in ids:
            yield _unknown("评分项", "criterion", rule.of, ids, f"{at}/of")
    if scheme.deviation is not None:
        for position, name in enumerate(scheme.deviation.of):
            where = f"{pointer}/deviation/of/{position}"
            if name not in ids:
                yield _unknown("评分项", "criterion", name, ids, where)
            elif name not in scored:
                yield _unfit(where, f"“{name}”下没有成员打分的项", f"nothing under “{name}” is scored")
        if scheme.deviation.total and not scored:
            zh, en = "没有成员打分的项,没有总分可比较", "nothing is scored, so there are no totals to compare"
            yield _unfit(f"{pointer}/deviation/total", zh, en)


def _unfit(pointer: str, zh: str, en: str) -> Finding:
    return finding("RuleUnfit", pointer, zh=zh, en=en)


def _shape(criterion: Criterion, pointer: str, zh: str, en: str) -> Finding:
    return finding("TreeShape", pointer, name=criterion.zh, zh=zh, en=en)


def _unknown(what_zh: str, what_en: str, given: str, known: list[str], pointer: str) -> Finding:
    near = suggest(given, known)
    return finding("UnknownId", pointer, what_zh=what_zh, what_en=what_en, id=given, **near)
