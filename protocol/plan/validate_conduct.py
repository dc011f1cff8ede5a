"""Is a plan's conduct what its regime allows? (特殊情形处理的校验).

Owns: the checks of `Plan.conduct`. Must not know: sessions.

Source: 财政部令第87号 45 (评标委员会推选评标组长), from memory.
"""

from collections.abc import Iterator

from protocol.plan.conduct import Conduct
from protocol.plan.findings import Finding, finding
from protocol.plan.plan import Plan


def check_conduct(plan: Plan, pointer: str) -> Iterator[Finding]:
    """Yield every fault of a plan's conduct; `pointer` is where `conduct` stands."""
    if not isinstance(plan.conduct, Conduct):
        return
    if plan.regime == "GOV_PROC" and plan.conduct.chair == "named":
        yield finding(
            "RuleUnfit",
            f"{pointer}/chair",
            zh="政府采购的评标组长由评标委员会推选 (87号令 45)",
            en="in a purchase the committee elects its chair (87号令 45)",
        )
    if plan.conduct.chair == "named" and plan.conduct.chair_ballot != "any":
        zh, en = "组长由招标人确定的,没有表决方式", "a chair who is named is not voted for"
        yield finding("RuleUnfit", f"{pointer}/chair_ballot", zh=zh, en=en)
