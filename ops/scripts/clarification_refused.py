"""投标人拒绝澄清: the lowest bidder will not say why its price is so low, and is voted out (12号令 21)."""

from ops.people.course import Course, Proposal, Question
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k

SCRIPT = Scripted(
    name="clarification-refused",
    title_zh="投标人拒绝澄清",
    title_en="A bidder refuses to clarify",
    zh="要求最低价投标人说明报价,其拒绝答复,经表决否决",
    en="the lowest bidder will not explain its price, and is rejected by vote",
    case=fixed_k(),
    course=Course(
        questions=(
            Question(
                seat="M2",
                bidder="b5",
                purpose="low_price",
                text="贵方报价明显低于其他投标报价,请书面说明并提供相关证明材料。",
            ),
        ),
        proposals=(
            Proposal(seat="M2", bidder="b5", ground="51-5-cost", yes=frozenset({"M1", "M2", "M3", "M4"})),
        ),
    ),
    wanted=Wanted(
        ranking={"": ("b1", "b4", "b3", "b2")},
        facts={
            "stages.0.clarifications": [["b5", "low_price", "refused"]],
            "stages.0.rejected": [["b5", "51-5-cost"]],
        },
    ),
)
