"""The report's sections in the order of the order (评标报告的内容): ten under 12号令 42, six under 87号令 58.

Owns which content goes where and what is said where a record of today holds nothing. Every number is the
record's; words follow the regime. Must not know how a page or a sheet is drawn.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from msgspec import Struct

from main_venue.report import (
    committee_told,
    opening_told,
    price_working,
    review_told,
    rules_told,
    scores,
    turns_told,
)
from main_venue.report.gathered import Gathered, LotReport, clock
from protocol.words import Regime, Term, term

Block = dict[str, Any]
SIGNATURE_CHARS_SHOWN: Final = 16
CATEGORIES: Final = {"works": "工程", "goods": "货物", "services": "服务"}


class Section(Struct, frozen=True):
    """One section: its number as the order counts, its title, its blocks."""

    number: str
    title: str
    blocks: tuple[Block, ...]


def sections(gathered: Gathered) -> tuple[Section, ...]:
    """The sections that the regime's order asks for, then the annexes."""
    wanted = _TABLES[gathered.turns is not None][gathered.state.regime]
    numbers = "一二三四五六七八九十"
    found = [
        Section(numbers[at], title, _lined_up(block for part in parts for block in part(gathered)))
        for at, (title, parts) in enumerate(wanted)
    ]
    signed = _signatures if gathered.turns is None else turns_told.signed
    found.append(Section("附件一", "评标委员会成员签署情况", _lined_up(signed(gathered))))
    found.append(Section("附件二", "评标委员会成员评分原表", _lined_up(_raw(gathered))))
    return tuple(found)


def _lined_up(blocks: Iterable[Block]) -> tuple[Block, ...]:
    return tuple(scores.lined_up(block) for block in blocks)


def _word(gathered: Gathered, identifier: str) -> str:
    found: Term = term(identifier, gathered.state.regime)
    return found.zh


def _facts(gathered: Gathered) -> Iterator[Block]:
    plan, state = gathered.plan, gathered.state
    rows = [
        ["项目名称", plan.title],
        ["项目编号", plan.tender],
        ["类别", CATEGORIES[plan.category]],
        ["适用规定", _LAW[state.regime]],
        ["评标方法", "、".join(dict.fromkeys(rules_told.method(lot, state.regime) for lot in gathered.lots))],
        ["评标方式", _venues(gathered)],
        ["评标委员会", f"{len(gathered.members)} 人"],
        ["会话", f"{state.session}(规则版本 {state.rules_version})"],
        ["记录起止", f"{clock(gathered.began_ms)} 至 {clock(gathered.ended_ms)}"],
        ["记录条数", str(gathered.size)],
    ]
    if state.demonstration:
        rows.append(["性质", "演示会话,不作为评标依据"])
    yield {"kind": "facts", "text": "", "rows": rows}
    named = term("price_ceiling", state.regime).zh
    yield {
        "kind": "table", "text": "基本情况数据表",
        "rows": [
            ["标段" if state.regime == "TENDER" else "采购包", f"{_word(gathered, 'bidder')}数", "通过初步评审",
             _short_rejected(gathered), named, "开标结果入录时间"],
            *(
                [
                    one.lot.zh, str(len(one.bidders)), str(len(one.track.valid)),
                    str(len(one.track.rejected)),
                    f"{one.lot.price_ceiling} {scores.unit(one)}" if one.lot.price_ceiling else "未设",
                    clock(one.opened_ms),
                ]
                for one in gathered.lots
            ),
        ],
        "widths": ["1.1", "auto", "auto", "auto", "1.3", "2.6"], "right": [1, 2, 3],
    }  # fmt: skip


_LAW: Final = {
    "TENDER": "中华人民共和国招标投标法及其实施条例、评标委员会和评标方法暂行规定",
    "GOV_PROC": "中华人民共和国政府采购法及其实施条例、政府采购货物和服务招标投标管理办法(财政部令第87号)",
}


def _short_rejected(gathered: Gathered) -> str:
    return _word(gathered, "bid_rejection")


def _venues(gathered: Gathered) -> str:
    subs = gathered.sub_venues
    told = f"主场{gathered.main_venue}"
    return f"跨省远程异地评标,{told},副场{'、'.join(subs)}" if subs else f"集中评标,{told}"


def _committee(gathered: Gathered) -> Iterator[Block]:
    kinds = {"tenderee_rep": f"{_word(gathered, 'tenderee')}代表", "expert": term("expert").zh, "none": "—"}
    yield {
        "kind": "table", "text": "评标委员会成员名单",
        "rows": [
            ["席位", "姓名", "身份", "会场", "签到与承诺", "签署"],
            *(
                [
                    one.seat, one.name or "未披露", kinds[one.kind], f"{one.province} {one.venue}",
                    clock(one.checked_in_ms), "已签署" if one.signature is not None else "未签署",
                ]
                for one in gathered.members
            ),
        ],
        "widths": ["auto", "1.2", "1.3", "1.6", "2.1", "auto"],
    }  # fmt: skip
    yield {
        "kind": "paragraph",
        "text": "成员签到时签署承诺书并声明不存在应当回避的情形。成员的专业、组长的推选与成员更换,本版本的记录尚未载入。",
    }


def _opening(gathered: Gathered) -> Iterator[Block]:
    for lot in gathered.lots:
        yield from opening_told.record_of(gathered, lot)
    yield from opening_told.codes_alone(gathered)


def _conforming(gathered: Gathered) -> Iterator[Block]:
    for lot in gathered.lots:
        valid = [one for one in lot.bidders if one.valid]
        yield {
            "kind": "table", "text": f"{lot.lot.zh}符合要求的投标一览表",
            "rows": [
                ["序号", _word(gathered, "bidder"), f"报价({scores.unit(lot)})", "初步评审"],
                *([str(at), one.shown, one.price or "—", "通过"] for at, one in enumerate(valid, 1)),
            ],
            "widths": ["auto", "3", "1.6", "1.2"], "right": [2],
        }  # fmt: skip


def _rejected(gathered: Gathered) -> Iterator[Block]:
    word = _word(gathered, "bid_rejection")
    for lot in gathered.lots:
        out = [one for one in lot.bidders if not one.valid]
        if not out:
            yield {"kind": "paragraph", "text": f"{lot.lot.zh}:无{word}的情形。"}
            continue
        yield {
            "kind": "table", "text": f"{lot.lot.zh}{word}一览表",
            "rows": [
                ["序号", _word(gathered, "bidder"), "依据(代码)"],
                *([str(at), one.shown, one.ground or "—"] for at, one in enumerate(out, 1)),
            ],
            "widths": ["auto", "3", "2"],
        }  # fmt: skip
        yield {
            "kind": "paragraph",
            "text": f"初步评审结论由外部导入,记录只载明结论与依据代码;{word}的事实、表决与说明,本版本的记录尚未载入。",
        }


def _rules(gathered: Gathered) -> Iterator[Block]:
    for lot in gathered.lots:
        yield rules_told.criteria(lot)
        yield from rules_told.sentences(lot)


def _comparison(gathered: Gathered) -> Iterator[Block]:
    for lot in gathered.lots:
        yield scores.summary(gathered, lot)
        totals = list(scores.member_totals(gathered, lot))
        if totals:
            yield {"kind": "section", "text": f"{lot.lot.zh}成员评分汇总"}
            if _is_trimmed(lot):
                yield {
                    "kind": "paragraph",
                    "text": f"下列各表中,{scores.DROPPED_HIGH} 为去掉的最高分,{scores.DROPPED_LOW} 为去掉的最低分,"
                    "其余成员取平均。",
                }
            yield from totals
            yield from scores.deviations(gathered, lot)
            if lot.stages:
                yield from turns_told.rechecked(gathered, lot)
        yield from scores.policies(gathered, lot)
        worked = list(price_working.steps(gathered, lot))
        if worked:
            yield {"kind": "section", "text": f"{lot.lot.zh}报价得分计算过程"}
            yield from worked


def _is_trimmed(lot: LotReport) -> bool:
    """Whether the rule drops anybody's figure, of a whole criterion or of single items."""
    aggregates = [top.aggregate or lot.scheme.aggregate for top in lot.scheme.criteria]
    return any(one.trim is not None and len(lot.inputs.sheets) >= one.trim.members_min for one in aggregates)


def _ranking(gathered: Gathered) -> Iterator[Block]:
    for lot in gathered.lots:
        yield {
            "kind": "table", "text": f"{lot.lot.zh}排序",
            "rows": [
                ["名次", _word(gathered, "bidder"), f"报价({scores.unit(lot)})", scores.figure_name(lot), "备注"],
                *(
                    [
                        str(row.rank) if row.rank else "—", lot.bidder(row.bidder).shown, row.price or "—",
                        row.total or "—", "并列" if row.tied else scores.STATUS[row.status],
                    ]
                    for row in lot.evaluation.rows
                ),
            ],
            "widths": ["auto", "3", "1.6", "1.4", "1.6"], "right": [2, 3],
        }  # fmt: skip


def _candidates(gathered: Gathered) -> Iterator[Block]:
    places = "一二三四五六七八九十"
    for lot in gathered.lots:
        chosen = [row for row in lot.ranked() if row.candidate]
        yield {
            "kind": "table", "text": f"{lot.lot.zh}{_word(gathered, 'candidate')}",
            "rows": [
                ["顺序", _word(gathered, "bidder"), f"报价({scores.unit(lot)})", scores.figure_name(lot)],
                *(
                    [
                        f"第{places[row.rank - 1]}{_word(gathered, 'candidate')}" if row.rank <= len(places)
                        else str(row.rank),
                        lot.bidder(row.bidder).shown, row.price or "—", row.total,
                    ]
                    for row in chosen
                ),
            ],
            "widths": ["1.6", "3", "1.6", "1.4"], "right": [2, 3],
        }  # fmt: skip


def _nothing_to_settle(_gathered: Gathered) -> Iterator[Block]:
    """The record has no act for it: who has something to settle writes it into the report's covering letter."""
    yield {"kind": "paragraph", "text": "签订合同前要处理的事宜:记录中没有。"}


def _before_contract(_gathered: Gathered) -> Iterator[Block]:
    yield {
        "kind": "paragraph",
        "text": "签订合同前要处理的事宜,本版本的记录尚未载入,由评标委员会在签署前补充。",
    }


def _clarified(_gathered: Gathered) -> Iterator[Block]:
    yield {"kind": "paragraph", "text": "澄清、说明、补正的往来,本版本的记录尚未载入;记录中没有此类条目。"}


def _announced(gathered: Gathered) -> Iterator[Block]:
    yield {"kind": "paragraph", "text": "招标公告刊登的媒体名称,本版本的记录尚未载入。"}
    for lot in gathered.lots:
        yield {
            "kind": "paragraph",
            "text": f"{lot.lot.zh}:开标结果于 {clock(lot.opened_ms)} 入录;地点:{gathered.main_venue}。",
        }


def _suppliers(gathered: Gathered) -> Iterator[Block]:
    for lot in gathered.lots:
        yield {
            "kind": "table", "text": f"{lot.lot.zh}{_word(gathered, 'bidder')}名单",
            "rows": [
                ["序号", _word(gathered, "bidder")],
                *([str(at), one.shown] for at, one in enumerate(lot.bidders, 1)),
            ],
            "widths": ["auto", "6"],
        }  # fmt: skip


def _changes(_gathered: Gathered) -> Iterator[Block]:
    yield {
        "kind": "paragraph",
        "text": "评标委员会成员的更换、不同意见及其理由,本版本的记录尚未载入;记录中没有此类条目。",
    }


def _signatures(gathered: Gathered) -> Iterator[Block]:
    signed = [one for one in gathered.members if one.signature is not None]
    yield {
        "kind": "table", "text": "签署情况",
        "rows": [
            ["席位", "姓名", "签署时间", "记录序号", f"电子签名(前 {SIGNATURE_CHARS_SHOWN} 位)"],
            *(
                [one.seat, one.name or "未披露", clock(one.signature.at_ms), str(one.signature.seq),
                 one.signature.sig.removeprefix("ed25519:")[:SIGNATURE_CHARS_SHOWN]]
                if one.signature is not None
                else [one.seat, one.name or "未披露", "尚未签署", "—", "—"]
                for one in gathered.members
            ),
        ],
        "widths": ["auto", "1.1", "2.6", "auto", "2.4"], "right": [3],
    }  # fmt: skip
    whose = f"全体 {len(signed)} 名" if len(signed) == len(gathered.members) else f"{len(signed)} 名"
    yield {"kind": "paragraph", "text": f"{whose}成员已签署。签名可由本会话的记录逐条核验。"}
    if gathered.report_digest:
        yield {"kind": "digest", "text": "所签署的报告数据摘要", "value": gathered.report_digest}
    yield {
        "kind": "paragraph",
        "text": "不同意见、拒绝签署及视为同意的情形,本版本的记录尚未载入;记录中没有此类条目。",
    }


def _raw(gathered: Gathered) -> Iterator[Block]:
    for lot in gathered.lots:
        tables = list(scores.raw_sheets(gathered, lot))
        if len(gathered.lots) > 1:
            yield {"kind": "section", "text": lot.lot.zh}
        yield from tables
        if not tables:
            yield {"kind": "paragraph", "text": f"{lot.lot.zh}:没有由成员评分的项目。"}


_Part = Callable[[Gathered], Iterator[Block]]

_TENDER: Final[tuple[tuple[str, tuple[_Part, ...]], ...]] = (
    ("基本情况和数据表", (_facts,)),
    ("评标委员会成员名单", (_committee,)),
    ("开标记录", (_opening,)),
    ("符合要求的投标一览表", (_conforming,)),
    ("否决投标的情况说明", (_rejected,)),
    ("评标标准、评标方法或者评标因素一览表", (_rules,)),
    ("经评审的价格或者评分比较一览表", (_comparison,)),
    ("经评审的投标人排序", (_ranking,)),
    ("推荐的中标候选人名单与签订合同前要处理的事宜", (_candidates, _before_contract)),
    ("澄清、说明、补正事项纪要", (_clarified,)),
)
"""12号令 42, in its order."""

_GOV_PROC: Final[tuple[tuple[str, tuple[_Part, ...]], ...]] = (
    ("招标公告刊登的媒体名称、开标日期和地点", (_announced, _facts)),
    ("供应商名单和评标委员会成员名单", (_suppliers, _committee)),
    ("评标方法和标准", (_rules,)),
    (
        "开标记录和评标情况及说明,包括投标无效供应商名单及原因",
        (_opening, _conforming, _rejected, _comparison),
    ),
    ("评标结果,确定的中标候选人名单", (_ranking, _candidates)),
    ("其他需要说明的情况", (_clarified, _changes)),
)
"""87号令 58, in its order, in the words of government procurement."""

_TENDER_3: Final[tuple[tuple[str, tuple[_Part, ...]], ...]] = (
    ("基本情况和数据表", (_facts, turns_told.suspended)),
    ("评标委员会成员名单", (committee_told.committee,)),
    ("开标记录", (opening_told.in_stages,)),
    ("符合要求的投标一览表", (review_told.conforming,)),
    ("否决投标的情况说明", (review_told.rejected,)),
    ("评标标准、评标方法或者评标因素一览表", (_rules,)),
    ("经评审的价格或者评分比较一览表", (_comparison,)),
    ("经评审的投标人排序", (_ranking,)),
    ("推荐的中标候选人名单与签订合同前要处理的事宜", (_candidates, _nothing_to_settle)),
    ("澄清、说明、补正事项纪要", (review_told.clarified,)),
)

_GOV_PROC_3: Final[tuple[tuple[str, tuple[_Part, ...]], ...]] = (
    ("招标公告刊登的媒体名称、开标日期和地点", (opening_told.published, _facts)),
    ("供应商名单和评标委员会成员名单", (_suppliers, committee_told.committee)),
    ("评标方法和标准", (_rules,)),
    (
        "开标记录和评标情况及说明,包括投标无效供应商名单及原因",
        (opening_told.in_stages, review_told.conforming, review_told.rejected, _comparison),
    ),
    ("评标结果,确定的中标候选人名单", (_ranking, _candidates)),
    ("其他需要说明的情况", (review_told.clarified, turns_told.suspended)),
)

_TABLES: Final[dict[bool, dict[Regime, tuple[tuple[str, tuple[_Part, ...]], ...]]]] = {
    False: {"TENDER": _TENDER, "GOV_PROC": _GOV_PROC},
    True: {"TENDER": _TENDER_3, "GOV_PROC": _GOV_PROC_3},
}
"""Whether the record is of rules version 3 → regime → sections."""
