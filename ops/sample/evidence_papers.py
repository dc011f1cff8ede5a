"""The anonymised evidence of each bid (客观分核验表): what the objective points are given on, and nobody's name.

Owns what it says, as blocks: works by month and amount, posts and certificates, equipment, and whether each
answers the rule. Names of firms, people, works and owners stay in the bid. Drawn up by the agent before the
review (示例), so that experts can give objective points while names are hidden.
"""

from collections.abc import Iterator
from typing import Any, Final

from ops.sample.facts import Facts, Firm

Block = dict[str, Any]
TITLE: Final = "客观分核验表"
SINCE: Final = "2021-11-18"
"""Works completed from this day on count as recent (招标文件,近五年)."""
VALID: Final = "有效"
_MONTH: Final = 7

EQUIPMENT: Final = (
    ("履带挖掘机", "20 t 级", "6", "自有"),
    ("振动打拔桩机", "DZ60", "3", "自有"),
    ("泥水平衡顶管机", "d800", "1", "租赁(已签意向)"),
    ("汽车起重机", "25 t", "2", "自有"),
    ("管道内窥检测机器人", "爬行式", "2", "自有"),
    ("沥青摊铺机与压路机", "成套", "1", "租赁(已签意向)"),
)
"""Name, kind, number and source; every bid of the sample offers the same."""


def blocks(facts: Facts, firm: Firm, code: str) -> Iterator[Block]:
    """Yield the blocks of one bid's table; `code` is its neutral code."""
    yield {"kind": "title", "text": TITLE, "below": f"投标代码 {code}"}
    yield {
        "kind": "paragraph",
        "text": "本表由招标代理机构在评审前根据投标文件整理,隐去投标人、人员、工程与建设单位名称,供评标委员会评定客观分。"
        f"类似工程指合同金额 3500 万元及以上的市政排水管网新建或改造工程;近五年自 {SINCE} 起算,以竣工验收日期为准。"
        "表中只列核验情况,分值由各成员按评标办法独立评定。",
    }
    yield from _works("一、项目负责人业绩(B1)", "以项目负责人身份完成的同类工程", firm.manager_works)
    yield from _works("二、类似业绩(B2)", "投标人完成的类似工程", firm.works)
    yield {"kind": "chapter", "text": "三、团队(B3)"}
    lacking = sum(one[3] != VALID for one in firm.team)
    yield {
        "kind": "table", "text": "主要管理人员与证书", "widths": ["auto", "1.4", "2.6", "2.4", "1.2"],
        "rows": [
            ["序号", "岗位", "职称或证书", "证书状态", "核验"],
            *(
                [str(number), one[0], one[2], one[3], "符合" if one[3] == VALID else "不符合"]
                for number, one in enumerate(firm.team, 1)
            ),
        ],
    }  # fmt: skip
    yield {"kind": "paragraph", "text": f"要求 {len(firm.team)} 岗,不符合 {lacking} 岗。"}
    yield {"kind": "chapter", "text": "四、设备(B4)"}
    yield {
        "kind": "table", "text": "主要施工设备", "widths": ["auto", "2", "1.6", "auto", "1.8", "1.2"],
        "rows": [
            ["序号", "设备名称", "规格型号", "数量", "来源", "核验"],
            *([str(number), *one, "符合"] for number, one in enumerate(EQUIPMENT, 1)),
        ],
    }  # fmt: skip
    yield {"kind": "paragraph", "text": f"要求 {len(EQUIPMENT)} 类,不符合 0 类。"}
    yield {"kind": "signed", "text": "", "rows": [
        ["整理", "招标代理机构(示例)"], ["日期", facts.tender["opened"]],
    ]}  # fmt: skip


def _works(title: str, what: str, works: tuple[tuple[str, ...], ...]) -> Iterator[Block]:
    """A table of works without their names; the last two of each are amount and day of completion."""
    recent = [work[-1] >= SINCE for work in works]
    yield {"kind": "chapter", "text": title}
    yield {
        "kind": "table", "text": what, "widths": ["auto", "2", "1.6", "1.6", "1.6", "1.2"], "right": [2],
        "rows": [
            ["序号", "工程类别", "合同金额(万元)", "竣工年月", "近五年内", "核验"],
            *(
                [
                    str(number), "市政排水管网", work[-2], work[-1][:_MONTH],
                    "是" if counts else "否", "符合" if counts else "不符合",
                ]
                for number, (work, counts) in enumerate(zip(works, recent, strict=True), 1)
            ),
        ],
    }  # fmt: skip
    yield {"kind": "paragraph", "text": f"共列 {len(works)} 项,符合 {sum(recent)} 项。"}
