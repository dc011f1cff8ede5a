"""以三比二否决一份投标: two members find it does not respond, the vote is close, the dissent stays."""

from ops.people.course import Course, Proposal
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k

SCRIPT = Scripted(
    name="rejection-3-2",
    title_zh="三比二否决一份投标",
    title_en="A bid rejected by three to two",
    zh="以 3:2 表决否决一家投标,少数意见留存",
    en="a bid rejected by three votes to two; the two keep their dissent",
    case=fixed_k(),
    course=Course(
        marks={("M1", "b2", "responsiveness"): "material", ("M4", "b2", "responsiveness"): "material"},
        proposals=(Proposal(seat="M1", bidder="b2", ground="51-6", yes=frozenset({"M1", "M3", "M4"})),),
    ),
    wanted=Wanted(
        ranking={"": ("b1", "b3", "b4", "b5")},
        facts={
            "stages.0.rejected": [["b2", "51-6"]],
            "stages.0.valid": ["b1", "b3", "b4", "b5"],
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
