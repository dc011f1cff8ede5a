"""The review in a report of rules version 3 (初步评审、否决、澄清): item by item, vote by vote, as it was written.

Owns tables and sentences; what people wrote is quoted and not worded anew. Source: 12号令 42 (四)(五)(十);
87号令 58; SPEC 16.
"""

from collections.abc import Iterator
from typing import Any

from main_venue.report import turn_words as words
from main_venue.report.gathered import Gathered, LotReport, StageReport, clock
from main_venue.report.review_facts import AskedFacts, CorrectedFacts, VoteFacts
from main_venue.report.scores import unit
from protocol.plan.review import review_of
from protocol.words import term

Block = dict[str, Any]
WITHHELD = "未披露"


def conforming(gathered: Gathered) -> Iterator[Block]:
    """Which bids conform, and what was marked on every item."""
    for lot, stage in _stages(gathered):
        if not stage.review.items:
            continue
        names = _item_names(gathered)
        items = stage.review.items
        yield {
            "kind": "table", "text": f"{_where(lot, stage)}符合要求的投标一览表",
            "rows": [
                ["序号", _bidder(gathered), f"报价({unit(lot)})", *(names.get(one.item, one.item) for one in items), "结论"],
                *(
                    [
                        str(at), one.shown, one.price or "—",
                        *(_tallied(stage, one.id, item.item) for item in items),
                        _conclusion(gathered, stage, one.id),
                    ]
                    for at, one in enumerate(stage.bidders, 1)
                ),
            ],
            "widths": ["auto", "2.2", "1.4", *("1.3" for _ in items), "1.2"], "right": [2],
        }  # fmt: skip
        yield from _deviations(gathered, lot, stage)
        yield from _blind(gathered, lot, stage)


def rejected(gathered: Gathered) -> Iterator[Block]:
    """Every bid that is out: on which ground, by which vote, with reasons and dissent; and votes that kept one."""
    out = term("bid_rejection", gathered.state.regime).zh
    for lot, stage in _stages(gathered):
        facts = stage.review
        put_out = [one for one in facts.votes if one.result == "rejected" and one.bidder]
        if not put_out and not facts.desk_outs:
            yield {"kind": "paragraph", "text": f"{_where(lot, stage)}:无{out}的情形。"}
        else:
            yield {
                "kind": "table", "text": f"{_where(lot, stage)}{out}一览表",
                "rows": [
                    ["序号", _bidder(gathered), "依据", "表决(同意/反对/弃权)"],
                    *(
                        [str(at), stage.shown(bidder), f"{ground} {zh}", how]
                        for at, (bidder, ground, zh, how) in enumerate(_outs(stage), 1)
                    ),
                ],
                "widths": ["auto", "2", "3.4", "1.8"],
            }  # fmt: skip
        for desk in facts.desk_outs:
            why = ";".join(reason or WITHHELD for reason in desk.reasons) or "—"
            yield {"kind": "item", "text": f"{stage.shown(desk.bidder)}({desk.ground}):{why}"}
        for vote in facts.votes:
            yield from _vote(gathered, stage, vote)
        last = stage is lot.stages[-1]
        gone = [one for one in stage.track.valid if one not in stage.turns.passing] if not last else []
        if gone:
            named = "、".join(stage.shown(one) for one in gone)
            yield {
                "kind": "paragraph",
                "text": f"{_where(lot, stage)}:{named} 未进入下一信封的开启;其后的信封未予开启。",
            }


def clarified(gathered: Gathered) -> Iterator[Block]:
    """Every question to a bidder with its answer, and corrected prices with every step."""
    count = 0
    for lot, stage in _stages(gathered):
        for one in stage.review.clarifications:
            count += 1
            yield from _asked(lot, stage, one)
        for corrected in stage.review.corrections:
            count += 1
            yield from _corrected(gathered, lot, stage, corrected)
    if not count:
        yield {"kind": "paragraph", "text": "无。评标委员会没有要求澄清、说明或者补正。"}
    else:
        yield {
            "kind": "paragraph",
            "text": f"澄清均由评标委员会以书面提出,{_bidder(gathered)}只就所问作答;答复未改变投标文件的实质性内容的,方予采纳。",
        }


def _stages(gathered: Gathered) -> Iterator[tuple[LotReport, StageReport]]:
    for lot in gathered.lots:
        yield from ((lot, stage) for stage in lot.stages)


def _where(lot: LotReport, stage: StageReport) -> str:
    return lot.lot.zh if len(lot.stages) == 1 else f"{lot.lot.zh}{stage.zh}"


def _bidder(gathered: Gathered) -> str:
    return term("bidder", gathered.state.regime).zh


def _item_names(gathered: Gathered) -> dict[str, str]:
    plan = gathered.plan
    return {one.id: one.zh for one in review_of(plan.review, plan.regime).items}


def _tallied(stage: StageReport, bidder: str, item: str) -> str:
    """How the members marked an item: one word where they agree, else each with its count."""
    marks = list(stage.review.marks.get(bidder, {}).get(item, {}).values())
    if not marks:
        return "—"
    kinds = [kind for kind in words.MARKS if kind in marks]
    if len(kinds) == 1:
        return words.MARKS[kinds[0]]
    return "、".join(f"{words.MARKS[kind]} {marks.count(kind)}" for kind in kinds)


def _conclusion(gathered: Gathered, stage: StageReport, bidder: str) -> str:
    if bidder in stage.track.valid:
        return "符合"
    return term("bid_rejection", gathered.state.regime).zh


def _deviations(gathered: Gathered, lot: LotReport, stage: StageReport) -> Iterator[Block]:
    found = stage.review.deviations
    if not found:
        yield {"kind": "paragraph", "text": f"{_where(lot, stage)}:各项评审均未记录偏差。"}
        return
    names = _item_names(gathered)
    desk = f"{term('tenderee', gathered.state.regime).zh}方"
    yield {
        "kind": "table", "text": f"{_where(lot, stage)}偏差记录",
        "rows": [
            [_bidder(gathered), "评审项目", "评审人", "认定", "理由"],
            *(
                [
                    stage.shown(one.bidder), names.get(one.item, one.item), desk if one.seat == "desk" else one.seat,
                    words.told(words.MARKS, one.mark), one.reason or WITHHELD,
                ]
                for one in found
            ),
        ],
        "widths": ["1.8", "1.3", "auto", "1.2", "3"],
    }  # fmt: skip


def _blind(gathered: Gathered, lot: LotReport, stage: StageReport) -> Iterator[Block]:
    if not stage.review.blind:
        return
    failed = [one for one in stage.review.blind if one.result == "fail"]
    if not failed:
        count = len(stage.review.blind)
        yield {
            "kind": "paragraph",
            "text": f"{_where(lot, stage)}:暗标部分 {count} 份在评审前经检查,均未发现{_bidder(gathered)}身份信息。",
        }
    for one in failed:
        yield {
            "kind": "item",
            "text": f"{stage.shown(one.bidder)}的暗标部分经检查含有身份信息:{one.findings or WITHHELD}",
        }


def _outs(stage: StageReport) -> Iterator[tuple[str, str, str, str]]:
    for one in stage.review.desk_outs:
        yield one.bidder, one.ground, one.ground_zh, "资格审查认定"
    for vote in stage.review.votes:
        if vote.result == "rejected" and vote.bidder:
            yield vote.bidder, vote.ground, vote.ground_zh, f"{vote.yes}/{vote.no}/{vote.abstain}"


def _vote(gathered: Gathered, stage: StageReport, vote: VoteFacts) -> Iterator[Block]:
    about = stage.shown(vote.bidder) if vote.bidder else "全部投标"
    yield {"kind": "section", "text": f"表决:{about}({vote.ground} {vote.ground_zh})"}
    missing = f",未表决 {vote.missing} 人" if vote.missing else ""
    yield {
        "kind": "paragraph",
        "text": f"{vote.proposed_by} 于 {clock(vote.opened_ms)} 提议,理由:{vote.reason or WITHHELD}。"
        f"成员 {vote.members} 人,同意 {vote.yes} 人,反对 {vote.no} 人,弃权 {vote.abstain} 人{missing};"
        f"{_result(gathered, vote)}",
    }  # fmt: skip
    yield {
        "kind": "table", "text": "",
        "rows": [
            ["成员", "表决", "理由", "备注"],
            *(
                [
                    one.seat, words.told(words.CHOICES, one.choice), one.reason or "—",
                    "不同意见" if one.seat in vote.dissent else "",
                ]
                for one in vote.ballots
            ),
        ],
        "widths": ["auto", "auto", "4", "1.2"],
    }  # fmt: skip


def _result(gathered: Gathered, vote: VoteFacts) -> str:
    out = term("bid_rejection", gathered.state.regime).zh
    if not vote.result:
        return "表决尚未结束。"
    when = f"于 {clock(vote.closed_ms)} 结束"
    if vote.result == "rejected":
        verdict = f"同意者超过全体成员半数,{out}" if vote.bidder else "同意者超过全体成员半数,否决全部投标"
    else:
        verdict = (
            f"同意者未超过全体成员半数,不予{out}" if vote.bidder else "同意者未超过全体成员半数,继续评审"
        )
    return f"{when},{verdict}。"


def _asked(lot: LotReport, stage: StageReport, one: AskedFacts) -> Iterator[Block]:
    answer = {"answered": one.answer or WITHHELD, "refused": one.answer or "拒绝答复,未附说明"}
    yield {
        "kind": "facts", "text": "",
        "rows": [
            ["编号", f"{_where(lot, stage)}第 {one.number} 号"],
            ["对象", stage.shown(one.bidder)],
            ["事由", words.told(words.PURPOSES, one.purpose)],
            ["评标委员会的要求", one.question or WITHHELD],
            ["提出与期限", f"{clock(one.asked_ms)} 提出,{clock(one.due_ms)} 前答复"],
            ["答复", answer.get(one.result, one.answer or "没有答复")],
            ["答复时间", clock(one.answered_ms)],
            ["结果", words.told(words.CLOSED, one.result)],
        ],
    }  # fmt: skip


def _corrected(
    gathered: Gathered, lot: LotReport, stage: StageReport, one: CorrectedFacts
) -> Iterator[Block]:
    bidder = _bidder(gathered)
    verdict = f"{bidder}书面确认,以修正后的价格参加评审" if one.confirmed else f"未经{bidder}确认,价格不变"
    if not one.before:
        yield {
            "kind": "paragraph",
            "text": f"{_where(lot, stage)}第 {one.number} 号算术修正({stage.shown(one.bidder)}):内容未披露;{verdict}。",
        }
        return
    yield {
        "kind": "table",
        "text": f"{_where(lot, stage)}第 {one.number} 号算术修正:{stage.shown(one.bidder)}",
        "rows": [
            ["依据", "行", "原为", "应为", "计算"],
            *(
                [words.told(words.ARITHMETIC, step.step), step.line or "总价", step.before, step.after, step.working]
                for step in one.steps
            ),
        ],
        "widths": ["1.6", "auto", "1.2", "1.2", "3"], "right": [2, 3],
    }  # fmt: skip
    yield {
        "kind": "paragraph",
        "text": f"开标价 {one.before} {unit(lot)},修正后 {one.after} {unit(lot)};{verdict}。",
    }
