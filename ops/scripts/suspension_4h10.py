"""中断 4 小时 10 分 (丽江): over the plan's four hours nobody may resume; a new committee begins anew."""

from ops.people.course import Course, Suspension
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k, with_committee_anew

SCRIPT = Scripted(
    name="suspension-4h10",
    title_zh="中断超过四小时",
    title_en="Suspended for more than four hours",
    zh="评审中断 4 小时 10 分,不得恢复,重组评标委员会重新评审(真实系统上 1 小时按 9 秒计)",
    en="suspended for 4 h 10; a new committee begins anew (over the real stack an hour passes in 9 s)",
    case=fixed_k(),
    hour_ms=9_000,
    course=Course(
        suspension=Suspension(
            by="supervisor-hefei",
            reason="line",
            text="主场对外线路中断,双方值守人员已核实。",
            sealed=frozenset({"M1", "M2"}),
            lasts_ms=(4 * 60 + 10) * 60_000,
        ),
        anew=with_committee_anew(fixed_k()),
    ),
    wanted=Wanted(
        ranking={"": ("b1", "b3", "b4", "b2", "b5")},
        totals={"": {"b1": "92.07", "b3": "91.61", "b4": "91.26", "b2": "91.19", "b5": "85.83"}},
        facts={
            "suspended": [{"phase": "COMMITTEE_READY", "reason": "line", "resumed": False}],
            "void.0.reason": "suspended_too_long",
            "void.0.roster": ["M1", "M2", "M3", "M4", "M5"],
            "stages.0.sealed": ["N1", "N2", "N3", "N4", "N5"],
            "stages.0.round": 2,
        },
    ),
)
