"""The lawful turns in a report of rules version 3 (复核、说明、中断、异议、不同意见), as the record has them.

Owns tables and sentences; what people wrote is quoted. Source: 12号令 42, 43; 87号令 58, 61, 64; 条例 44, 48, 53;
SPEC 17.
"""

from collections.abc import Iterator
from typing import Any

from main_venue.report import turn_words as words
from main_venue.report.gathered import Gathered, LotReport, StageReport, clock
from main_venue.report.turns_facts import SuspensionFacts
from protocol.plan.conduct import GROUND_TERMS
from protocol.plan.stages import nodes
from protocol.session.phases import RULES
from protocol.words import PHASE_TERMS, term

Block = dict[str, Any]
WITHHELD = "未披露"
SIGNATURE_CHARS_SHOWN = 16


def suspended(gathered: Gathered) -> Iterator[Block]:
    """Suspensions, more time, lots that came to nothing: what the course of the evaluation was."""
    assert gathered.turns is not None
    said = False
    for one in gathered.turns.suspensions:
        said = True
        yield from _suspension(one)
    for lot in gathered.lots:
        for stage in lot.stages:
            for more in stage.turns.more_time:
                said = True
                asked = "、".join(more.asked)
                yield {
                    "kind": "item",
                    "text": f"{_where(lot, stage)}中,{asked} 认为评标时间不够,超过成员总数三分之一,于 {clock(more.at_ms)} "
                    f"延长 {words.span(more.added_ms)}。",
                }
    for failed in gathered.failed:
        said = True
        why = failed.statement or WITHHELD
        yield {
            "kind": "item",
            "text": f"{failed.zh}未产生结果({words.told(words.FAILED, failed.reason)}):{why}",
        }
    if not said:
        yield {"kind": "paragraph", "text": "评标过程没有中断、延长时间或者终止的情形。"}


def opened_with(gathered: Gathered, lot: LotReport, stage: StageReport) -> Iterator[Block]:
    """What else the opening saw: rates drawn by all, objections and their answers."""
    rates = {rate.id: rate.zh for rate in lot.scheme.rates}
    for one in stage.turns.rates:
        parties = "、".join(one.parties) or "—"
        value = f"结果为 {one.value}%,于 {clock(one.at_ms)} 入录" if one.value else "尚无结果"
        yield {
            "kind": "paragraph",
            "text": f"{rates.get(one.rate, one.rate)}由 {parties} 各自提交承诺后揭示随机数抽取,"
            f"备选值 {'、'.join(f'{value}%' for value in one.candidates)},第 {one.attempt} 次,{value};可由本会话的记录重新计算。",
        }  # fmt: skip
        for withheld, statement in one.restarts:
            yield {
                "kind": "item",
                "text": f"前一次抽取因 {'、'.join(withheld) or '—'} 未揭示而重新进行:{statement or WITHHELD}",
            }
    word = term("objection", gathered.state.regime).zh
    if not stage.turns.objections:
        yield {"kind": "paragraph", "text": f"{_where(lot, stage)}:开标现场没有提出{word}。"}
        return
    yield {
        "kind": "table", "text": f"{_where(lot, stage)}开标{word}与当场答复",
        "rows": [
            ["序号", term("bidder", gathered.state.regime).zh, word, "答复", "答复时间"],
            *(
                [
                    str(found.number), stage.shown(found.bidder), found.objection or WITHHELD,
                    found.answer or "尚未答复", clock(found.answered_ms),
                ]
                for found in stage.turns.objections
            ),
        ],
        "widths": ["auto", "1.6", "2.4", "2.4", "1.6"],
    }  # fmt: skip


def rechecked(gathered: Gathered, lot: LotReport) -> Iterator[Block]:
    """Rechecks with each corrected item, what was found abnormal, and what members explained."""
    names = {node.criterion.id: node.criterion.zh for node in nodes(lot.scheme)} | {"": "各项合计"}
    for stage in lot.stages:
        turns = stage.turns
        where = _where(lot, stage)
        if not turns.rechecks:
            yield {"kind": "paragraph", "text": f"{where}:汇总后没有进行复核,评分未作更正。"}
        else:
            for begun in turns.rechecks:
                yield {
                    "kind": "item",
                    "text": f"{where}第 {begun.number} 次复核由 {begun.seat} 于 {clock(begun.at_ms)} 提起,"
                    f"事由:{_ground(begun.ground)}。",
                }
            aside = f"作废汇总 {turns.tallies_set_aside} 份,已重新汇总。" if turns.tallies_set_aside else ""
            count = len(turns.corrected)
            yield {
                "kind": "paragraph",
                "text": f"复核共更正评分 {count} 项,均由评分成员本人更正。{aside}"
                if count
                else f"复核未更正任何评分。{aside}",
            }
        if turns.corrected:
            yield {
                "kind": "table", "text": f"{where}复核更正的评分",
                "rows": [
                    ["成员", term("bidder", gathered.state.regime).zh, "评分项", "原为", "更正为", "事由", "时间"],
                    *(
                        [
                            one.seat, stage.shown(one.bidder), f"{one.criterion} {names.get(one.criterion, '')}".strip(),
                            one.before or WITHHELD, one.after or WITHHELD, _ground(one.ground), clock(one.at_ms),
                        ]
                        for one in turns.corrected
                    ),
                ],
                "widths": ["auto", "1.6", "1.8", "auto", "auto", "1.8", "1.6"], "right": [3, 4],
            }  # fmt: skip
        for found in turns.abnormal:
            if found.found:
                yield {
                    "kind": "item",
                    "text": f"评标委员会认定 {found.seat} 对 {stage.shown(found.bidder)} 的“{names.get(found.criterion, found.criterion)}”"
                    f"评分畸高或者畸低({'、'.join(found.by)})。",
                }
        yield from _explained(gathered, stage, where, names)


def signed(gathered: Gathered) -> Iterator[Block]:
    """How every member answered to the report: signed, dissented, or deemed to agree; with reasons."""
    turns = gathered.turns
    assert turns is not None
    deemed = {one.seat: one for one in turns.deemed}
    dissents = {one.seat: one for one in turns.dissents}
    # A report that bears signatures itself is typeset before them: what it says must stay true behind them.
    bears = "PrepareReport" in RULES[gathered.state.rules_version].acts
    pending = "见所附签名" if bears else "尚未签署"
    rows = [["席位", "姓名", "签署", "时间", "记录序号", f"电子签名(前 {SIGNATURE_CHARS_SHOWN} 位)"]]
    for one in gathered.members:
        state = ["已签署"] if one.signature is not None else []
        state += ["不同意见"] if one.seat in dissents else []
        state += ["视为同意"] if one.seat in deemed and one.signature is None else []
        answered = (
            one.signature.at_ms
            if one.signature is not None
            else dissents[one.seat].at_ms
            if one.seat in dissents
            else deemed[one.seat].at_ms
            if one.seat in deemed
            else 0
        )
        seal = one.signature.sig.removeprefix("ed25519:")[:SIGNATURE_CHARS_SHOWN] if one.signature else "—"
        rows.append(
            [
                one.seat, one.name or WITHHELD, "、".join(state) or pending, clock(answered),
                str(one.signature.seq) if one.signature else "—", seal,
            ]
        )  # fmt: skip
    yield {
        "kind": "table", "text": "签署情况", "rows": rows,
        "widths": ["auto", "1.2", "1.3", "2.2", "auto", "2.2"], "right": [4],
    }  # fmt: skip
    if gathered.report_digest:
        yield {"kind": "digest", "text": "所签署的报告数据摘要", "value": gathered.report_digest}
    yield {"kind": "paragraph", "text": "签名可由本会话的记录逐条核验。"}
    if bears:
        yield {
            "kind": "paragraph",
            "text": "上表为本报告排版时会话记录中的签署情况。各席位以数字证书对本报告的签名载于本文件的签名域,"
            "或者以随附签名文件(国密)的形式与本文件一并保存;由谁、于何时签署,以这些签名为准;"
            "以不同意见代替签字、视为同意的成员,见会话记录与见证人员的签名。",
        }
    for dissent in turns.dissents:
        yield {"kind": "section", "text": f"{dissent.seat} 的{term('dissent').zh}"}
        yield {"kind": "paragraph", "text": dissent.dissent or WITHHELD}
    for agreed in turns.deemed:
        how = "拒绝签字且未书面说明理由" if agreed.refused else "在规定时限内既未签字也未书面说明理由"
        yield {
            "kind": "paragraph",
            "text": f"{agreed.seat} {how},于 {clock(agreed.at_ms)} 视为同意评标结论。"
            f"评标委员会的记录:{agreed.statement or WITHHELD}",
        }
    if not turns.dissents and not turns.deemed:
        yield {"kind": "paragraph", "text": "没有不同意见、拒绝签字或者视为同意的情形。"}


def _suspension(one: SuspensionFacts) -> Iterator[Block]:
    end = (
        f"于 {clock(one.resumed_ms)} 恢复,历时 {words.span(one.suspended_ms)};恢复前逐一复核席位 {'、'.join(one.reconfirmed) or '—'}"
        if one.resumed
        else f"历时 {words.span(one.suspended_ms)} 后未恢复"
    )
    yield {
        "kind": "item",
        "text": f"在“{PHASE_TERMS[one.phase].zh}”阶段,{one.seat} 于 {clock(one.at_ms)}(发起方时钟 {clock(one.author_ms)})"
        f"中断评标,理由:{words.told(words.SUSPENDED, one.reason)}。{one.statement or WITHHELD} "
        f"时限 {words.span(one.limit_ms)};{end}。中断时已封存至记录第 {one.size} 条。",
    }


def _explained(
    gathered: Gathered, stage: StageReport, where: str, names: dict[str, str]
) -> Iterator[Block]:  # fmt: skip
    if not stage.turns.explained:
        return
    yield {
        "kind": "table", "text": f"{where}成员对评分偏差的书面说明",
        "rows": [
            ["成员", term("bidder", gathered.state.regime).zh, "评分项", "书面说明"],
            *(
                [
                    one.seat, stage.shown(one.bidder), f"{one.criterion} {names.get(one.criterion, '')}".strip(),
                    one.explanation or WITHHELD,
                ]
                for one in stage.turns.explained
            ),
        ],
        "widths": ["auto", "1.8", "1.8", "4"],
    }  # fmt: skip


def _ground(code: str) -> str:
    found = GROUND_TERMS.get(code)
    return found.zh if found is not None else code


def _where(lot: LotReport, stage: StageReport) -> str:
    return lot.lot.zh if len(lot.stages) == 1 else f"{lot.lot.zh}{stage.zh}"
