"""抽取评标委员会 (招标投标法 37; 355号 七): nodes and a supervising office draw venues and experts together.

Nobody knows beforehand who and where it is; one who was drawn cannot be reached before anybody knows the
name, another does not come to the door, and each is followed by the next of the same order.
"""

from ops.people.course import Call, Course
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k, with_chair, with_drawing

SCRIPT = Scripted(
    name="drawn-committee",
    title_zh="抽取副场和专家",
    title_en="Venues and experts drawn",
    zh="由各省节点与监督机构共同抽取副场和专家,两人补抽,秘密推选组长",
    en="venues and experts drawn by nodes and a supervising office; two are followed, a secret ballot",
    case=with_chair(with_drawing(fixed_k()), "elected", "secret"),
    course=Course(
        calls=(
            Call(seat="M2", reason="unreachable", phase="DRAWN"),
            Call(seat="M4", reason="no_show", phase="CHECKIN"),
        ),
        chair="M3",
    ),
    wanted=Wanted(
        ranking={"": ("b1", "b3", "b4", "b2", "b5")},
        totals={"": {"b1": "92.07", "b3": "91.61", "b4": "91.26", "b2": "91.19", "b5": "85.83"}},
        facts={"chair": "M3", "replaced": [], "void": []},
    ),
)
