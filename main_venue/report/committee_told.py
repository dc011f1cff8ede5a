"""The committee in a report of rules version 3 (评标委员会的组建): who, how drawn, who changed, who was void.

Owns tables and sentences. Every figure is the record's. Source: 12号令 42 (二), 87号令 58; SPEC 15, 17.4.
"""

from collections.abc import Iterator
from typing import Any

from main_venue.report import turn_words as words
from main_venue.report.committee_facts import CommitteeFacts, DrawFacts
from main_venue.report.gathered import Gathered, Member, clock
from main_venue.report.provinces import PROVINCES
from protocol.words import term

Block = dict[str, Any]


def committee(gathered: Gathered) -> Iterator[Block]:
    """Members with speciality, identity and check-in; the chair; the draw; who left and who followed."""
    facts = gathered.committee
    assert facts is not None
    yield {
        "kind": "table", "text": "评标委员会成员名单",
        "rows": [
            ["席位", "姓名", "身份", "专业", "会场", "身份核验", "签到与承诺"],
            *(_member(gathered, facts, one) for one in gathered.members),
        ],
        "widths": ["auto", "1.3", "1.5", "auto", "1.5", "1.3", "1.9"],
    }  # fmt: skip
    yield {"kind": "paragraph", "text": _chair(gathered, facts)}
    if facts.draw is None:
        yield {"kind": "paragraph", "text": "评标委员会名单由外部导入,不经本会话抽取。"}
    else:
        yield from _draw(facts.draw)
    yield from _changes(gathered, facts)
    yield from _void(facts)


def _member(gathered: Gathered, facts: CommitteeFacts, one: Member) -> list[str]:
    steps = facts.identity.get(one.seat, ())
    kinds = {
        "tenderee_rep": term("tenderee_rep", gathered.state.regime).zh, "expert": term("expert").zh, "none": "—",
    }  # fmt: skip
    chair = facts.chair is not None and facts.chair.seat == one.seat
    return [
        one.seat, (one.name or "未披露") + ("(组长)" if chair else ""), kinds[one.kind],
        facts.speciality.get(one.seat, "—"), f"{one.province} {one.venue}",
        "、".join(words.told(words.STEPS, step) for step in steps) or "—", clock(one.checked_in_ms),
    ]  # fmt: skip


def _chair(gathered: Gathered, facts: CommitteeFacts) -> str:
    declared = "成员签到时签署承诺书并声明不存在应当回避的情形。"
    if facts.chair is None:
        return f"{declared}记录中没有组长。"
    one = facts.chair
    if one.named:
        how = f"由{term('tenderee', gathered.state.regime).zh}确定"
    else:
        how = f"由成员推举,得 {one.votes} 票"
    return f"{declared}组长为 {one.seat} 席成员,于 {clock(one.at_ms)} {how};组长与其他成员有同等的表决权。"


def _draw(draw: DrawFacts) -> Iterator[Block]:
    yield {"kind": "section", "text": "评标专家的抽取"}
    yield {
        "kind": "table", "text": "抽取名册",
        "rows": [
            ["省份", "专业", "可抽取人数", "经筛查不列入人数"],
            *(
                [_province(one.province), one.speciality, str(one.eligible), str(one.left)]
                for one in draw.strata
            ),
        ],
        "widths": ["2", "2", "1.2", "1.4"], "right": [2, 3],
    }  # fmt: skip
    yield {"kind": "paragraph", "text": _left_out(draw)}
    yield {
        "kind": "table", "text": "随机数的提交与揭示",
        "rows": [
            ["参与方", "省份", "身份", "提交承诺", "揭示"],
            *(
                [
                    one.party, _province(one.province), "监督部门" if one.role == "supervisor" else "交易中心",
                    clock(one.committed_ms), clock(one.revealed_ms),
                ]
                for one in draw.parties
            ),
        ],
        "widths": ["1.4", "1.2", "auto", "2", "2"],
    }  # fmt: skip
    if draw.withheld:
        who = "、".join(draw.withheld)
        yield {"kind": "paragraph", "text": f"此前一次抽取因 {who} 未揭示随机数而作废,名册重新冻结。"}
    venues = "、".join(draw.sub_venues) or "无"
    yield {
        "kind": "paragraph",
        "text": f"名册于 {clock(draw.frozen_ms)} 冻结,抽取结果于 {clock(draw.published_ms)} 公布。抽得副场:{venues}。"
        "以下名次为各席成员在所属省份、专业抽取次序中的位置;不能到场或者回避的,由同一次序的下一位递补,不另行抽取。",
    }  # fmt: skip
    yield {
        "kind": "table", "text": "抽取结果",
        "rows": [
            ["席位", "省份", "专业", "次序"],
            *([one.seat, _province(one.province), one.speciality, str(one.place)] for one in draw.taken),
        ],
        "widths": ["auto", "2", "2", "1"], "right": [3],
    }  # fmt: skip
    yield {"kind": "digest", "text": "名册根", "value": draw.root}
    yield {"kind": "digest", "text": "抽取种子", "value": draw.seed or "—"}


def _left_out(draw: DrawFacts) -> str:
    if draw.left_out is None:
        return "不列入的理由未披露。"
    if not draw.left_out:
        return "没有人因筛查而不列入。"
    each = "、".join(
        f"{words.told(words.LEFT_OUT, code)} {count} 人" for code, count in draw.left_out.items()
    )
    return f"不列入的理由(每人以首项计):{each}。每人的全部理由在冻结的名册中,可由各省重新筛查。"


def _changes(gathered: Gathered, facts: CommitteeFacts) -> Iterator[Block]:
    if not facts.changes:
        yield {"kind": "paragraph", "text": "评标委员会成员没有更换、回避或者递补的情形。"}
        return
    names = {one.seat: one.name for one in gathered.members}
    yield {
        "kind": "table", "text": "回避、递补与更换",
        "rows": [
            ["时间", "事项", "席位", "继任", "理由"],
            *(
                [
                    clock(one.at_ms), words.told(words.CHANGES, one.kind), one.seat,
                    f"{one.successor} {names.get(one.successor, '')}".strip() or "—",
                    words.told(words.CHANGE_REASONS, one.reason),
                ]
                for one in facts.changes
            ),
        ],
        "widths": ["2", "1.2", "auto", "1.6", "1.8"],
    }  # fmt: skip
    if any(one.kind == "replacement" for one in facts.changes):
        yield {
            "kind": "paragraph",
            "text": "被更换成员作出的评审结论无效,由继任成员重新进行评审;其原有记录保留在会话记录中,不计入结果。",
        }


def _void(facts: CommitteeFacts) -> Iterator[Block]:
    for one in facts.void:
        members = "、".join(f"{seat} {name}".strip() for seat, name in one.members) or "尚未组成"
        why = one.statement if one.statement is not None else "未披露"
        yield {"kind": "section", "text": f"第 {one.number} 个评标委员会作废"}
        yield {
            "kind": "paragraph",
            "text": f"该评标委员会于 {clock(one.at_ms)} 作废,理由:{words.told(words.VOID, one.reason)}。{why}",
        }
        yield {
            "kind": "paragraph",
            "text": f"其成员:{members}。已封存的评分表 {one.sealed} 份,全部评审意见无效,封存备查,不计入结果;"
            "本报告由重新组建的评标委员会作出。",
        }


def _province(code: str) -> str:
    return PROVINCES.get(code, code)
