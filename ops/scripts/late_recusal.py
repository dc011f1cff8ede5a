"""迟到的回避 (条例 48): who recused itself after sealing is replaced, its sheet counts nowhere."""

from ops.people.course import Course, Recusal
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k

SCRIPT = Scripted(
    name="late-recusal",
    title_zh="迟到的回避与更换",
    title_en="A late recusal and a replacement",
    zh="M3 封存评分后声明回避,由候补 M6 接替,其评分作废",
    en="M3 recuses itself after sealing; the reserve M6 sits in, M3's sheet is void",
    case=fixed_k(),
    course=Course(
        recusal=Recusal(
            seat="M3",
            bidder="b4",
            ground="kin",
            text="近亲属现任职于该投标人。",
            sealed=frozenset({"M1", "M2", "M3"}),
        ),
        like={"M6": "M3"},
    ),
    wanted=Wanted(
        ranking={"": ("b1", "b3", "b4", "b2", "b5")},
        totals={"": {"b1": "92.07", "b3": "91.61", "b4": "91.26", "b2": "91.19", "b5": "85.83"}},
        facts={
            "replaced": [["M3", "M6"]],
            "stages.0.sealed": ["M1", "M2", "M4", "M5", "M6"],
        },
    ),
)
