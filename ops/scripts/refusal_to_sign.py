"""拒绝签字 (条例 53): M4 gives its reasons and dissents, M5 gives none and is deemed to agree."""

from ops.people.course import Course
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k

SCRIPT = Scripted(
    name="refusal-to-sign",
    title_zh="拒绝签字与不同意见",
    title_en="A refusal to sign, and a dissent",
    zh="M4 书面说明不同意见,M5 拒签且不说明理由视为同意",
    en="M4 dissents in writing; M5 refuses to sign, gives no reasons and is deemed to agree",
    case=fixed_k(),
    course=Course(signing={"M4": "dissent", "M5": "refuse"}),
    wanted=Wanted(
        ranking={"": ("b1", "b3", "b4", "b2", "b5")},
        facts={"dissents": ["M4"], "refused": ["M5"], "deemed": ["M5"]},
    ),
)
