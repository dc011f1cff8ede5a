"""复核更正 (87号令 64): the committee finds a score abnormally low, who gave it corrects it."""

from ops.people.course import Course, Recheck
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k

SCRIPT = Scripted(
    name="recheck",
    title_zh="复核更正畸高分",
    title_en="A recheck corrects an abnormal score",
    zh="复核:过半数成员认定 M5 一项评分畸低,由 M5 本人更正后重新汇总",
    en="a recheck: most members find a score of M5 abnormally low; M5 corrects it, and all is added up anew",
    case=fixed_k(),
    course=Course(
        recheck=Recheck(
            by="M2",
            finders=frozenset({"M1", "M2", "M3"}),
            seat="M5",
            bidder="b1",
            criterion="A5",
            points_centi=650,
        ),
    ),
    wanted=Wanted(
        ranking={"": ("b1", "b3", "b4", "b2", "b5")},
        totals={"": {"b1": "92.07", "b3": "91.61", "b4": "91.26", "b2": "91.19", "b5": "85.83"}},
        facts={
            "stages.0.rechecks": 1,
            "stages.0.abnormal": [["M5", "b1", "A5"]],
            "stages.0.corrections": [
                {"ground": "abnormal", "scores": {"b1": {"A5": 650}}, "seat": "M5"},
            ],
        },
    ),
)
