"""秘密表决: the plan has the chair elected openly (12号令 9), and rejections voted on in secret.

Everybody seals a vote first; what it was is shown when all are in, and then every vote is opened.
"""

from ops.people.course import Course, Proposal
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k, with_chair, with_secret_votes

SCRIPT = Scripted(
    name="secret-votes",
    title_zh="秘密表决",
    title_en="Secret votes",
    zh="评标办法规定公开推选组长、秘密表决否决;以 3:2 否决一家投标",
    en="by the plan the chair is elected openly, rejections are voted on in secret; one by three to two",
    case=with_chair(with_secret_votes(fixed_k()), "elected", "open"),
    course=Course(
        chair="M2",
        marks={("M1", "b2", "responsiveness"): "material", ("M4", "b2", "responsiveness"): "material"},
        proposals=(Proposal(seat="M1", bidder="b2", ground="51-6", yes=frozenset({"M1", "M3", "M4"})),),
    ),
    wanted=Wanted(
        ranking={"": ("b1", "b3", "b4", "b5")},
        facts={
            "chair": "M2",
            "stages.0.rejected": [["b2", "51-6"]],
            "stages.0.votes": [
                {
                    "ballots": {"M1": "yes", "M2": "no", "M3": "yes", "M4": "yes", "M5": "no"},
                    "bidder": "b2",
                    "ground": "51-6",
                    "result": "rejected",
                }
            ],
        },
    ),
)
