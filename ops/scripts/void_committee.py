"""评标委员会作废 (87号令 49): what it concluded is kept and counts nowhere; other people evaluate anew."""

from ops.people.course import Course, Voiding
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k, with_committee_anew

SCRIPT = Scripted(
    name="void-committee",
    title_zh="评标委员会作废重组",
    title_en="A void committee, and a new one",
    zh="评标委员会因违规作废,重组后重新评审,原意见留存不用",
    en="a committee void for misconduct; another evaluates anew, the old opinions are kept and void",
    case=fixed_k(),
    course=Course(
        voiding=Voiding(
            reason="misconduct",
            text="个别成员在评审期间私自对外联络,经核实影响公正。",
            sealed=frozenset({"M1", "M2", "M3"}),
        ),
        anew=with_committee_anew(fixed_k()),
    ),
    wanted=Wanted(
        ranking={"": ("b1", "b3", "b4", "b2", "b5")},
        totals={"": {"b1": "92.07", "b3": "91.61", "b4": "91.26", "b2": "91.19", "b5": "85.83"}},
        facts={
            "void.0.reason": "misconduct",
            "void.0.roster": ["M1", "M2", "M3", "M4", "M5"],
            "void.0.stages.0.sealed": ["M1", "M2", "M3"],
            "stages.0.sealed": ["N1", "N2", "N3", "N4", "N5"],
            "stages.0.round": 2,
        },
    ),
)
