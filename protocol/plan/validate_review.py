"""Does a plan's preliminary review hold together, and is it for whom the law has it? (初步评审的校验).

Owns: the checks of `Plan.review`. Must not know: bids, marks, votes.

Sources: 12号令 22 (the committee reviews), 实施条例 51 (no other grounds); 财政部令第87号 44 (the purchaser
or its agent qualifies), 50.
"""

from collections.abc import Iterator

from protocol.plan.findings import Finding, finding
from protocol.plan.grounds import GROUNDS
from protocol.plan.plan import Plan
from protocol.plan.review import ReviewItem, ReviewPlan
from protocol.plan.shape import suggest


def check_review(plan: Plan, pointer: str) -> Iterator[Finding]:
    """Yield every fault of a plan's review; `pointer` is where `review` stands."""
    if not isinstance(plan.review, ReviewPlan):
        return
    envelopes = sorted({envelope.id for scheme in plan.schemes for envelope in scheme.envelopes})
    grounds = list(GROUNDS[plan.regime])
    seen: set[str] = set()
    for position, item in enumerate(plan.review.items):
        at = f"{pointer}/items/{position}"
        if item.id in seen:
            yield finding(
                "DuplicateId", f"{at}/id", what_zh="评审项目", what_en="item of the review", id=item.id
            )
        seen.add(item.id)
        if item.ground not in grounds:
            yield _unknown("否决情形", "ground", item.ground, grounds, f"{at}/ground")
        if item.envelope and item.envelope not in envelopes:
            yield _unknown("信封", "envelope", item.envelope, envelopes, f"{at}/envelope")
        yield from _reviewer(plan, item, f"{at}/by")


def _reviewer(plan: Plan, item: ReviewItem, pointer: str) -> Iterator[Finding]:
    if plan.regime == "TENDER" and item.by == "desk":
        yield finding(
            "RuleUnfit",
            pointer,
            zh=f"工程招标中“{item.zh}”由评标委员会评审 (12号令 22)",
            en=f"“{item.en or item.zh}” is for the committee in a tender (12号令 22)",
        )
    if plan.regime == "GOV_PROC" and (item.by == "desk") != (item.part == "qualification"):
        yield finding(
            "RuleUnfit",
            pointer,
            zh="政府采购中资格审查由采购人或其代理机构进行,其余由评标委员会评审 (87号令 44、50)",
            en="in a purchase the purchaser or its agent qualifies, all else is for the committee "
            "(87号令 44, 50)",
        )


def _unknown(what_zh: str, what_en: str, given: str, known: list[str], pointer: str) -> Finding:
    return finding("UnknownId", pointer, what_zh=what_zh, what_en=what_en, id=given, **suggest(given, known))
