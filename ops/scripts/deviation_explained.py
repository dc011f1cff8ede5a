"""畸高畸低的书面说明 (87号令 64): points far from the others' are explained by who gave them, and stand."""

from ops.people.course import Course
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k

SCRIPT = Scripted(
    name="deviation-explained",
    title_zh="评分偏差书面说明",
    title_en="A deviation explained in writing",
    zh="M5 对两处偏离的评分作出书面说明,评分不变",
    en="M5 explains in writing two scores that lie far from the others; they stand",
    case=fixed_k(),
    course=Course(
        explanations={
            ("M5", "b1", "A"): "该投标人交通导改与管线保护方案针对性不足,本人按评分标准独立给分。",
            ("M5", "b3", "A"): "该投标人方案完整,分项措施具体,本人按评分标准独立给分。",
        },
    ),
    wanted=Wanted(
        ranking={"": ("b1", "b3", "b4", "b2", "b5")},
        facts={
            "stages.0.explained": [["M5", "b1", "A"], ["M5", "b3", "A"]],
            "stages.0.corrections": [],
        },
    ),
)
