"""The opening record in a report (开标记录): one table for each opening, what was drawn, what was objected to.

Owns tables and sentences. Source: 12号令 42 (三); 87号令 58; 招标投标法 36; 条例 44.
"""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from main_venue.report import scores, turns_told
from main_venue.report.gathered import CEREMONY_ZH, Gathered, LotReport, clock
from protocol.words import term

Block = dict[str, Any]


def in_stages(gathered: Gathered) -> Iterator[Block]:
    """The opening record of each envelope, with what was drawn and objected to (rules version 3)."""
    for lot in gathered.lots:
        for stage in lot.stages:
            told = replace(
                lot, bidders=stage.bidders, opened_ms=stage.opened_ms, opening_source=stage.opening_source,
                drawn=(), lot=lot.lot if len(lot.stages) == 1 else replace(lot.lot, zh=f"{lot.lot.zh}{stage.zh}"),
            )  # fmt: skip
            yield from record_of(gathered, told)
            yield from turns_told.opened_with(gathered, lot, stage)
    yield from codes_alone(gathered)


def record_of(gathered: Gathered, lot: LotReport) -> Iterator[Block]:
    """One opening: who bid what, whence it came, which rates the agent entered as drawn."""
    extra = sorted({name for one in lot.bidders for name in one.quantities})
    yield {
        "kind": "table", "text": f"{lot.lot.zh}开标记录",
        "rows": [
            ["序号", term("bidder", gathered.state.regime).zh, f"报价({scores.unit(lot)})", *extra],
            *(
                [str(at), one.shown, one.price or "—", *(one.quantities.get(name, "—") for name in extra)]
                for at, one in enumerate(lot.bidders, 1)
            ),
        ],
        "widths": ["auto", "3", "1.6", *("1.2" for _ in extra)], "right": list(range(2, 3 + len(extra))),
    }  # fmt: skip
    yield {
        "kind": "paragraph",
        "text": f"开标结果来源:{lot.opening_source or '—'},于 {clock(lot.opened_ms)} 入录;"
        f"开标现场的其他情况见{'本会话的' if lot.opening_source == CEREMONY_ZH else '所导入的'}开标记录。",
    }
    rates = {rate.id: rate.zh for rate in lot.scheme.rates}
    for rate, value, at in lot.drawn:
        yield {
            "kind": "paragraph",
            "text": f"{rates[rate]}公开抽取结果为 {value}%,于 {clock(at)} 入录。",
        }


def codes_alone(gathered: Gathered) -> Iterator[Block]:
    """Says why bidders have no names, where the plan hides them."""
    if gathered.state.names_hidden:
        yield {
            "kind": "paragraph",
            "text": f"本项目规定评审中不显示{term('bidder', gathered.state.regime).zh}名称,本报告以代号表示。",
        }


def published(gathered: Gathered) -> Iterator[Block]:
    """Where a purchase was published stands in its document, not in the record of its evaluation."""
    yield {"kind": "paragraph", "text": "招标公告刊登的媒体名称:见采购文件,本会话的记录不载明。"}
    for lot in gathered.lots:
        for stage in lot.stages:
            yield {
                "kind": "paragraph",
                "text": f"{lot.lot.zh}{stage.zh if len(lot.stages) > 1 else ''}:开标结果于 {clock(stage.opened_ms)} 入录;"
                f"地点:{gathered.main_venue}。",
            }  # fmt: skip
