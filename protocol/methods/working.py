"""The working in words (计算过程说明): what was averaged, dropped, rounded, and how ties were parted.

Owns: sentences for the page and the report. Must not know: the numbers behind them beyond what it is told.

They stand beside a tally, never within it: a tally is compared byte for byte when a record is replayed, and
words must stay free to be mended.
"""

from collections.abc import Iterator, Sequence

from protocol.methods.evaluation import Inputs, StepText
from protocol.methods.ranking import Place
from protocol.methods.small_business import earned_percent, share_percent
from protocol.plan.formulas import Aggregate, Rounding
from protocol.plan.numbers import exact_text, number
from protocol.plan.plan import Criterion, Scheme
from protocol.plan.stages import SCORED_KINDS, points_text

_TIE_WORDS = {
    "lower_price": ("报价较低者优先", "the lower price first"),
    "higher_points": ("“{of}”得分较高者优先", "the higher points for “{of}” first"),
    "higher_quantity": ("“{of}”较大者优先", "the larger “{of}” first"),
    "lower_quantity": ("“{of}”较小者优先", "the smaller “{of}” first"),
    "decided": ("按“{of}”确定的次序", "in the order decided as “{of}”"),
}


def opening_steps(scheme: Scheme, inputs: Inputs) -> Iterator[StepText]:
    """Yield how each top criterion that members score becomes one figure, and its weight."""
    count = len(inputs.sheets)
    for criterion in scheme.criteria:
        if not _is_scored(criterion):
            continue
        aggregate = criterion.aggregate or scheme.aggregate
        zh, en = _aggregate_words(aggregate, count)
        weight_zh = weight_en = ""
        if number(criterion.weight) != 1:
            text = exact_text(number(criterion.weight))
            weight_zh, weight_en = f",乘以权重 {text}", f", times its weight {text}"
        if criterion.normalise_centi:
            full = points_text(criterion.normalise_centi)
            weight_zh = f",按最高者为 {full} 分折算{weight_zh}"
            weight_en = f", scaled so that the best gets {full}{weight_en}"
        yield StepText(
            zh=f"{criterion.zh}:{zh}{_round_zh(scheme.rounding.part)}{weight_zh}。",
            en=f"{criterion.en or criterion.id}: {en}{_round_en(scheme.rounding.part)}{weight_en}.",
        )


def price_steps(scheme: Scheme, inputs: Inputs, looked_at: Sequence[str]) -> Iterator[StepText]:
    """Yield whose prices or price points a policy changes, and by how much (小微企业价格扣除)."""
    rule = scheme.small_business
    if not rule:
        return
    earned = {
        bidder: earned_percent(rule, share_percent(scheme, inputs, bidder)) for bidder in sorted(looked_at)
    }
    told = {bidder: exact_text(percent) for bidder, percent in earned.items() if percent}
    on_price = rule.on == "price"
    what_zh, what_en = ("报价扣除", "off the price") if on_price else ("价格分增加", "more points for price")
    each_zh = "、".join(f"{bidder} {percent}%" for bidder, percent in told.items()) or "无"
    each_en = ", ".join(f"{bidder} {percent} %" for bidder, percent in told.items()) or "none"
    yield StepText(
        zh=f"小微企业{what_zh}:{each_zh}{_round_zh(rule.rounding) if on_price and told else ''}。",
        en=f"Small businesses, {what_en}: {each_en}{_round_en(rule.rounding) if on_price and told else ''}.",
    )


def rank_steps(
    scheme: Scheme, places: Sequence[Place], tied_over: Sequence[str], candidates_max: int
) -> Iterator[StepText]:
    """Yield how the total is rounded and ranked, and what parted equal bids or left them tied.

    Args:
        scheme: the lot's scheme.
        places: the ranked bidders.
        tied_over: those who share a rank so that there are too many candidates.
        candidates_max: the plan's greatest number of candidates.
    """
    total = scheme.rounding.total
    order_zh = "高者优先" if scheme.wins == "highest" else "低者优先"
    by_zh, by_en = (
        ("修约后的数值", "the rounded figure")
        if scheme.rounding.rank_on == "rounded"
        else ("修约前的数值", "the figure before rounding")
    )
    yield StepText(
        zh=f"合计{_round_zh(total)},按{by_zh}排序,{order_zh}。",
        en=f"Total{_round_en(total)}; ranked on {by_en}, {scheme.wins} first.",
    )
    if any(place.parted for place in places):
        rules = [(_TIE_WORDS[rule.by], rule.of) for rule in scheme.ties]
        zh = ";".join(words[0].format(of=of) for words, of in rules)
        en = "; ".join(words[1].format(of=of) for words, of in rules)
        yield StepText(zh=f"数值相同的投标依次:{zh}。", en=f"Equal bids: {en}.")
    if any(place.tied for place in places):
        yield StepText(
            zh="仍相同的投标名次并列,请按招标文件规定确定。",
            en="What is still equal shares its rank; decide as the tender document says.",
        )
    if tied_over:
        yield StepText(
            zh=f"中标候选人不超过 {candidates_max} 名,而 {'、'.join(tied_over)} 名次并列,须先确定其先后。",
            en=f"At most {candidates_max} candidates, but {', '.join(tied_over)} share a rank: "
            "decide between them first.",
        )


def _is_scored(criterion: Criterion) -> bool:
    if criterion.children:
        return any(_is_scored(child) for child in criterion.children)
    return criterion.kind in SCORED_KINDS


def _aggregate_words(aggregate: Aggregate, count: int) -> tuple[str, str]:
    by_totals = aggregate.of == "totals"
    members_zh = f"{count} 名成员{'总分' if by_totals else '逐项评分'}"
    whose = "one member's" if count == 1 else f"{count} members'"
    members_en = f"{whose} {'totals' if by_totals else 'points item by item'}"
    trim = aggregate.trim
    if trim is None or count < trim.members_min:
        return f"{members_zh}的平均值", f"mean of {members_en}"
    return (
        f"{members_zh}去掉 {trim.high} 个最高、{trim.low} 个最低后的平均值",
        f"mean of {members_en} without the {trim.high} highest and {trim.low} lowest",
    )


def _round_zh(rounding: Rounding | None) -> str:
    if rounding is None:
        return ""
    return f",{'四舍五入' if rounding.mode == 'half_up' else '截断'}保留 {rounding.places} 位小数"


def _round_en(rounding: Rounding | None) -> str:
    if rounding is None:
        return ""
    verb = "rounded half up" if rounding.mode == "half_up" else "truncated"
    return f", {verb} to {rounding.places} {'decimal' if rounding.places == 1 else 'decimals'}"
