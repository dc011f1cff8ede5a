"""Tables of scores (评分比较表): the summary, the members' totals with what was dropped, the raw sheets.

Owns which figure stands where. Totals, points and ranks are the tally's own texts; a member's total is the
exact sum of the sheet's hundredths. Source: 12号令 38 (综合评估比较表), 42 (七), 财政部令第87号 58.
"""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from msgspec import Struct

from main_venue.report.gathered import Bidder, Gathered, LotReport
from protocol.methods.evaluation import PartPoints, Row
from protocol.methods.trimmed_mean import dropped_seats
from protocol.methods.weighted_points import member_total
from protocol.plan.formulas import Aggregate
from protocol.plan.numbers import exact_text
from protocol.plan.plan import Criterion
from protocol.plan.stages import SCORED_KINDS, Node, all_scored, nodes, points_text, scored_nodes
from protocol.words import term

Block = dict[str, Any]

DROPPED_HIGH: Final = "△"
DROPPED_LOW: Final = "▽"
BIDDERS_PER_TABLE_MAX: Final = 6
"""More bidders than this side by side go on in a further table."""

STATUS: Final = {
    "ranked": "", "below_pass": "未达到合格分", "not_qualified": "未进入下一步评审",
}  # fmt: skip

FIGURE_NAMES: Final = {
    "sum_of_points": "总分",
    "lowest_evaluated_price": "评标价",
    "technical_then_price": "报价",
    "price_over_technical": "调整后价格",
    "price_less_credit": "调整后价格",
    "technical_over_price": "综合指标",
}


class Given(Struct, frozen=True):
    """What the members gave a bidder for one criterion: seat → points, and which fell out."""

    by_seat: dict[str, str]
    high: tuple[str, ...]
    low: tuple[str, ...]

    def shown(self, seat: str) -> str:
        """A member's figure, marked where it was dropped."""
        mark = DROPPED_HIGH if seat in self.high else DROPPED_LOW if seat in self.low else ""
        return f"{mark}{self.by_seat[seat]}"


def figure_name(lot: LotReport) -> str:
    """What the figure is called that ranks the bids."""
    return FIGURE_NAMES[lot.scheme.award.__struct_config__.tag]  # type: ignore[index]


def part_of(row: Row, criterion: str) -> PartPoints | None:
    """A bidder's part for a top criterion, or None where it was not worked out."""
    return next((part for part in row.parts if part.criterion == criterion), None)


LOW_THAN: Final = {
    "mean": "有效报价平均值",
    "mean_of_others": "其他有效报价平均值",
    "lowest_of_others": "其他有效报价中最低者",
    "ceiling": "最高投标限价",
    "reference": "标底",
}
"""What a low price is held against."""


def summary(gathered: Gathered, lot: LotReport) -> Block:
    """The comparison of all evaluated bids: price, each top criterion after its weight, figure, rank."""
    tops = lot.scheme.criteria
    weighted = any(top.weight != "1" for top in tops)
    names = [f"{top.id} {top.zh}{'(加权后)' if weighted else ''}" for top in tops]
    rows = [
        ["名次", term("bidder", gathered.state.regime).zh, f"报价({unit(lot)})", *names, figure_name(lot)]
    ]
    for row in lot.evaluation.rows:
        parts = [part_of(row, top.id) for top in tops]
        rows.append(
            [
                str(row.rank) if row.rank else STATUS[row.status],
                lot.bidder(row.bidder).shown,
                row.price or "—",
                *(_weighted(part, top) for part, top in zip(parts, tops, strict=True)),
                row.total or "—",
            ]
        )
    return {
        "kind": "table", "text": f"{lot.lot.zh}:{_comparison_name(gathered, lot)}", "rows": rows,
        "widths": ["auto", "2.4", "1.6", *("1.2" for _ in tops), "1.2"],
        "right": list(range(2, 4 + len(tops))),
    }  # fmt: skip


def _comparison_name(gathered: Gathered, lot: LotReport) -> str:
    """What the comparison is called: 12号令 33 (标价比较表), 38 (综合评估比较表)."""
    if gathered.state.regime == "GOV_PROC":
        return "评分比较一览表"
    return "标价比较表" if figure_name(lot) == "评标价" else "综合评估比较表"


def _weighted(part: PartPoints | None, top: Criterion) -> str:
    """A part as it enters the sum; without a weight that is its points, with the decimals of its rounding."""
    if part is None:
        return "—"
    return part.points if top.weight == "1" else part.weighted


def given(lot: LotReport, criterion: Criterion, bidder: str, aggregate: Aggregate) -> Given:
    """What the members gave a bidder for a criterion as a whole, with what the rule drops."""
    exact = {seat: member_total(criterion, sheet[bidder]) for seat, sheet in lot.inputs.sheets.items()}
    dropped = dropped_seats(exact, aggregate.trim)
    ordered = sorted(dropped, key=lambda seat: (exact[seat], seat))
    lows = aggregate.trim.low if aggregate.trim is not None and dropped else 0
    return Given(
        {seat: exact_text(value) for seat, value in exact.items()},
        tuple(ordered[lows:]),
        tuple(ordered[:lows]),
    )


def member_totals(gathered: Gathered, lot: LotReport) -> Iterator[Block]:
    """For every top criterion that members score: each member's total for each bidder, what came of it."""
    for top in lot.scheme.criteria:
        aggregate = top.aggregate or lot.scheme.aggregate
        if not _is_scored(top):
            continue
        if aggregate.of == "totals" and all_scored(top):
            yield _totals_table(gathered, lot, top, aggregate)
        else:
            yield _items_table(gathered, lot, top, aggregate)


def _totals_table(gathered: Gathered, lot: LotReport, top: Criterion, aggregate: Aggregate) -> Block:
    seats = sorted(lot.inputs.sheets)
    rows = [[term("bidder", gathered.state.regime).zh, *seats, "得分"]]
    for row in lot.evaluation.rows:
        found = given(lot, top, row.bidder, aggregate)
        part = part_of(row, top.id)
        if part is not None:
            assert set(part.dropped) in (set(), {*found.high, *found.low})
        told = part.points if part is not None else "—"
        rows.append([lot.bidder(row.bidder).shown, *(found.shown(seat) for seat in seats), told])
    return {
        "kind": "table", "text": f"{top.id} {top.zh}:各成员总分", "rows": rows,
        "widths": ["2.2", *("1" for _ in seats), "1"], "right": list(range(1, 2 + len(seats))),
    }  # fmt: skip


def _items_table(gathered: Gathered, lot: LotReport, top: Criterion, aggregate: Aggregate) -> Block:
    """Item by item: the members' mean as the tally tells it, each member's mark beside where they differ."""
    leaves = [node for node in scored_nodes(lot.scheme) if top in (node.criterion, *node.above)]
    rows = [[term("bidder", gathered.state.regime).zh, *(_leaf_name(node) for node in leaves), "得分"]]
    for row in lot.evaluation.rows:
        part = part_of(row, top.id)
        items = {one.criterion: one.points for one in part.items} if part is not None else {}
        cells = []
        for node in leaves:
            found = given(lot, node.criterion, row.bidder, node.criterion.aggregate or aggregate)
            same = len(set(found.by_seat.values())) == 1
            value = items.get(node.criterion.id) or (next(iter(found.by_seat.values())) if same else "—")
            cells.append(value if same else f"{value}({'、'.join(map(found.shown, sorted(found.by_seat)))})")
        rows.append([lot.bidder(row.bidder).shown, *cells, part.points if part is not None else "—"])
    return {
        "kind": "table", "text": f"{top.id} {top.zh}:各分项得分", "rows": rows,
        "widths": ["2.2", *("1.4" for _ in leaves), "1"], "right": list(range(1, 2 + len(leaves))),
    }  # fmt: skip


def policies(gathered: Gathered, lot: LotReport) -> Iterator[Block]:
    """What small businesses' prices count as (小微企业价格扣除), and prices so low that they want a word."""
    bidder = term("bidder", gathered.state.regime).zh
    rows = [row for row in lot.evaluation.rows if isinstance(row.evaluated_price, str)]
    if rows:
        yield {
            "kind": "table", "text": f"{lot.lot.zh}评审价格(小微企业价格扣除)",
            "rows": [
                [bidder, f"报价({unit(lot)})", f"评审价格({unit(lot)})"],
                *([lot.bidder(one.bidder).shown, one.price or "—", one.evaluated_price or "—"] for one in rows),
            ],
            "widths": ["2", "1", "1"], "right": [1, 2],
        }  # fmt: skip
    for low in lot.evaluation.low_prices or ():
        yield {
            "kind": "item",
            "text": f"{lot.bidder(low.bidder).shown}的报价低于{LOW_THAN[low.than]}的规定比例(即 {low.limit} {unit(lot)}),"
            "须由其书面说明;本表只作提示,不作判断。",
        }


def deviations(gathered: Gathered, lot: LotReport) -> Iterator[Block]:
    """Members further from the others than the plan allows without a word (畸高畸低)."""
    rule = lot.scheme.deviation
    if rule is None:
        return
    over = [one for one in lot.evaluation.deviations if one.over]
    whose = "其他成员" if rule.against == "others" else "全体成员"
    if not over:
        yield {
            "kind": "paragraph",
            "text": f"各成员评分与{whose}平均值的偏差均未超过 {rule.threshold_percent}%。",
        }
        return
    names = {node.criterion.id: node.criterion.zh for node in nodes(lot.scheme)}
    names[""] = "总分"
    yield {
        "kind": "table", "text": f"与{whose}平均值偏差超过 {rule.threshold_percent}% 的评分",
        "rows": [
            ["成员", term("bidder", gathered.state.regime).zh, "评分项", "该成员评分", "平均值", "偏差"],
            *(
                [
                    one.seat, lot.bidder(one.bidder).shown, f"{one.criterion} {names[one.criterion]}".lstrip(), one.points,
                    one.mean, f"{one.percent}%" if one.percent else "—",
                ]
                for one in over
            ),
        ],
        "widths": ["auto", "2", "2", "1.2", "1.2", "1.2"], "right": [3, 4, 5],
    }  # fmt: skip
    if not lot.stages:
        yield {
            "kind": "paragraph",
            "text": "评分未作任何修改。成员对上述偏差的书面说明,本版本的记录尚未载入。",
        }


def raw_sheets(gathered: Gathered, lot: LotReport) -> Iterator[Block]:
    """Each member's sheet as it was sealed and opened: item × bidder, with totals (评分原表)."""
    names = {one.seat: one.name for one in gathered.members}
    leaves = scored_nodes(lot.scheme)
    for seat in sorted(lot.inputs.sheets):
        sheet = lot.inputs.sheets[seat]
        told = f"{seat} {names.get(seat, '')}".strip()
        for start in range(0, len(lot.track.valid), BIDDERS_PER_TABLE_MAX):
            bidders = [
                one for one in lot.bidders if one.id in lot.track.valid[start : start + BIDDERS_PER_TABLE_MAX]
            ]
            yield {
                "kind": "table", "text": f"{told} 评分表",
                "rows": [
                    ["评分项", "满分", *(one.shown for one in bidders)],
                    *(_sheet_row(node, sheet, bidders) for node in leaves),
                ],
                "total": ["合计", *(exact_text(_sum(leaves, sheet[one.id])) for one in bidders)],
                "widths": ["2.6", "auto", *("1.4" for _ in bidders)], "right": list(range(1, 2 + len(bidders))),
            }  # fmt: skip


def lined_up(block: Block) -> Block:
    """A table whose figures stand under one another: in each column of figures as many decimals.

    No figure changes: only noughts are added at its end, and a minus is set as one.
    """
    if block["kind"] != "table":
        return block
    head, *rows = block["rows"]
    total = block.get("total", [])
    rows = [list(row) for row in rows]
    total = list(total)
    shift = len(head) - len(total)
    for column in block.get("right", ()):
        cells = [row[column] for row in rows] + ([total[column - shift]] if total else [])
        places = max((len(found[3] or "") for found in map(_FIGURE.fullmatch, cells) if found), default=0)
        for row in rows:
            row[column] = _padded(row[column], places)
        if total:
            total[column - shift] = _padded(total[column - shift], places)
    return {**block, "rows": [head, *rows], **({"total": total} if total else {})}


_FIGURE: Final = re.compile(r"([△▽]?-?)([0-9]+)(?:\.([0-9]+))?(%?)")


def _padded(cell: str, places: int) -> str:
    found = _FIGURE.fullmatch(cell)
    if found is None:
        return cell
    mark, whole, decimals, percent = found.groups()
    end = f".{(decimals or '').ljust(places, '0')}" if places else ""
    return f"{mark.replace('-', '−')}{whole}{end}{percent}"


def unit(lot: LotReport) -> str:
    """The unit of a lot's prices."""
    return lot.lot.unit or lot.lot.currency


def _sheet_row(node: Node, sheet: Mapping[str, Mapping[str, int]], bidders: list[Bidder]) -> list[str]:
    criterion = node.criterion
    cells = [points_text(sheet[one.id][criterion.id]) for one in bidders]
    return [_leaf_name(node), points_text(criterion.max_centi), *cells]


def _sum(leaves: tuple[Node, ...], scores: Mapping[str, int]) -> Fraction:
    """A sheet's plain sum, without weights: what is seen in the column above it."""
    return Fraction(sum(scores[node.criterion.id] for node in leaves), 100)


def _leaf_name(node: Node) -> str:
    return f"{node.criterion.id} {node.criterion.zh}"


def _is_scored(criterion: Criterion) -> bool:
    if criterion.children:
        return any(_is_scored(child) for child in criterion.children)
    return criterion.kind in SCORED_KINDS
