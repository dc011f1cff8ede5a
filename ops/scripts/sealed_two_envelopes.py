"""密封双信封: rules version 4, both envelopes handed in sealed; who falls short keeps its price sealed.

The technical part is opened first and scored blind; the second opening is held in the middle of the
evaluation, by the same custodians, for those who passed: nobody else is asked to release, and no custodian
does.
Sources: DESIGN 6; 条例 44; 20号令 28-31.
"""

from msgspec.structs import replace

from ops.scripts.scripted import Scripted
from ops.scripts.two_envelopes import SCRIPT as OPEN

SCRIPT = Scripted(
    name="sealed-two-envelopes",
    title_zh="密封双信封",
    title_en="Two envelopes, both sealed",
    zh="双信封均密封递交,技术暗标先开先评,未达合格分者的报价信封始终不开",
    en="both envelopes come sealed, the technical one is opened and scored first; who falls short keeps its "
    "price sealed for good",
    case=replace(OPEN.case, rules="4"),
    wanted=replace(
        OPEN.wanted,
        facts={
            "stages.0.passing": ["b1", "b2", "b3", "b4"],
            "stages.1.valid": ["b1", "b2", "b3", "b4"],
        },
    ),
)
