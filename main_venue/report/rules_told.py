"""The rules of evaluation told in full (评标标准、评标方法): criteria, full marks, steps, roundings, ties.

Owns putting a plan into a table and sentences. Source: 12号令 42 (六), 财政部令第87号 58 (三).
"""

from collections.abc import Iterator
from typing import Any, Final

from main_venue.report.gathered import LotReport
from main_venue.report.scores import LOW_THAN
from protocol.plan.formulas import BasePriceDeviation, LinearRatio, LowPriceFirst, ShareOfHighest
from protocol.plan.plan import Criterion
from protocol.plan.stages import points_text

Block = dict[str, Any]

KINDS: Final = {"group": "—", "subjective": "主观", "objective": "客观", "price": "计算", "quantity": "计算"}

METHODS: Final = {
    "sum_of_points": ("综合评估法", "综合评分法"),
    "lowest_evaluated_price": ("经评审的最低投标价法", "最低评标价法"),
    "technical_then_price": ("技术评分最低标价法", "技术评分最低标价法"),
    "price_over_technical": ("价格除以技术得分,低者优先", "价格除以技术得分,低者优先"),
    "price_less_credit": ("价格减技术折价,低者优先", "价格减技术折价,低者优先"),
    "technical_over_price": ("技术得分除以价格,高者优先", "技术得分除以价格,高者优先"),
}
"""The award rule's name under 招标投标法, and under 87号令."""

TIES: Final = {
    "lower_price": "报价较低者优先",
    "higher_points": "“{of}”得分较高者优先",
    "higher_quantity": "“{of}”较大者优先",
    "lower_quantity": "“{of}”较小者优先",
    "decided": "按“{of}”确定的次序",
}


def method(lot: LotReport, regime: str) -> str:
    """The evaluation method's name."""
    return METHODS[lot.scheme.award.__struct_config__.tag][regime == "GOV_PROC"]  # type: ignore[index]


def criteria(lot: LotReport) -> Block:
    """The criteria tree as a table."""
    rows = [["代号", "评分项", "满分", "权重", "性质", "步长", "评分标准"]]
    for top in lot.scheme.criteria:
        rows.extend(_lines(top))
    return {
        "kind": "table", "text": f"{lot.lot.zh}评分标准", "rows": rows,
        "widths": ["auto", "2", "auto", "auto", "auto", "auto", "4"], "right": [2, 3, 5],
    }  # fmt: skip


def sentences(lot: LotReport) -> Iterator[Block]:
    """How points are put together, how prices become points, how equal bids are parted."""
    scheme = lot.scheme
    for text in (*(one.zh for one in lot.steps), *_formulas(scheme.criteria)):
        yield {"kind": "item", "text": text}
    if scheme.ties:
        order = ";".join(TIES[rule.by].format(of=rule.of) for rule in scheme.ties)
        yield {"kind": "item", "text": f"数值相同的,依次按:{order}。"}
    if scheme.deviation is not None:
        yield {
            "kind": "item",
            "text": f"成员评分与平均值的偏差超过 {scheme.deviation.threshold_percent}% 的,由该成员说明,不予修改。",
        }
    yield from _policies(lot)
    if scheme.objective_mismatch == "block":
        yield {"kind": "item", "text": "客观分各成员应当一致,不一致的核对更正后方可汇总。"}


def _policies(lot: LotReport) -> Iterator[Block]:
    """What the plan adds to its formulas: envelope marks, the deduction for small businesses, low prices."""
    scheme = lot.scheme
    for envelope in scheme.envelopes:
        if envelope.pass_centi:
            mark = points_text(envelope.pass_centi)
            yield {"kind": "item", "text": f"{envelope.zh}合计低于 {mark} 分的,不开启其后的信封。"}
    rule = scheme.small_business
    if rule:
        what = "报价扣除 {} 后参加评审" if rule.on == "price" else "价格分增加 {}"
        text = f"小微企业{what.format(rule.percent + '%')}"
        if rule.consortium_percent:
            text += (
                f";小微企业合同份额占 {rule.consortium_share_min}% 以上的联合体或者分包,"
                f"{what.format(rule.consortium_percent + '%')}"
            )
        yield {"kind": "item", "text": f"{text}(财库〔2020〕46号、〔2022〕19号)。"}
    for check in scheme.low_prices or ():
        yield {
            "kind": "item",
            "text": f"报价低于{LOW_THAN[check.than]}的 {check.percent}% 的,由投标人书面说明。",
        }


def _lines(criterion: Criterion) -> Iterator[list[str]]:
    scored = criterion.kind in {"subjective", "objective"}
    rule = criterion.rule_zh or ("见下列各分项" if criterion.children else "按招标文件规定")
    yield [
        criterion.id, criterion.zh, points_text(criterion.max_centi), criterion.weight,
        KINDS[criterion.kind], points_text(criterion.step_centi) if scored else "—",
        rule + (f",合格分 {points_text(criterion.pass_centi)}" if criterion.pass_centi else ""),
    ]  # fmt: skip
    for child in criterion.children:
        yield from _lines(child)


def _formulas(found: tuple[Criterion, ...]) -> Iterator[str]:
    for criterion in found:
        formula, full = criterion.formula, points_text(criterion.max_centi)
        if isinstance(formula, BasePriceDeviation):
            yield (
                f"{criterion.zh}:每高于评标基准价 1% 扣 {formula.e_above} 分,每低于 1% 扣 {formula.e_below} 分,"
                f"{_COUNTING[formula.counting]},满分 {full} 分,最低 {points_text(formula.floor_centi)} 分。"
            )
        elif isinstance(formula, LowPriceFirst):
            yield f"{criterion.zh}:得分 = 评标基准价(最低评标价格)÷ 评标价格 × {full}。"
        elif isinstance(formula, LinearRatio):
            yield f"{criterion.zh}:得分 = {full} ×(2 − 报价 ÷ 最低报价)。"
        elif isinstance(formula, ShareOfHighest):
            yield f"{criterion.zh}:得分 = 数值 ÷ 最高值 × {full}。"
        yield from _formulas(criterion.children)


_COUNTING: Final = {
    "interpolate": "不足 1% 按插入法计算",
    "begun_steps": "不足一档按一档计算",
    "full_steps": "不足一档不计",
}
