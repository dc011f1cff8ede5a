"""招标人确定组长 (12号令 9): the plan has the tenderee name the chair; no ballot is held."""

from ops.people.course import Course
from ops.scripts.scripted import Scripted, Wanted
from ops.scripts.tenders import fixed_k, with_chair

SCRIPT = Scripted(
    name="chair-named",
    title_zh="招标人确定组长",
    title_en="A chair named by the tenderee",
    zh="评标办法规定组长由招标人确定",
    en="by the plan the tenderee names the chair",
    case=with_chair(fixed_k(), "named"),
    course=Course(chair="M4"),
    wanted=Wanted(ranking={"": ("b1", "b3", "b4", "b2", "b5")}, facts={"chair": "M4"}),
)
