"""中断 3 小时 50 分 (丽江): within the four hours of the plan it goes on where it stood."""

from ops.people.course import Course, Suspension
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k

SCRIPT = Scripted(
    name="suspension-3h50",
    title_zh="中断三小时五十分后恢复",
    title_en="Suspended for 3 h 50, then resumed",
    zh="评审中断 3 小时 50 分后恢复,结果不变(真实系统上 1 小时按 9 秒计)",
    en="suspended for 3 h 50, resumed, the same result (over the real stack an hour passes in 9 s)",
    case=fixed_k(),
    hour_ms=9_000,
    course=Course(
        suspension=Suspension(
            by="agent",
            reason="line",
            text="主场对外线路中断,双方值守人员已核实。",
            sealed=frozenset({"M1", "M2"}),
            lasts_ms=(3 * 60 + 50) * 60_000,
        ),
    ),
    wanted=Wanted(
        ranking={"": ("b1", "b3", "b4", "b2", "b5")},
        totals={"": {"b1": "92.07", "b3": "91.61", "b4": "91.26", "b2": "91.19", "b5": "85.83"}},
        facts={
            "suspended": [{"phase": "COMMITTEE_READY", "reason": "line", "resumed": True}],
            "void": [],
            "stages.0.round": 1,
        },
    ),
)
