"""作废后重新抽取, 迟到的回避 (87号令 49; 条例 48): whoever follows comes from the same orders of the draw.

The committee is void after it has begun; the next of each order sit instead, with another representative of
the tenderee. One of them recuses itself after sealing, and the next of that order follows.
"""

from ops.people.course import Course, Recusal, Voiding
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k, with_chair, with_drawing

SCRIPT = Scripted(
    name="drawn-again",
    title_zh="作废后按同一顺序再抽",
    title_en="Drawn again in the same order",
    zh="抽取的委员会作废后按同一顺序重新抽取,新成员迟到回避,由下一顺位接替",
    en="a drawn committee is void and drawn again in the same order; a late recusal is followed in it, too",
    case=with_chair(with_drawing(fixed_k()), "elected", "open"),
    course=Course(
        voiding=Voiding(
            reason="unlawful", text="经核查,评标委员会的组成不符合规定。", sealed=frozenset({"M1", "M2"})
        ),
        recusal=Recusal(
            seat="M3-2",
            bidder="b4",
            ground="employer",
            text="近三年内曾在该投标人处任职。",
            sealed=frozenset({"M1-2", "M2-2", "M3-2"}),
        ),
        like={f"M{number}-2": f"M{number}" for number in range(1, 6)} | {"M3-3": "M3"},
        chair="M1",
    ),
    wanted=Wanted(
        ranking={"": ("b1", "b3", "b4", "b2", "b5")},
        totals={"": {"b1": "92.07", "b3": "91.61", "b4": "91.26", "b2": "91.19", "b5": "85.83"}},
        facts={
            "void.0.reason": "unlawful",
            "void.0.roster": ["M1", "M2", "M3", "M4", "M5"],
            "void.0.stages.0.sealed": ["M1", "M2"],
            "replaced": [["M3-2", "M3-3"]],
            "stages.0.sealed": ["M1-2", "M2-2", "M3-3", "M4-2", "M5-2"],
            "stages.0.round": 2,
        },
    ),
)
