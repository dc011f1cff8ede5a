"""并列由招标人确定 (条例 53): two bids equal in all that the plan looks at, one candidate to be named."""

from ops.people.course import Course
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k, with_a_tie, with_plan, with_scheme

SCRIPT = Scripted(
    name="tie-decided",
    title_zh="并列由招标人定序",
    title_en="Equal bids, put in order by the tenderee",
    zh="两家完全并列而只推荐一名候选人,由招标人确定次序",
    en="two bids equal in all, one candidate to be named; the tenderee decides",
    case=with_plan(with_scheme(with_a_tie(fixed_k()), ties=()), candidates_max=1),
    course=Course(order=("b3", "b1")),
    wanted=Wanted(
        ranking={"": ("b3", "b1", "b4", "b2", "b5")},
        totals={"": {"b3": "92.31", "b1": "92.31", "b4": "91.51", "b2": "91.43", "b5": "85.72"}},
        facts={"stages.0.tally.rows.0.candidate": True, "stages.0.tally.rows.1.candidate": False},
    ),
)
