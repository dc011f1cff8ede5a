"""What a report of an evaluation must contain (评标报告的内容), as data, by regime.

Owns: codes and words of the sections. Must not know: how a report is written or signed.

Sources: 12号令 42 (its ten items, in its order); 财政部令第87号 58.
"""

from collections.abc import Mapping
from typing import Any, Final

from protocol.words import Regime, Term

SECTIONS: Final[dict[Regime, dict[str, Term]]] = {
    "TENDER": {
        "basic_facts": Term("基本情况和数据表", "basic facts and figures"),
        "committee": Term("评标委员会成员名单", "members of the committee"),
        "opening_record": Term("开标记录", "opening record"),
        "conforming_bids": Term("符合要求的投标一览表", "bids that conform"),
        "rejected_bids": Term("否决投标的情况说明", "rejected bids and why"),
        "standards": Term("评标标准、评标方法或者评标因素一览表", "standards, methods and factors"),
        "comparison": Term("经评审的价格或者评分比较一览表", "evaluated prices or points compared"),
        "ranking": Term("经评审的投标人排序", "ranking of the bidders"),
        "candidates": Term(
            "推荐的中标候选人名单与签订合同前要处理的事宜",
            "candidates, and what to settle before the contract",
        ),
        "clarifications": Term("澄清、说明、补正事项纪要", "clarifications, explanations and corrections"),
    },
    "GOV_PROC": {
        "notice": Term("招标公告刊登的媒体名称、开标日期和地点", "where published, day and place of opening"),
        "bidders_and_committee": Term(
            "投标人名单和评标委员会成员名单", "bidders and members of the committee"
        ),
        "standards": Term("评标方法和标准", "methods and standards"),
        "opening_and_review": Term(
            "开标记录和评标情况及说明,包括无效投标人名单及原因", "opening, review, invalid bids and why"
        ),
        "result": Term("评标结果,确定的中标候选人名单", "result and candidates"),
        "other": Term(
            "其他需要说明的情况,包括澄清、评委更换等", "what else: clarifications, members replaced"
        ),
    },
}
"""Regime → code → words. A section with nothing to tell says so (无)."""


def missing_sections(regime: Regime, report: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of sections that a report lacks or leaves empty, in the law's order.

    >>> missing_sections("GOV_PROC", {"sections": {code: "无" for code in SECTIONS["GOV_PROC"]}})
    ()
    >>> missing_sections("GOV_PROC", {"sections": {"notice": ""}})[:2]
    ('notice', 'bidders_and_committee')
    """
    given = report.get("sections")
    found = given if isinstance(given, Mapping) else {}
    return tuple(code for code in SECTIONS[regime] if not found.get(code))
