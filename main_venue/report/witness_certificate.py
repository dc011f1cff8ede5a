"""A witness's certificate (见证书): what one venue's witness saw and signed, as a paper that others recognise.

Owns what it says and in which order; every word of substance is the record's. It says what was noted and what
was not, and judges nothing. The list that goes with it (`protocol.handover`) proves it. Source: 发改法规〔2022〕355号 十
(见证行为、结果互认); SPEC 13.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from main_venue.report.gathered import clock
from main_venue.report.provinces import PROVINCES
from main_venue.typeset import document
from main_venue.typeset.document import GlyphMissing
from protocol import entry
from protocol.events_live import SegmentRecorded
from protocol.handover import Checked, Observation
from protocol.plan.observations import FINDING_TERMS, GROUP_TERMS, TABLES, Item
from protocol.plan.plan import Plan
from protocol.plan.recognition import AWAITED, REASONS, VERDICT_TERMS
from protocol.record import Record
from protocol.session.phases import RULES
from protocol.session.state import State
from protocol.words import term

TEMPLATE: Final = "main_venue/report/witness.typ"
_RECORDED: Final = (
    "“录像”一栏为本会场当时所录的分段及其中的位置;各分段文件的摘要已逐段写入会话记录,可凭文件核对。"
    "“—”表示当时本会场没有录像。"
)
_NO_BAR: Final = (
    "“待互认”表示截至出具时该会场尚未答复。评标与报告不等待互认;异地线路中断时可在会话归档前补办。"
)
WITHHELD: Final = "(备注未随附)"

Block = dict[str, Any]


class Certificate(Struct, frozen=True):
    """What a certificate is made of: the list that holds, and the session it belongs to."""

    checked: Checked
    state: State
    plan: Plan | None
    person: str
    recorded: tuple[SegmentRecorded, ...] = ()
    """What the witness's venue has recorded, in the order in which it was told."""


def certificate(record: Record, state: State, checked: Checked) -> Certificate:
    """Gather one; plan and the witness's name where the record discloses them."""
    seat = state.seats[checked.handover.seat]
    plan: Plan | None = record.disclosed.get_value(state.plan, Plan)
    venue = checked.handover.venue
    recorded = tuple(
        event
        for raw in record.entries
        for event in entry.decode(raw).events
        if isinstance(event, SegmentRecorded) and event.venue == venue
    )
    return Certificate(checked, state, plan, str(record.disclosed.get_value(seat.person) or ""), recorded)


def pdf(of: Certificate) -> bytes:
    """The certificate, typeset: PDF/A, the same bytes for the same record.

    Raises:
      GlyphMissing: a character that no font here shows.
    """
    found = of.checked.handover
    values = {
        "title": "远程异地评标见证书",
        "project": of.plan.title if of.plan is not None else f"会话 {found.session}",
        "notice": _notice(of),
        "record": of.checked.record.hex(),
        "head": f"{found.size}:{found.root.hex()}",
        "blocks": list(blocks(of)),
    }
    try:
        return document.pdf(TEMPLATE, values, at_ms=of.checked.signed_at)
    except GlyphMissing:
        return document.pdf(TEMPLATE, values, at_ms=of.checked.signed_at, system_fonts=True)


def blocks(of: Certificate) -> Iterator[Block]:
    """What the paper says, block by block."""
    yield {"kind": "facts", "text": "", "rows": _facts(of)}
    yield {"kind": "chapter", "text": "一、见证情况"}
    yield {"kind": "text", "text": _summary(of)}
    yield {
        "kind": "table", "text": "见证职责逐项情况",
        "rows": [["代码", "职责", "正常", "异常", "已处置", "依据"], *_duties(of)],
        "widths": ["1.5", "1.5", "auto", "auto", "auto", "1.7"], "right": [2, 3, 4],
    }  # fmt: skip
    yield {"kind": "chapter", "text": "二、见证记录"}
    yield from _observations(of)
    told = recognition(of)
    if told:
        yield {"kind": "chapter", "text": "三、见证互认"}
        yield {
            "kind": "table", "text": "", "rows": [["会场", "互认情况", "见证人员", "时间", "理由与备注"], *told],
            "widths": ["1.2", "auto", "1.2", "1.3", "1.8"], "right": [],
        }  # fmt: skip
        yield {"kind": "text", "text": _NO_BAR}
    yield {"kind": "chapter", "text": f"{'四' if told else '三'}、如何核验"}
    yield {"kind": "text", "text": _how(of)}
    yield {"kind": "digest", "text": "签署密钥", "value": of.checked.key}
    yield {"kind": "digest", "text": "见证记录摘要", "value": of.checked.record.hex()}
    yield {
        "kind": "digest",
        "text": f"会话记录树头({of.checked.handover.size} 条)",
        "value": of.checked.handover.root.hex(),
    }
    yield {
        "kind": "signed", "text": "",
        "rows": [["见证人员", of.person or of.checked.handover.seat], ["签署时间", clock(of.checked.signed_at)]],
    }  # fmt: skip


def recognition(of: Certificate) -> list[list[str]]:
    """What every other venue with a witness says of this record, as it stands; empty before version 4."""
    if "AcceptWitnessRecord" not in RULES[of.state.rules_version].acts:
        return []
    found = of.checked.handover
    last = {one.said.venue: one for one in of.checked.answers}
    here = {seat.venue for seat in of.state.seats.values() if seat.role == "witness" and not seat.reserve}
    rows = []
    for venue in sorted((here | set(last)) - {found.venue}):
        name = PROVINCES.get(of.state.venues[venue].province, venue)
        answer = last.get(venue)
        if answer is None:
            rows.append([f"{name}({venue})", AWAITED.zh, "—", "—", "—"])
            continue
        said = answer.said
        reason = REASONS[said.reason].zh if said.reason else ""
        shown = of.checked.remarks.get_value(said.remark) if said.remark else ""
        remark = WITHHELD if shown is None else str(shown)
        why = ";".join(one for one in (reason, remark) if one) or "—"
        told = f"{VERDICT_TERMS[said.verdict].zh}(第 {answer.seq} 条)"
        rows.append([f"{name}({venue})", told, f"席位 {said.by}", clock(answer.at), why])
    return rows


def _notice(of: Certificate) -> str:
    if of.plan is not None and of.plan.notice_zh:
        return of.plan.notice_zh
    return "演示会话" if of.state.demonstration else of.checked.handover.session


def _facts(of: Certificate) -> list[list[str]]:
    found, state = of.checked.handover, of.state
    here = state.venues[found.venue]
    here_is = "主场" if here.role == "main" else "副场"
    rows = [
        ["项目名称", of.plan.title if of.plan is not None else "(评标办法未随附)"],
        ["项目编号", of.plan.tender if of.plan is not None else "—"],
        ["会话", f"{found.session}(规则版本 {state.rules_version})"],
        ["见证会场", f"{PROVINCES.get(here.province, here.province)}({found.venue}),{here_is}"],
        ["见证人员", f"{of.person or '—'}(席位 {found.seat})"],
        ["席位密钥绑定", clock(of.checked.bound_at)],
        ["记录签署", f"{clock(of.checked.signed_at)},共 {len(found.observations)} 条"],
    ]  # fmt: skip
    if state.demonstration:
        rows.append(["性质", "演示会话,不作为见证依据"])
    return rows


def _summary(of: Certificate) -> str:
    counts: Counter[str] = Counter(one.finding for one in of.checked.handover.observations)
    told = "、".join(f"{FINDING_TERMS[name].zh} {counts[name]} 条" for name in FINDING_TERMS)
    seen = [
        group.zh
        for name, group in GROUP_TERMS.items()
        if name != "duty"
        and any(
            _item(of, one).group == name and one.finding != "normal"
            for one in of.checked.handover.observations
        )
    ]
    alerts = f"记有异常或已处置情况的类别:{'、'.join(seen)}。" if seen else "四类提醒均未记有异常。"
    return f"见证人员在本会场就下列事项作了记录:{told}。{alerts}见证记录只陈述所见,不作评判。"


def _duties(of: Certificate) -> Iterator[list[str]]:
    """Each duty of the table, noted or not: what nobody noted is said as such."""
    table = TABLES[of.state.rules_version]
    for item in table.values():
        if item.group != "duty":
            continue
        counts: Counter[str] = Counter(
            one.finding for one in of.checked.handover.observations if one.item == item.code
        )
        figures = [str(counts[name]) for name in FINDING_TERMS] if counts else ["未记录", "—", "—"]
        yield [item.code, item.zh, *figures, item.source]


def _observations(of: Certificate) -> Iterator[Block]:
    if not of.checked.handover.observations:
        yield {"kind": "text", "text": "见证人员未记录任何事项,并以签署确认。"}
        return
    head = ["序号", "时间", "类别", "事项", "结论", "对象", "备注"]
    rows = [[*head, "录像"] if of.recorded else head]
    for one in of.checked.handover.observations:
        item = _item(of, one)
        said = (item.zh, FINDING_TERMS[one.finding].zh, _subject(of, one), _remark(of, one))
        shown = (_recording(of, one),) if of.recorded else ()
        rows.append([str(one.number), clock(one.noted_at), GROUP_TERMS[item.group].zh, *said, *shown])
    widths = ["auto", "1.7", "auto", "1.5", "auto", "1.1", "1.6"]
    yield {
        "kind": "table", "text": "", "rows": rows,
        "widths": [*widths, "1.5"] if of.recorded else widths, "right": [0],
    }  # fmt: skip
    if of.recorded:
        yield {"kind": "text", "text": _RECORDED}


def _recording(of: Certificate, one: Observation) -> str:
    """The segment that was being recorded when it was seen, and how far into it that was (SPEC 31.3).

    The room's camera before that of the seat which it is about, and that before any other.
    """
    at = one.noted_at
    found = [each for each in of.recorded if each.began_at <= at <= each.began_at + each.duration_ms]
    if not found:
        return "—"

    def rank(each: SegmentRecorded) -> tuple[bool, bool, str]:
        name = each.source.removeprefix(f"{each.venue}.")
        return not name.startswith("room"), not (one.subject and name.endswith(f".{one.subject}")), name

    best = min(found, key=rank)
    minutes, seconds = divmod((at - best.began_at) // 1000, 60)
    return f"{best.source} 第 {best.number} 段 {minutes:02}:{seconds:02}"


def _item(of: Certificate, one: Observation) -> Item:
    return TABLES[of.state.rules_version][one.item]


def _subject(of: Certificate, one: Observation) -> str:
    if not one.subject:
        return "—"
    venue = of.state.venues.get(one.subject)
    if venue is not None:
        return PROVINCES.get(venue.province, one.subject)
    seat = of.state.seats.get(one.subject)
    # A seat that is no more here was a member's of a committee that is void.
    if seat is None or seat.role == "expert":
        return f"席位 {one.subject}"
    return f"{term(seat.role, of.state.regime).zh}({PROVINCES.get(of.state.venues[seat.venue].province, seat.venue)})"


def _remark(of: Certificate, one: Observation) -> str:
    told = []
    if one.remark:
        found = of.checked.remarks.get_value(one.remark)
        told.append(WITHHELD if found is None else str(found))
    if one.entry:
        told.append(f"见会话记录第 {one.entry} 条")
    return ";".join(told) or "—"


def _how(of: Certificate) -> str:
    found = of.checked.handover
    return (
        f"本见证书随附移交清单({found.session} 席位 {found.seat})。收到者运行 tongchang witness check 清单文件,"
        "即可在不联网、不取得会话其余内容的情况下核验:各条见证记录的顺序与内容、见证人员席位密钥的签名、"
        "会场系统对该密钥的证明,以及三条记录在会话记录树中的位置;仅需另行核对会话记录的树头与下列所载一致。"
        "依据发改法规〔2022〕355号第十条,见证行为和结果跨省互认。"
    )
