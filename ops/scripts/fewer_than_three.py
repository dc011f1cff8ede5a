"""有效投标不足三个 (12号令 27): three are rejected, and the committee sees competition still."""

from ops.people.course import Course, Proposal
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k

_FOUR = frozenset({"M1", "M2", "M3", "M4"})

SCRIPT = Scripted(
    name="fewer-than-three",
    title_zh="有效投标不足三个",
    title_en="Fewer than three valid bids",
    zh="否决三家后有效投标不足三个,评标委员会表决认为仍有竞争性",
    en="three bids rejected; the committee votes that the two left compete still",
    case=fixed_k(),
    course=Course(
        proposals=(
            *(Proposal(seat="M1", bidder=bidder, ground="51-6", yes=_FOUR) for bidder in ("b2", "b4", "b5")),
            Proposal(seat="M1", bidder="", ground="27", yes=frozenset({"M5"})),
        ),
    ),
    wanted=Wanted(
        ranking={"": ("b1", "b3")},
        facts={
            "stages.0.rejected": [["b2", "51-6"], ["b4", "51-6"], ["b5", "51-6"]],
            "stages.0.valid": ["b1", "b3"],
            "stages.0.votes.0.ground": "27",
            "stages.0.votes.0.result": "kept",
        },
    ),
)
